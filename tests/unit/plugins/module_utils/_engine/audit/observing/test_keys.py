# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing import sshd_view
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing.observed import (
    Unobservable,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.views import View
from support.servers import ssh_keys


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "authorized_keys"
    effective = {"authorizedkeysfile": (str(path),), "hostkey": (str(path), "/nowhere/key")}
    monkeypatch.setattr(sshd_view, "for_login", lambda _name, _address: effective)
    monkeypatch.setattr(sshd_view, "for_each_client", lambda _name, _address: [View((), effective)])
    monkeypatch.setattr(sshd_view, "authorized_key_files", lambda _login, settings: settings["authorizedkeysfile"])
    return path


def test_types_lengths_and_fingerprints(file: Path) -> None:
    key = ssh_keys.key("observed")
    file.write_text(f'# keys\nfrom="192.0.2.7",restrict {key.public} a comment (RSA)\n\n{key.public}\n')
    found = sshd_view.authorized_keys([("partner", None)], "192.0.2.1")
    assert [(each["account"], each["type"], each["bits"]) for each in found] == [("partner", "ED25519", 256)] * 2
    assert found[0]["fingerprint"].startswith("SHA256:")
    assert sshd_view.host_keys("192.0.2.1")[0] == {"path": str(file), "type": "ED25519", "bits": 256}


def test_keys_of_each_port(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = file.with_name("other")
    views = [View((22,), {"authorizedkeysfile": (str(path),)}) for path in (file, file, other)]
    monkeypatch.setattr(sshd_view, "for_each_client", lambda _name, _address: views)
    for path in (file, other):
        path.write_text(ssh_keys.key(path.name).public)
    assert [each["path"] for each in sshd_view.authorized_keys([("partner", None)], "192.0.2.1")] == [
        str(file),
        str(other),
    ]


@pytest.mark.parametrize("text", ["", "# nothing\n\n"])
def test_files_without_keys(file: Path, text: str) -> None:
    file.write_text(text)
    assert sshd_view.authorized_keys([("partner", None)], "192.0.2.1") == []


def test_a_directory_that_cannot_be_entered_is_no_missing_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may not enter a home on NFS."""

    def refused(_path: str, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(os, "stat", refused)
        with pytest.raises(PermissionError):
            sshd_view.authorized_keys([("partner", None)], "192.0.2.1")


def test_a_file_that_cannot_be_read_is_no_empty_file(file: Path) -> None:
    file.write_text("ssh-ed25519 nonsense\n")
    with pytest.raises(Unobservable, match="cannot read"):
        sshd_view.authorized_keys([("partner", None)], "192.0.2.1")


def test_a_comment_that_makes_ssh_keygen_read_one_key_hides_none(file: Path) -> None:
    first, second = ssh_keys.key("observed"), ssh_keys.key("hidden", "rsa-1024")
    file.write_text(f"{first.public} my PRIVATE KEY\n{second.public}\n")
    found = sshd_view.authorized_keys([("partner", None)], "192.0.2.1")
    assert [(each["type"], each["bits"]) for each in found] == [("ED25519", 256), ("RSA", 1024)]


def test_each_line_must_be_listed(file: Path) -> None:
    file.write_text(f"{ssh_keys.key('observed').public}\nssh-new AAAA\n")
    with pytest.raises(Unobservable, match="reads 1 of 2 lines"):
        sshd_view.authorized_keys([("partner", None)], "192.0.2.1")


def test_a_file_without_an_end_is_not_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sshd_view, "_LARGEST", 100)
    file.write_text("#" * 101)
    with pytest.raises(Unobservable, match="more than 100 bytes"):
        sshd_view.authorized_keys([("partner", None)], "192.0.2.1")


def test_a_pipe_in_place_of_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(file)
    monkeypatch.setattr(sshd_view, "_size", lambda _path: 1)  # of the file that the pipe has just replaced
    with pytest.raises(Unobservable, match="not a regular file"):
        sshd_view.authorized_keys([("partner", None)], "192.0.2.1")
