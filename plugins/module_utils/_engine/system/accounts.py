# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts and groups of this host: their entries and ids."""

from __future__ import annotations

import grp
import pwd
from typing import NamedTuple, Optional

from ..errors import InvalidRequest


class Owner(NamedTuple):
    """User and group id."""

    user: int
    group: int


def account_named(name: str) -> Optional[pwd.struct_passwd]:
    """Return the entry of an account in the database of users (getpwnam(3)); None if there is none."""
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def group_named(name: str) -> Optional[grp.struct_group]:
    """Return the entry of a group; None if there is none."""
    try:
        return grp.getgrnam(name)
    except KeyError:
        return None


def user_id(name: str) -> int:
    """Return the user id. Raises InvalidRequest if there is no such account."""
    account = account_named(name)
    if account is None:
        raise InvalidRequest(f"owner: the account {name} does not exist", cure="Create it, or set another owner.")
    return account.pw_uid


def id_of(name: str) -> Optional[int]:
    """Return the id of an account; None if there is none."""
    account = account_named(name)
    return None if account is None else account.pw_uid
