# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts of a host that could log in: root, accounts of people and partners, accounts that have a shell, and the
named accounts."""

from __future__ import annotations

import pwd
from typing import Dict, Iterable, List, Optional, Tuple

_FIRST_UID, _NOBODY = 1000, 65534
_NO_SHELLS = ("nologin", "false", "sync", "shutdown", "halt")

Login = Tuple[str, Optional[pwd.struct_passwd]]
"""Its name, and its entry; None if there is no such account."""


def logins(named: Iterable[str]) -> List[Login]:
    """Return root, all accounts from user id 1000 on or with a shell, and the named accounts, each once."""
    entries: Dict[str, pwd.struct_passwd] = {each.pw_name: each for each in pwd.getpwall()}
    own = [name for name, each in entries.items() if _could_log_in(each)]
    return [(name, entries.get(name) or _entry(name)) for name in dict.fromkeys([*own, *named])]


def _could_log_in(entry: pwd.struct_passwd) -> bool:
    own = entry.pw_uid == 0 or _FIRST_UID <= entry.pw_uid != _NOBODY
    return own or entry.pw_shell.rpartition("/")[2] not in _NO_SHELLS


def _entry(name: str) -> Optional[pwd.struct_passwd]:
    """Return an account that only a name service knows."""
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None
