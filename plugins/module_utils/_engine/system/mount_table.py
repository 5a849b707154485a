# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the mounts that this process sees: /proc/self/mountinfo, see proc(5)."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import FrozenSet, List, NamedTuple, Optional

_OCTAL = re.compile(r"\\([0-7]{3})")


class Mount(NamedTuple):
    """One mount.

    point: an absolute path
    options: of this mount, not of the file system
    """

    point: str
    options: FrozenSet[str]


def mounts(text: str) -> List[Mount]:
    """Return the mounts of a mountinfo file, in its order: of two on one point the later is on top."""
    fields = [line.split(" ") for line in text.splitlines()]
    return [Mount(_plain(each[4]), frozenset(each[5].split(","))) for each in fields]


def mounts_below(path: str) -> List[str]:
    """Mount points below `path`, not `path` itself."""
    return [each.point for each in mounts(_table()) if each.point.startswith(path.rstrip("/") + "/")]


def mounted_on(point: str) -> Optional[Mount]:
    """Return the mount that is on top of a mount point."""
    found = [each for each in mounts(_table()) if each.point == point]
    return found[-1] if found else None


def is_in_fstab(point: str) -> bool:
    """Return whether the administrator mounts something there, see fstab(5)."""
    with suppress(FileNotFoundError), open("/etc/fstab", encoding="utf-8", errors="surrogateescape") as stream:
        fields = [line.split() for line in stream if not line.lstrip().startswith("#")]
        return any(len(each) > 1 and _plain(each[1]).rstrip("/") == point for each in fields)
    return False


def _table() -> str:
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as stream:
        return stream.read()


def _plain(field: str) -> str:
    return _OCTAL.sub(lambda match: chr(int(match.group(1), 8)), field)
