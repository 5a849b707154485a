# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove programs of former versions that no link, no unit of a job, no drop-in and no process uses. The newest of them
stays.

The jobs are deployed before: a program that cannot be removed is no failure.
"""

from __future__ import annotations

import glob
import os
import re
from contextlib import contextmanager, suppress
from typing import Collection, Iterable, Iterator, List, Set

from ...system.changes import Changes
from ...system.entries import MISSING
from ..names import UNIT
from . import places

_PROCESSES = "/proc"
_NAME = re.compile(r"sync-[0-9A-Za-z.+_-]+\.pyz\Z", re.ASCII)
_IN_TEXT = re.compile(r"%s/(sync-[0-9A-Za-z.+_-]+\.pyz)\b" % re.escape(places.PROGRAMS), re.ASCII)


def remove_old_programs(current: str, deployed: Collection[str], changes: Changes) -> None:
    """Remove old programs. A program that cannot be removed is noted.

    current: path of the program of this version
    deployed: names of units that this run replaces or removes; check mode has not done so yet
    """
    unused: List[str] = []
    with _noted(changes):
        used = {os.path.basename(current), *_linked(), *_named(_texts(deployed if changes.check_mode else ()))}
        unused = [path for path in _programs() if os.path.basename(path) not in used]
    for path in sorted(unused, key=_time, reverse=True)[1:]:
        with _noted(changes):
            _remove(path, changes)


@contextmanager
def _noted(changes: Changes) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        changes.note("old programs stay: %s: %s" % (error.filename, error.strerror))


def _remove(path: str, changes: Changes) -> None:
    if not changes.check_mode:
        os.unlink(path)
    changes.record(path, "program", MISSING)


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


def _texts(apart_from: Collection[str]) -> Iterator[str]:
    """Yield the paths of the units of all jobs of the host, their drop-ins and the command lines of all processes."""
    units = glob.glob("%s/%s.service" % (places.UNITS, UNIT % "*"))
    yield from (path for path in units if os.path.basename(path) not in apart_from)
    for directory in (places.UNITS, places.RUNTIME_UNITS):
        yield from glob.glob("%s/%s.service.d/*.conf" % (directory, UNIT % "*"))
    yield from glob.glob(_PROCESSES + "/[0-9]*/cmdline")


def _named(paths: Iterable[str]) -> Set[str]:
    """Return the programs in files. A dangling link, and a process that has ended, name none."""
    found: Set[str] = set()
    for path in paths:
        with suppress(FileNotFoundError, ProcessLookupError), open(path, encoding="utf-8", errors="replace") as file:
            found.update(_IN_TEXT.findall(file.read()))
    return found
