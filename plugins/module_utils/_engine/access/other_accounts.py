# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts of this host whose keys a closed account must not take with it: all that are not closed themselves."""

from __future__ import annotations

import glob
import grp
import pwd
import re
from contextlib import suppress
from typing import Iterable, Iterator, List

from ..sshd.administrators import administrators
from .login_state import closed_accounts

_SUDOERS = ("/etc/sudoers", "/etc/sudoers.d/*")
_RULE = re.compile(r"^[ \t]*(%?)([A-Za-z_][A-Za-z0-9_.@-]*)[ \t][^=\n]+=", re.MULTILINE)
_NO_NAMES = ("Defaults", "User_Alias", "Runas_Alias", "Host_Alias", "Cmnd_Alias", "Cmd_Alias")


def other_accounts(account: str, logins: Iterable[str], *, shadow: str) -> List[str]:
    """Return the names of the others. A directory service may not list its accounts: those that may become root, and
    the accounts of this login, are named by other sources."""
    names = [*(each.pw_name for each in pwd.getpwall()), *administrators(), *_sudoers(), *filter(None, logins)]
    return sorted(set(names) - {account} - closed_accounts(shadow))


def sudoers_in(text: str) -> Iterator[str]:
    """Yield the accounts in the rules of a file of sudoers, and the members of its groups."""
    for group, name in _RULE.findall(text):
        if group:
            with suppress(KeyError):
                yield from grp.getgrnam(name).gr_mem
        elif name not in _NO_NAMES:
            yield name


def _sudoers() -> Iterator[str]:
    for path in (each for pattern in _SUDOERS for each in sorted(glob.glob(pattern))):
        with suppress(OSError), open(path, encoding="utf-8", errors="replace") as stream:
            yield from sudoers_in(stream.read())
