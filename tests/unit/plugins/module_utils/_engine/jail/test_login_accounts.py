# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts of jails. The programs that would change this host are recorded; tests/hosts runs them."""

from __future__ import annotations

import grp
import pwd
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import AccountTaken, OperationFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.login_accounts import (
    MARK,
    AccountsRequest,
    Host,
    JailAccount,
    keep_accounts,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.changes import Change

HASH = "$6$salt$canary"
HOME, SHELL = "/srv/jail/partner", "/usr/sbin/nologin"
PARTNER = JailAccount("partner", HOME)


class Accounts:
    """The accounts of a host that is not there; `ran` has the programs and their standard input."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, directory: Path) -> None:
        self.users: dict[str, Any] = {}
        self.groups: list[Any] = []
        self.ran: list[tuple[tuple[str, ...], str | None]] = []
        self.changes: tuple[Change, ...] = ()
        self.shadow = directory / "shadow"
        self.shadow.write_text("")
        monkeypatch.setattr(pwd, "getpwnam", lambda name: self.users[name])
        monkeypatch.setattr(grp, "getgrnam", lambda name: {each.gr_name: each for each in self.groups}[name])
        monkeypatch.setattr(grp, "getgrall", lambda: self.groups)

    def add(self, password: str = "*", *, shell: str = SHELL, mark: str = MARK, further: bool = False) -> None:
        self.users["partner"] = SimpleNamespace(
            pw_name="partner", pw_uid=1001, pw_gid=1001, pw_gecos=mark, pw_dir=HOME, pw_shell=shell
        )
        self.groups = [SimpleNamespace(gr_name="partner", gr_gid=1001, gr_mem=[])]
        if further:
            self.groups.append(SimpleNamespace(gr_name="sudo", gr_gid=27, gr_mem=["partner"]))
        self.shadow.write_text(f"root:!:1::::::\npartner:{password}:20000::::::\n")

    def keep(self, *accounts: JailAccount, check_mode: bool = False) -> list[str]:
        """Return the items that were changed."""

        def run(*words: str, stdin: str | None = None) -> None:
            self.ran.append((words, stdin))

        request = AccountsRequest(accounts or (PARTNER,), SHELL, check_mode)
        self.changes = keep_accounts(request, Host(str(self.shadow), run)).changes
        return [each.path for each in self.changes]

    @property
    def programs(self) -> list[str]:
        return [words[0] for words, _told in self.ran]


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Accounts:
    return Accounts(monkeypatch, tmp_path)


def test_an_account_is_made_without_a_password(host: Accounts) -> None:
    assert host.keep() == ["account partner"]
    ((words, _told),) = host.ran
    assert words[0] == "useradd"
    assert words[words.index("--password") + 1] == "*"
    assert {"--no-create-home", "--user-group"} <= set(words)


def test_an_account_that_is_as_wanted_is_left_alone(host: Accounts) -> None:
    host.add()
    assert (host.keep(), host.ran) == ([], [])


@pytest.mark.parametrize("drift", [{"shell": "/bin/sh"}, {"further": True}, {"mark": "other"}])
def test_drift_is_corrected(host: Accounts, drift: dict[str, Any]) -> None:
    host.add(**drift)
    assert host.keep(check_mode=True) == ["account partner"]
    assert host.ran == []
    assert host.keep() == ["account partner"]
    assert host.programs == ["usermod"]
    assert host.ran[0][0][-3:] == ("--groups", "", "partner")


@pytest.mark.parametrize(
    ("present", "wanted", "keeps", "changes"),
    [
        (HASH, "*", False, True),
        (HASH, "*", True, False),
        ("*", HASH, False, True),
        (HASH, HASH, False, False),
        ("!" + HASH, HASH, False, False),
        ("!*", "*", False, False),
    ],
)
def test_passwords(host: Accounts, present: str, wanted: str, *, keeps: bool, changes: bool) -> None:
    host.add(present)
    reported = host.keep(JailAccount("partner", HOME, wanted, keeps))
    assert reported == (["password of partner"] if changes else [])
    assert host.ran == ([(("chpasswd", "-e"), f"partner:{wanted}\n")] if changes else [])


@pytest.mark.parametrize(("wanted", "shown"), [("*", "none"), (HASH, "the password of the options")])
def test_a_password_is_shown_by_its_source(host: Accounts, wanted: str, shown: str) -> None:
    host.add("$6$salt$old")
    host.keep(JailAccount("partner", HOME, wanted))
    assert [each[1:] for each in host.changes] == [("another", shown)]


def test_a_hash_is_in_no_argument_and_in_no_report(host: Accounts) -> None:
    account = JailAccount("partner", HOME, HASH)
    host.keep(account)
    assert [HASH in " ".join(words) for words, _told in host.ran] == [False, False]
    host.add("*")
    changes = keep_accounts(AccountsRequest([account], SHELL, check_mode=True), Host(str(host.shadow))).changes
    assert HASH not in str(changes)


def test_an_account_of_others_is_refused_before_any_change(host: Accounts) -> None:
    host.add(mark="somebody")
    with pytest.raises(AccountTaken):
        host.keep(JailAccount("new", "/srv/jail/new"), JailAccount("partner", "/srv/jail/other"))
    assert host.ran == []


def test_a_shadow_file_that_cannot_be_read_is_an_error(host: Accounts) -> None:
    host.add()
    host.shadow.unlink()
    with pytest.raises(OperationFailed, match="No such file"):
        host.keep()
