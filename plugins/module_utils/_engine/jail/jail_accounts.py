# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts of jails, distinguished from other accounts by their comment, their home and their group."""

from __future__ import annotations

import grp
import os
import pwd
from typing import List, Optional

from ..errors import AccountTaken
from ..system.accounts import Owner, account_named

MARK = "Jail of secure.ftp_synchronize"  # GECOS field: the purpose of the account, and its manager


def jail_account(name: str, home: str) -> Optional[Owner]:
    """Ids of the account of a jail; None if there is no such account yet.

    An account is the jail's if it has the jail's comment or lives in it, has a group of its own, and is not root under
    another name.
    Raises AccountTaken for every other account, and for a group that would become the account's.
    """
    account, group = account_named(name), _group(name)
    if account is None:
        if group is not None:
            raise _taken("name: a group %s exists already" % name)
        return None
    if account.pw_uid == 0 or (account.pw_gecos != MARK and account.pw_dir != home):
        raise _taken("name: an account %s exists already, and is not a jail's account" % name)
    if group is None or group.gr_gid != account.pw_gid or group.gr_gid == 0:
        raise _taken("name: the group of the account %s is not its own group" % name)
    return Owner(account.pw_uid, account.pw_gid)


def jailed_below(base: str) -> List[str]:
    """Return the names of the accounts that are marked as jails and live in a directory of `base`."""
    return sorted(
        account.pw_name
        for account in pwd.getpwall()
        if account.pw_gecos == MARK and os.path.dirname(account.pw_dir) == base and account.pw_uid != 0
    )


def _group(name: str) -> Optional[grp.struct_group]:
    try:
        return grp.getgrnam(name)
    except KeyError:
        return None


def _taken(what: str) -> AccountTaken:
    return AccountTaken(what, cure="Set another name for the jail; accounts of others are never changed.")
