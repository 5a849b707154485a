# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove a job from its host. Its records stay as a proof of its runs; a new job of its name counts from zero.

Programs of former versions are removed if no link, no unit of a job, no drop-in and no process uses them. The newest
of them stays. The jobs are deployed before: a program that cannot be removed is no failure.
"""

from __future__ import annotations

import glob
import os
import re
from contextlib import contextmanager, suppress
from typing import Collection, Iterable, Iterator, List, Set

from ...system.changes import Changes
from ...system.entries import MISSING
from ...system.program import ask_program, run_program
from ..metrics import metrics_file
from ..names import ACCOUNT, CREDSTORE, UNIT, credential_name
from ..records import COUNTERS
from ..unit_text import JobUnit, timer_name, unit_name
from . import credstore, egress, places
from .job_account import STORED, job_account, remove_account, remove_file

_PROCESSES = "/proc"
_NAME = re.compile(r"sync-[0-9A-Za-z.+_-]+\.pyz\Z", re.ASCII)
_IN_TEXT = re.compile(rf"{re.escape(places.PROGRAMS)}/(sync-[0-9A-Za-z.+_-]+\.pyz)\b", re.ASCII)


def remove_job(unit: JobUnit, metrics: str, changes: Changes, *, account: bool = True) -> None:
    """End the timer and a run, then remove units, secrets, files and, if asked, the account. The job file is the last:
    as long as it is there, the next run finds the job."""
    _remove_units(unit, changes)
    for key in credstore.stored_keys(unit.name):
        remove_file(f"{CREDSTORE}/{credential_name(unit.name, key)}", changes, STORED)
    for path in _files(unit.name, metrics):
        remove_file(path, changes)
    if not changes.check_mode:
        egress.restore_rules(unit.name)
    if account and job_account(unit.name) and changes.record("account " + ACCOUNT % unit.name, "account", MISSING):
        remove_account(unit.name)
    remove_file(places.job_file(unit.name), changes)


def _remove_units(unit: JobUnit, changes: Changes) -> None:
    paths = [f"{places.UNITS}/{name}" for name in (timer_name(unit), unit_name(unit))]
    if not any(map(os.path.lexists, paths)):
        return
    if not changes.check_mode:
        ask_program("systemctl", "--quiet", "disable", "--now", timer_name(unit))
        # The time of the last run: a new job of this name has none.
        ask_program("systemctl", "clean", "--what=state", timer_name(unit))
        run_program("systemctl", "stop", unit_name(unit))
    for path in paths:
        remove_file(path, changes)
    if not changes.check_mode:
        run_program("systemctl", "daemon-reload")
        ask_program("systemctl", "reset-failed", unit_name(unit))


def _files(name: str, metrics: str) -> List[str]:
    files = [places.egress_file(name), f"{places.records(name)}/{COUNTERS}"]
    return [*files, metrics_file(metrics, name)] if metrics else files


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
        changes.note(f"old programs stay: {error.filename}: {error.strerror}")


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
    units = glob.glob(f"{places.UNITS}/{UNIT % '*'}.service")
    yield from (path for path in units if os.path.basename(path) not in apart_from)
    for directory in (places.UNITS, places.RUNTIME_UNITS):
        yield from glob.glob(f"{directory}/{UNIT % '*'}.service.d/*.conf")
    yield from glob.glob(_PROCESSES + "/[0-9]*/cmdline")


def _named(paths: Iterable[str]) -> Set[str]:
    """Return the programs in files. A dangling link, and a process that has ended, name none."""
    found: Set[str] = set()
    for path in paths:
        with suppress(FileNotFoundError, ProcessLookupError), open(path, encoding="utf-8", errors="replace") as file:
            found.update(_IN_TEXT.findall(file.read()))
    return found
