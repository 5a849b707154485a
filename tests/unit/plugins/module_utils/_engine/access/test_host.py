# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files and functions of a host: files are real, below a directory of this test."""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access import host as subject
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.access.host import (
    Access,
    Host,
    content_of,
    edited,
    only_run,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import Locked, UnsafePath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys.key_lines import (
    public_key,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.rotation.server_keys.revocation import (
    Revocation,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import Change
from support.servers.ssh_keys import key

CHANGE = Change("the list", "a place", "no place")
KEYS = (public_key(key("lost").public),)


@pytest.fixture
def host(tmp_path: Path) -> Host:
    (tmp_path / "etc").mkdir(mode=0o755)
    return Host(root=(os.getuid(), os.getgid()), start=str(tmp_path), patience=0.0)


def access(**more: bool) -> Access:
    return Access("partner", records="/etc/closed", **more)


def test_accounts_of_this_machine() -> None:
    assert Host().user_of("root") == 0
    assert Host().user_of("no-such-account") is None
    assert Host().sharing(0) == [each.pw_name for each in pwd.getpwall() if each.pw_uid == 0]
    assert Host().above()[0] == os.getuid()


def test_the_content_of_a_file(host: Host, tmp_path: Path) -> None:
    assert content_of("/etc/list", host) == content_of("/missing/list", host) == b""
    (tmp_path / "etc/list").write_bytes(b"x")
    assert content_of("/etc/list", host) == b"x"
    (tmp_path / "etc").chmod(0o777)
    with pytest.raises(UnsafePath):
        content_of("/etc/list", host)


def test_an_edit(host: Host, tmp_path: Path) -> None:
    file = tmp_path / "etc/list"
    assert edited("/etc/list", 0o600, lambda old: old, CHANGE, host, check_mode=False) == []
    assert edited("/etc/list", 0o600, lambda old: old + b"x", CHANGE, host, check_mode=True) == [CHANGE]
    assert not file.exists()
    assert edited("/etc/list", 0o600, lambda old: old + b"x", CHANGE, host, check_mode=False) == [CHANGE]
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"x", 0o600)


def test_one_run_at_a_time(host: Host, tmp_path: Path) -> None:
    second = pytest.raises(Locked, match="account: another run closes or opens partner")
    with only_run(access(), host), second, only_run(access(), host):
        pass
    with only_run(access(), host):
        pass


def test_check_mode_needs_no_lock_and_leaves_no_file(host: Host, tmp_path: Path) -> None:
    with only_run(access(check_mode=True), host):
        assert list((tmp_path / "etc").iterdir()) == []
    with only_run(access(), host), only_run(access(check_mode=True), host):
        pass


@pytest.mark.parametrize("check_mode", [False, True])
def test_keys_are_revoked(host: Host, monkeypatch: pytest.MonkeyPatch, *, check_mode: bool) -> None:
    requests: list[Revocation] = []
    ended = [SimpleNamespace(user=name) for name in ("partner", "other", "other")]

    def revoke(asked: Revocation) -> SimpleNamespace:
        requests.append(asked)
        return SimpleNamespace(changes=(CHANGE,), ended=ended)

    monkeypatch.setattr(subject, "revoke", revoke)
    asked = access(check_mode=check_mode)._replace(revoked_keys="/etc/revoked")
    assert host.revoke(asked, KEYS) == ((CHANGE,), 2), "sessions of the account itself are counted elsewhere"
    assert requests == [Revocation("/etc/revoked", KEYS, "partner", check_mode=check_mode)]
