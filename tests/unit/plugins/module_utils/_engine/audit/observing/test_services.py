# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.observing import accounts
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    OperationFailed,
    SshdMissing,
    SyncError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.views import View

VIEW = View((), {"authorizedkeysfile": (".ssh/keys %h/second",)})


def entry(name: str, uid: int, home: Path, shell: str = "/usr/sbin/nologin") -> pwd.struct_passwd:
    return pwd.struct_passwd((name, "x", uid, uid, "", str(home), shell))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A host with two accounts that `logins` has, and three services, which have no keys and no password."""
    people = [entry("root", 0, tmp_path, "/bin/sh"), entry("owner", 1000, tmp_path)]
    local = [*people, *(entry(name, uid, tmp_path / name) for uid, name in enumerate(("daemon", "backup", "www"), 100))]
    for each in local[2:]:
        Path(each.pw_dir, ".ssh").mkdir(parents=True)
    monkeypatch.setattr(pwd, "getpwall", lambda: local)
    monkeypatch.setattr(accounts, "for_each_client", lambda _name, _address: [VIEW])
    passwords(monkeypatch, {})
    return tmp_path


def passwords(monkeypatch: pytest.MonkeyPatch, kinds: dict[str, str]) -> None:
    def found(asked: Any) -> list[dict[str, str]]:
        return [{"account": name, "kind": kinds.get(name, "locked")} for name, _entry in asked]

    monkeypatch.setattr(accounts, "passwords", found)


def test_services_cannot_log_in(home: Path) -> None:
    (home / "backup/.ssh/keys").touch()
    assert accounts.services_with_logins("192.0.2.1") == []


@pytest.mark.parametrize("file", [".ssh/keys", "second"])
def test_keys_let_a_service_in(home: Path, file: str) -> None:
    (home / "backup" / file).write_text("a key")
    assert accounts.services_with_logins("192.0.2.1") == ["backup"]


def test_keys_on_another_port_let_a_service_in(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    views = [View((22,), {"authorizedkeysfile": ("none",)}), View((2222,), {"authorizedkeysfile": ("%h/second",)})]
    monkeypatch.setattr(accounts, "for_each_client", lambda _name, _address: views)
    (home / "backup/.ssh/keys").write_text("a key")
    (home / "www/second").write_text("a key")
    assert accounts.services_with_logins("192.0.2.1") == ["www"]


def test_passwords_let_services_in(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    passwords(monkeypatch, {"www": "y", "daemon": "empty", "owner": "y"})
    assert accounts.services_with_logins("192.0.2.1") == ["daemon", "www"]


def test_keys_that_cannot_be_read_count(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(home / "www/second")
    assert accounts.services_with_logins("192.0.2.1") == ["www"]

    def refused(_path: str) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(os, "stat", refused)
        assert accounts.services_with_logins("192.0.2.1") == ["daemon", "backup", "www"]


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (SshdMissing("sshd is missing"), ["www"]),
        (OperationFailed("sshd: timed out"), ["daemon", "backup", "www"]),
    ],
)
def test_an_account_counts_unless_there_is_no_sshd(
    home: Path, monkeypatch: pytest.MonkeyPatch, error: SyncError, found: list[str]
) -> None:
    """Without sshd only passwords count. An account that sshd does not answer for is observed, and has a reason."""

    def fail(_name: str, _address: str) -> None:
        raise error

    (home / "backup/.ssh/keys").write_text("a key")
    monkeypatch.setattr(accounts, "for_each_client", fail)
    passwords(monkeypatch, {"www": "6"})
    assert accounts.services_with_logins("192.0.2.1") == found
