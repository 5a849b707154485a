# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts that administer a host: a change that no login confirms must leave at least one of them its login."""

from __future__ import annotations

import contextlib
import grp
import pwd
from typing import Iterator, List

from ..errors import ConfigurationInvalid
from .daemon import CONFIG, Client
from .wanted import owner_refused

LOOPBACK = "127.0.0.1"
_ROOT = "root"
_GROUPS = ("sudo", "wheel", "admin")


def all_excluded(config: str) -> str:
    """Return the reasons if a configuration excludes every administrator who can log in at present; else ""."""
    able = list(_able(administrators()))
    reasons = [(name, owner_refused(Client(name, LOOPBACK), config)) for name in able]
    if able and all(reason for _name, reason in reasons):
        return "; ".join("%s: %s" % each for each in reasons)
    return ""


def administrators() -> List[str]:
    """Return root and the members of the groups that may become root, also those with such a primary group."""
    names = [_ROOT]
    for group in _GROUPS:
        with contextlib.suppress(KeyError):
            found = grp.getgrnam(group)
            names += [*found.gr_mem, *(each.pw_name for each in pwd.getpwall() if each.pw_gid == found.gr_gid)]
    return list(dict.fromkeys(names))


def _able(names: List[str]) -> Iterator[str]:
    for name in names:
        try:
            refused = owner_refused(Client(name, LOOPBACK), CONFIG)
        except ConfigurationInvalid:
            refused = ""  # the present configuration does not work at all
        if not refused:
            yield name
