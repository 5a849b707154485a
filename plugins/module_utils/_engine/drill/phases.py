# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phases of a drill, timed by the monotonic clock."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import Callable, Dict, Iterable, Iterator, Optional

from ..sync.progress import Progress

PREPARE, CONNECT, MANIFEST, TRANSFER, CHECKS = "prepare", "connect", "manifest", "transfer", "checks"
RESTORING = (CONNECT, MANIFEST, TRANSFER, CHECKS)
"""The phases of a restore: from before the login to the last check."""


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
        """End the last phase."""
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
