# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts of a list in which %name is a group of this host, as in sudoers.

!name and !%name are exceptions, wherever they are in the list.
"""

from __future__ import annotations

import grp
import pwd
from typing import FrozenSet, Iterable, Iterator, List, Optional, Set

from ..errors import InvalidRequest

_GROUP, _EXCEPT = "%", "!"


def members(names: Iterable[str]) -> FrozenSet[str]:
    """Return the accounts of these names and of these groups, primary groups too. A missing group has no account."""
    listed: Set[str] = set()
    excepted: Set[str] = set()
    for name in names:
        if name.startswith(_EXCEPT):
            excepted.update(_accounts(name[len(_EXCEPT) :]))
        else:
            listed.update(_accounts(name))
    return frozenset(listed - excepted)


def has_groups(names: Iterable[str]) -> bool:
    """Return whether one of these names is a group."""
    return any(_is_group(name) for name in names)


def missing_groups(names: Iterable[str]) -> List[str]:
    """Return the groups of these names that do not exist."""
    groups = (name.partition(_GROUP)[2] for name in names if _is_group(name))
    return [name for name in groups if _group(name) is None]


def require_groups(option: str, names: Iterable[str]) -> None:
    """Raises InvalidRequest if a group of these names is missing."""
    for name in missing_groups(names):
        raise InvalidRequest(
            "%s: the group %s does not exist" % (option, name),
            cure="Correct transfer_monitoring_%s, or create the group." % option,
        )


def _is_group(name: str) -> bool:
    return name.startswith((_GROUP, _EXCEPT + _GROUP))


def _accounts(name: str) -> Iterator[str]:
    if not name.startswith(_GROUP):
        yield name
        return
    group = _group(name[len(_GROUP) :])
    if group is not None:
        yield from group.gr_mem
        yield from (each.pw_name for each in pwd.getpwall() if each.pw_gid == group.gr_gid)


def _group(name: str) -> Optional[grp.struct_group]:
    try:
        return grp.getgrnam(name)
    except KeyError:
        return None
