# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phases of a drill, timed by the monotonic clock, its numbers and its verdict. Whole numbers: records have no
fractions.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence

from ..sync.progress import Progress
from .request import Check, DrillPolicy

Milliseconds = Mapping[str, int]
PREPARE, CONNECT, MANIFEST, TRANSFER, CHECKS = "prepare", "connect", "manifest", "transfer", "checks"
RESTORING = (CONNECT, MANIFEST, TRANSFER, CHECKS)
"""The phases of a restore: from before the login to the last check."""


class Extent(NamedTuple):
    """Files and bytes: `files` and `size` were restored and proven, of `of_files` and `of_size` of the set."""

    files: int = 0
    size: int = 0
    of_files: int = 0
    of_size: int = 0


class Cause(NamedTuple):
    """Why a drill failed. id: stable. text: for people."""

    id: str
    text: str


def rto(phases: Milliseconds) -> int:
    """Return the seconds of the restore, rounded up."""
    return _seconds(sum(phases.get(name, 0) for name in RESTORING))


def rpo(started: int, issued: int) -> int:
    """Return the age of the set in seconds: changes of that time would be lost."""
    return max(0, started - issued)


def estimate(phases: Milliseconds, extent: Extent) -> Optional[Dict[str, Any]]:
    """Return the time that a restore of the whole set may take, and its basis; None if nothing was restored.

    The transfer is scaled by bytes, or by files if that gives more.
    """
    if not extent.files:
        return None
    shares = [extent.of_files / extent.files, *([extent.of_size / extent.size] if extent.size else [])]
    moved = phases.get(TRANSFER, 0)
    whole = sum(phases.get(name, 0) for name in RESTORING) - moved + moved * max(shares)
    return {"seconds": _seconds(whole), "basis": coverage(extent)}


def coverage(extent: Extent) -> Dict[str, int]:
    """Return the extent, with the lower percentage of files and bytes, rounded down."""
    parts = [(extent.files, extent.of_files), (extent.size, extent.of_size)]
    percent = min(100 if not whole else part * 100 // whole for part, whole in parts)
    return {
        "files": extent.files,
        "of_files": extent.of_files,
        "bytes": extent.size,
        "of_bytes": extent.of_size,
        "percent": percent,
    }


def rate(phases: Milliseconds, size: int) -> int:
    """Return the bytes a second of the transfer; 0 if it was not measured."""
    moved = phases.get(TRANSFER, 0)
    return size * 1000 // moved if moved else 0


def causes(fields: Mapping[str, Any], checks: Sequence[Check], policy: DrillPolicy) -> List[Cause]:
    """Return why a drill without an error fails, by the values of its record."""
    found = [
        Cause("check_failed", f"the check {check.name} failed on the restored tree")
        for check in checks
        if not check.passed
    ]
    for name, most in (("rto", policy.rto), ("rpo", policy.rpo)):
        value = fields.get(f"{name}_seconds")
        if most is not None and value is not None and value > most:
            found.append(Cause(f"{name}_exceeded", f"{name} is {int(value)} s, policy.{name} is {most} s"))
    percent = fields["coverage"]["percent"]
    if percent < policy.min_coverage:
        text = f"{int(percent)}% of the set were restored, policy.min_coverage is {policy.min_coverage}%"
        found.append(Cause("coverage_low", text))
    return found


def _seconds(milliseconds: float) -> int:
    return -int(-milliseconds // 1000)


class Phases:
    """Times phases. clock: seconds. entered: is called with the name of each phase that begins."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, entered: Optional[Callable[[str], None]] = None
    ) -> None:
        self._clock = clock
        self._entered = entered
        self._current = ""
        self._since = 0.0
        self.milliseconds: Dict[str, int] = {}

    def begin(self, name: str) -> None:
        """End the phase before, and begin this phase, which may go on again."""
        if name != self._current:
            self.end()
            if self._entered is not None:
                self._entered(name)
            self._current, self._since = name, self._clock()

    def end(self) -> None:
        if self._current:
            passed = max(0, round((self._clock() - self._since) * 1000))
            self.milliseconds[self._current] = self.milliseconds.get(self._current, 0) + passed
            self._current = ""


class PhasesOfPull(Progress):
    """The progress of a pull, which begins the phases of a drill. before_transfer: is called with the bytes to come."""

    def __init__(self, phases: Phases, *, before_transfer: Callable[[int], None]) -> None:
        super().__init__()
        self._phases = phases
        self._before_transfer = before_transfer

    def comparing(self, listed: Callable[[], int]) -> None:
        """The login is over; listing, manifest and plan follow."""
        self._phases.begin(MANIFEST)
        super().comparing(listed)

    @contextmanager
    def transfer(self, sizes: Iterable[int]) -> Iterator[None]:
        """Inside, files are moved and proven."""
        listed = list(sizes)
        self._before_transfer(sum(listed))
        self._phases.begin(TRANSFER)
        with super().transfer(listed):
            yield
