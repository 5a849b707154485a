# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress: the counters of a run. Nothing is computed until a state is asked for."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import Callable, Iterable, Iterator

from ..model.report import COMPARING, HASHING, LOGGING_IN, MOVING, PROVING, ProgressState
from ..transport.base import Staged


def _none() -> int:
    return 0


class Progress:
    """Steps of the run set `phase` and count; another thread may ask for the state at any time.

    transfer_seconds: time for which files were moved, proven and renamed
    reads_back: whether the proof reads all bytes over the session, as far as that is known
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.phase = LOGGING_IN
        self.files = self.files_total = self.bytes_total = 0
        self.transfer_seconds = 0.0
        self._staged = 0
        self._under_way: Callable[[], int] = _none
        self._proven = 0
        self._read_back: Callable[[], int] = _none
        self.reads_back: Callable[[], bool] = bool
        self._listed: Callable[[], int] = _none

    def comparing(self, listed: Callable[[], int]) -> None:
        """Both sides are listed; `listed` returns the number of entries so far."""
        self.phase, self._listed = COMPARING, listed

    def hashing(self, files: int) -> None:
        """So many files are hashed for comparing. The caller counts in `files`."""
        self.phase, self.files, self.files_total = HASHING, 0, files

    @contextmanager
    def transfer(self, sizes: Iterable[int]) -> Iterator[None]:
        """Inside, files of these sizes are moved, in any number of batches."""
        listed = list(sizes)
        self.phase, self.files, self.files_total, self.bytes_total = MOVING, 0, len(listed), sum(listed)
        started = self._clock()
        try:
            yield
        finally:
            self.transfer_seconds += self._clock() - started

    def moving(self, staged: Iterable[Staged], carried: Callable[[], int]) -> Iterator[Staged]:
        """Pass the stages of a batch on and count them. carried: bytes that have crossed the session."""
        base = self._staged - carried()
        self.phase, self._under_way = MOVING, lambda: base + carried()
        try:
            for one in staged:
                if one.error is None:
                    self._staged += one.size
                    self.files += 1
                yield one
        finally:
            self._under_way = _none

    def moved_in_vain(self, sizes: Iterable[int]) -> None:
        """Files of these sizes, which were moved and not proven, will be moved again."""
        for size in sizes:
            self.files = max(0, self.files - 1)
            self._staged = max(0, self._staged - size)
            self._proven = max(0, self._proven - size)

    @contextmanager
    def proving(self, carried: Callable[[], int]) -> Iterator[None]:
        """Inside, the files of a batch are proven. carried: see `moving`."""
        base = self._proven - carried()
        self.phase, self._read_back = PROVING, lambda: base + carried()
        try:
            yield
        finally:
            self._proven, self._read_back = self._read_back(), _none

    def state(self) -> ProgressState:
        """Return the state of this moment. Files that are moved again count once."""
        return ProgressState(
            self._clock(),
            self.phase,
            min(self.files, self.files_total),
            self.files_total,
            min(max(self._staged, self._under_way()), self.bytes_total),
            self.bytes_total,
            self._listed(),
            min(max(self._proven, self._read_back()), self.bytes_total),
            self.bytes_total if self.reads_back() else 0,
        )
