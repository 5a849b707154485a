# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The account of a jail; the accounts of this machine are foreign."""

from __future__ import annotations

import grp
import pwd

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import AccountTaken
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail import login_accounts
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.login_accounts import (
    MARK,
    jail_account,
    jailed_below,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.accounts import Owner

HOME = "/srv/jail/a"


def host(monkeypatch: pytest.MonkeyPatch, *, user: pwd.struct_passwd | None, group: int | None) -> None:
    """Stands for a host with this account and group `a`: the machine's own are not the test's to change."""
    found = None if group is None else grp.struct_group(("a", "x", group, []))
    monkeypatch.setattr(login_accounts, "account_named", lambda _name: user)
    monkeypatch.setattr(login_accounts, "group_named", lambda _name: found)


def entry(uid: int, gid: int, gecos: str, home: str) -> pwd.struct_passwd:
    return pwd.struct_passwd(("a", "x", uid, gid, gecos, home, "/usr/sbin/nologin"))


@pytest.mark.parametrize("name", ["root", "daemon", "nobody"])
def test_accounts_of_the_system_are_taken(name: str) -> None:
    with pytest.raises(AccountTaken, match=f"account {name} exists already"):
        jail_account(name, HOME)


def test_the_accounts_of_jails_below_a_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    there = [
        pwd.struct_passwd((name, "x", uid, 1, gecos, home, ""))
        for name, uid, gecos, home in [
            ("b", 1001, MARK, "/srv/jail/b"),
            ("a", 1002, MARK, "/srv/jail/a"),
            ("root2", 0, MARK, "/srv/jail/root2"),
            ("person", 1003, "A person", "/srv/jail/person"),
            ("elsewhere", 1004, MARK, "/srv/other/elsewhere"),
            ("deeper", 1005, MARK, "/srv/jail/x/deeper"),
        ]
    ]
    monkeypatch.setattr(pwd, "getpwall", lambda: there)
    assert jailed_below("/srv/jail") == ["a", "b"]


def test_a_group_is_never_taken_over() -> None:
    with pytest.raises(AccountTaken, match="a group sudo exists already"):
        jail_account("sudo", HOME)


def test_an_account_that_is_not_there_yet() -> None:
    assert jail_account("no-such-account", HOME) is None


@pytest.mark.parametrize(("gecos", "home"), [(MARK, "/moved"), ("changed", HOME), (MARK, HOME)])
def test_an_account_of_ours(monkeypatch: pytest.MonkeyPatch, gecos: str, home: str) -> None:
    host(monkeypatch, user=entry(1001, 1002, gecos, home), group=1002)
    assert jail_account("a", HOME) == Owner(1001, 1002)


@pytest.mark.parametrize(
    ("user", "group", "why"),
    [
        (entry(0, 1002, MARK, HOME), 1002, "not a jail's"),
        (entry(1001, 1002, "somebody", "/home/a"), 1002, "not a jail's"),
        (entry(1001, 27, MARK, HOME), 1002, "not its own"),
        (entry(1001, 0, MARK, HOME), 0, "not its own"),
        (entry(1001, 1002, MARK, HOME), None, "not its own"),
    ],
)
def test_accounts_of_others(
    monkeypatch: pytest.MonkeyPatch, user: pwd.struct_passwd, group: int | None, why: str
) -> None:
    host(monkeypatch, user=user, group=group)
    with pytest.raises(AccountTaken, match=why):
        jail_account("a", HOME)
