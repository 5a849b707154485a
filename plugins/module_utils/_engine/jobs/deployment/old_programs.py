# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove programs of former versions that no link and no unit of a job uses. The newest of them stays: a run that began
before the deployment may still read it."""

from __future__ import annotations

import glob
import os
import re
from typing import Collection, Iterator, List, Set

from ...system.changes import Changes
from ..names import UNIT
from . import places
from .kept_paths import remove_file

__all__ = ["remove_old_programs"]

_NAME = re.compile(r"sync-[0-9A-Za-z.+_-]+\.pyz\Z", re.ASCII)
_IN_UNIT = re.compile(r"%s/(sync-[0-9A-Za-z.+_-]+\.pyz)\b" % re.escape(places.PROGRAMS), re.ASCII)


def remove_old_programs(current: str, deployed: Collection[str], changes: Changes) -> None:
    """Remove old programs.

    current: path of the program of this version
    deployed: names of units that this run replaces or removes; check mode has not done so yet
    """
    used = {os.path.basename(current), *_linked(), *_in_units(deployed if changes.check_mode else ())}
    unused = [path for path in _programs() if os.path.basename(path) not in used]
    for path in sorted(unused, key=_time, reverse=True)[1:]:
        remove_file(path, changes, "program")


def _programs() -> List[str]:
    found = glob.glob(places.PROGRAMS + "/sync-*.pyz")
    return [path for path in found if _NAME.match(os.path.basename(path)) and not os.path.islink(path)]


def _time(path: str) -> float:
    return os.lstat(path).st_mtime


def _linked() -> Iterator[str]:
    """Yield the targets of links, except the link that leads to the current program."""
    for path in glob.glob(places.PROGRAMS + "/*"):
        if os.path.islink(path) and path != places.LINK:
            yield os.path.basename(os.readlink(path))


def _in_units(apart_from: Collection[str]) -> Set[str]:
    """Return the programs in the units of all jobs of the host."""
    found: Set[str] = set()
    for path in glob.glob("%s/%s.service" % (places.UNITS, UNIT % "*")):
        if os.path.basename(path) not in apart_from:
            with open(path, encoding="utf-8", errors="replace") as file:
                found.update(_IN_UNIT.findall(file.read()))
    return found
