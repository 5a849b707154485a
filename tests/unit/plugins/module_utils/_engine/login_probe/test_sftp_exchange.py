# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account is tried at a scripted SFTP server. A real sshd: integration/test_sftp_probe.py."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ItemError,
    NotFound,
    ProofFailed,
    SyncError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.login_probe.sftp_exchange import (
    try_account,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshAccount,
    SshTrust,
)
from support.scripted.stand_in_ssh import stand_in_ssh
from support.servers import ssh_keys

KEY = ssh_keys.key("unit")
ACCOUNT = SshAccount(
    Endpoint("sftp", "localhost", ssh_client="openssh", ssh_config_file="none"),
    Credentials(ssh_agent=False),
    SshTrust(host_keys=(KEY.public,)),
)


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    (tmp_path / "files/there").write_bytes(b"")
    return tmp_path / "files"


def serve(monkeypatch: pytest.MonkeyPatch, files: Path, *behaviours: str) -> None:
    monkeypatch.setenv("PATH", stand_in_ssh(files.parent / "bin", files, KEY, *behaviours))


@pytest.mark.parametrize("directory", [None, b"."])
def test_an_account(monkeypatch: pytest.MonkeyPatch, files: Path, directory: bytes | None) -> None:
    serve(monkeypatch, files)
    assert try_account(ACCOUNT, directory).host_key_fingerprint == KEY.fingerprint
    assert [path.name for path in files.iterdir()] == ["there"]


@pytest.mark.parametrize("behaviour", ["refuses_writes", "damages_writes", "lying_read"])
def test_without_a_directory_no_file_is_stored(monkeypatch: pytest.MonkeyPatch, files: Path, behaviour: str) -> None:
    serve(monkeypatch, files, behaviour)
    assert try_account(ACCOUNT).host_key_fingerprint == KEY.fingerprint
    assert [path.name for path in files.iterdir()] == ["there"]


@pytest.mark.parametrize(
    ("behaviours", "kind", "words"),
    [
        (["refuses_writes"], ItemError, "."),
        (["damages_writes"], ProofFailed, "the bytes read back differ from the bytes sent"),
        (["lying_read"], ProofFailed, "the bytes read back differ from the bytes sent"),
        (["hidden_names=.probe-"], ProofFailed, "the listing lacks the stored file"),
    ],
)
def test_a_server_that_fails_is_left_without_the_file(
    monkeypatch: pytest.MonkeyPatch, files: Path, behaviours: list[str], kind: type[SyncError], words: str
) -> None:
    serve(monkeypatch, files, *behaviours)
    with pytest.raises(kind, match=words):
        try_account(ACCOUNT, b".")
    assert [path.name for path in files.iterdir()] == ["there"]


def test_a_directory_that_is_not_there(monkeypatch: pytest.MonkeyPatch, files: Path) -> None:
    serve(monkeypatch, files)
    with pytest.raises(NotFound, match="the directory does not exist") as caught:
        try_account(ACCOUNT, b"none")
    assert caught.value.path == b"none"


def test_a_directory_that_cannot_be_listed(monkeypatch: pytest.MonkeyPatch, files: Path) -> None:
    serve(monkeypatch, files, "cut_listing=1")
    with pytest.raises(SyncError):
        try_account(ACCOUNT)
