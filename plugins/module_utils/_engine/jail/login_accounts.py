# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make and correct the accounts of jails: home, shell, no further groups, and a password or none.

Accounts of jails are distinguished from other accounts by their comment, their home and their group; another account
is refused. Passwords come as hashes, and never in argv.
"""

from __future__ import annotations

import grp
import os
import pwd
from typing import Callable, List, NamedTuple, Optional, Sequence

from ..errors import AccountTaken
from ..system.accounts import Owner, account_named, group_named
from ..system.changes import ChangeReport, Changes
from ..system.entries import MISSING
from ..system.login_state import login_state, set_password
from ..system.program import run_program

# Matches no password. Unlike !, it does not lock the account for keys.
NO_PASSWORD = "*"  # noqa: S105  # it is none
_LOCK = "!"
MARK = "Jail of secure.ftp_synchronize"  # GECOS field: the purpose of the account, and its manager


class JailAccount(NamedTuple):
    """A requested account. keeps_password: whether an account that exists keeps the password that it has"""

    name: str
    home: str
    password: str = NO_PASSWORD
    keeps_password: bool = False


class AccountsRequest(NamedTuple):
    accounts: Sequence[JailAccount]
    shell: str
    check_mode: bool


class Host(NamedTuple):
    """The place of the accounts.

    run: runs a program, with its standard input as `stdin`
    """

    shadow: str = "/etc/shadow"
    run: Callable[..., None] = run_program


_HERE = Host()


def keep_accounts(request: AccountsRequest, host: Host = _HERE) -> ChangeReport:
    """Make or correct all accounts. Raises AccountTaken before any change, and OperationFailed."""
    there = [jail_account(each.name, each.home) is not None for each in request.accounts]
    changes = Changes(check_mode=request.check_mode)
    for account, exists in zip(request.accounts, there):
        if exists:
            _correct(account, request.shell, changes, host)
        else:
            _make(account, request.shell, changes, host)
    return changes.report()


def _make(account: JailAccount, shell: str, changes: Changes, host: Host) -> None:
    if not changes.record(_shown(account.name), MISSING, _words(account.home, shell, [])):
        return
    of_it = ("--comment", MARK, "--home-dir", account.home, "--shell", shell, "--password", NO_PASSWORD)
    host.run("useradd", *of_it, "--no-create-home", "--user-group", account.name)
    if account.password != NO_PASSWORD:
        set_password(account.name, account.password, host.run)


def _correct(account: JailAccount, shell: str, changes: Changes, host: Host) -> None:
    found, groups = pwd.getpwnam(account.name), _further_groups(account.name)
    if (found.pw_gecos, found.pw_dir, found.pw_shell, groups) != (MARK, account.home, shell, []):
        before, after = _words(found.pw_dir, found.pw_shell, groups), _words(account.home, shell, [])
        if changes.record(_shown(account.name), before, after):
            of_it = ("--comment", MARK, "--home", account.home, "--shell", shell, "--groups", "")
            host.run("usermod", *of_it, account.name)
    if not account.keeps_password:
        _correct_password(account, changes, host)


def _correct_password(account: JailAccount, changes: Changes, host: Host) -> None:
    """Set the password if it differs. An account that was locked by hand stays locked."""
    present = login_state(account.name, host.shadow)
    if present is None or present.password.lstrip(_LOCK) != account.password:
        wanted = "none" if account.password == NO_PASSWORD else "the password of the options"
        if changes.record(f"password of {account.name}", "another", wanted):
            set_password(account.name, account.password, host.run)


def _further_groups(name: str) -> List[str]:
    return sorted(group.gr_name for group in grp.getgrall() if name in group.gr_mem)


def _words(home: str, shell: str, groups: Sequence[str]) -> str:
    return f"home {home}, shell {shell}, further groups {','.join(groups) or 'none'}"


def _shown(name: str) -> str:
    return f"account {name}"


def jail_account(name: str, home: str) -> Optional[Owner]:
    """Ids of the account of a jail; None if there is no such account yet.

    An account is the jail's if it has the jail's comment or lives in it, has a group of its own, and is not root under
    another name.
    Raises AccountTaken for every other account, and for a group that would become the account's.
    """
    account, group = account_named(name), group_named(name)
    if account is None:
        if group is not None:
            raise _taken(f"name: a group {name} exists already")
        return None
    if account.pw_uid == 0 or (account.pw_gecos != MARK and account.pw_dir != home):
        raise _taken(f"name: an account {name} exists already, and is not a jail's account")
    if group is None or group.gr_gid != account.pw_gid or group.gr_gid == 0:
        raise _taken(f"name: the group of the account {name} is not its own group")
    return Owner(account.pw_uid, account.pw_gid)


def jailed_below(base: str) -> List[str]:
    """Return the names of the accounts that are marked as jails and live in a directory of `base`."""
    return sorted(
        account.pw_name
        for account in pwd.getpwall()
        if account.pw_gecos == MARK and os.path.dirname(account.pw_dir) == base and account.pw_uid != 0
    )


def _taken(what: str) -> AccountTaken:
    return AccountTaken(what, cure="Set another name for the jail; accounts of others are never changed.")
