# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that encrypt, with answers in their place: real programs run in tests/hosts/test_at_rest.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    OperationFailed,
    PassphraseWrong,
    Refused,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.program import Completed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.vaults import backends
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.vaults.backends import (
    BACKENDS,
    FSCRYPT,
    GOCRYPTFS,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.vaults.request import Vault


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    (tmp_path / "cipher").mkdir()
    return Vault("jails", str(tmp_path), "/srv/jail")


def answers(monkeypatch: pytest.MonkeyPatch, said: Completed) -> list[tuple[Any, ...]]:
    asked: list[tuple[Any, ...]] = []

    def ask(*words: str, stdin: str | None = None) -> Completed:
        asked.append((*words, stdin))
        return said

    monkeypatch.setattr(backends, "ask_program", ask)
    monkeypatch.setattr(backends, "run_program", ask)
    return asked


def test_gocryptfs_is_made_once(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(monkeypatch, Completed(0, "", ""))
    backend = BACKENDS[GOCRYPTFS]
    assert not backend.made(vault)
    backend.make(vault, "secret")
    assert asked == [("gocryptfs", "-init", "-q", vault.cipher, "secret")], "on standard input"
    Path(vault.cipher, "gocryptfs.conf").touch()
    assert backend.made(vault)


@pytest.mark.parametrize(
    ("name", "said", "error"),
    [
        (GOCRYPTFS, Completed(12, "", "Password incorrect."), PassphraseWrong),
        (GOCRYPTFS, Completed(10, "", "no mount point"), OperationFailed),
        (FSCRYPT, Completed(1, "", "[ERROR] fscrypt unlock: incorrect key provided"), PassphraseWrong),
        (FSCRYPT, Completed(1, "", "no such device"), OperationFailed),
    ],
)
def test_a_passphrase_that_does_not_open(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, name: str, said: Completed, error: type[Exception]
) -> None:
    asked = answers(monkeypatch, said)
    with pytest.raises(error):
        BACKENDS[name].check(vault, "secret")
    assert all("secret" not in words[:-1] for words in asked)


def test_fscrypt_locks_a_vault_that_it_opened_for_a_test(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(monkeypatch, Completed(0, "", ""))
    BACKENDS[FSCRYPT].check(vault, "secret")
    assert [words[:2] for words in asked] == [("fscrypt", "unlock"), ("fscrypt", "lock")]
    monkeypatch.setattr(backends.os.path, "ismount", lambda _path: True)
    with pytest.raises(Refused, match="cannot be tested while the vault jails is unlocked"):
        BACKENDS[FSCRYPT].check(vault, "secret")
    assert asked[2:] == []


@pytest.mark.parametrize("ready", [False, True])
def test_fscrypt_sets_the_host_and_the_file_system_up_once(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, ready: bool
) -> None:
    asked = answers(monkeypatch, Completed(0, "", ""))
    monkeypatch.setattr(backends, "_mount_point_of", lambda _path: str(tmp_path))
    monkeypatch.setattr(backends.os.path, "exists", lambda path: ready and path == "/etc/fscrypt.conf")
    if ready:
        (tmp_path / ".fscrypt").mkdir()
    BACKENDS[FSCRYPT].make(vault, "secret")
    set_up = [
        ("fscrypt", "setup", "--quiet", None),
        ("fscrypt", "setup", "--quiet", "--all-users", str(tmp_path), None),
    ]
    assert asked[:-2] == ([] if ready else set_up)
    assert [(words[1], words[-2:]) for words in asked[-2:]] == [
        ("encrypt", (vault.cipher, "secret")),
        ("lock", (vault.cipher, None)),
    ]


@pytest.mark.parametrize("status", [0, 1])
def test_fscrypt_knows_whether_a_directory_is_encrypted(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    asked = answers(monkeypatch, Completed(status, "", ""))
    assert BACKENDS[FSCRYPT].made(vault) is (status == 0)
    assert asked == [("fscrypt", "status", vault.cipher, None)]


def test_the_mount_point_of_a_path() -> None:
    assert (backends._mount_point_of("/proc/self/fd"), backends._mount_point_of("/nowhere/deep")) == ("/proc", "/")
