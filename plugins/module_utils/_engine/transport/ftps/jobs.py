# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run: jobs on several threads whose results one thread reads."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Callable, ContextManager, Iterable, Iterator, List, Optional, Set

from ...system.background import in_background

if TYPE_CHECKING:
    from .lane import Lane


_PATIENCE = 1.5
"""Seconds that threads get to end by themselves, and then after each cut."""


class Stopped(Exception):
    """The results are no longer needed. Raised in a job by `Run.check`; a job lets it pass."""


class _End:
    """The last message of a thread; error: the error that ended it, or None."""

    def __init__(self, error: Optional[BaseException] = None) -> None:
        self.error = error


class Run:
    """One run of jobs. lane: borrows a lane for the thread that asks."""

    def __init__(self, lane: Callable[[], ContextManager[Lane]], jobs: Iterable[Job], width: int) -> None:
        self._lane = lane
        self._jobs = iter(jobs)
        self._width = width
        self._pulling = threading.Lock()
        self._queue: SimpleQueue[Any] = SimpleQueue()
        self._stopping = False
        self._in_use: Set[Lane] = set()

    # for jobs

    def emit(self, result: object) -> None:
        """Hand over one result."""
        self._queue.put(result)

    def check(self) -> None:
        """Raise Stopped where the results are not wanted any more. For jobs that take long."""
        if self._stopping:
            raise Stopped

    # for the reader

    def results(self) -> Iterator[Any]:
        """Everything that the jobs emit."""
        ready = [job for job in (self._pull(), self._pull()) if job is not None]
        if self._width < 2 or len(ready) < 2:
            yield from self._in_this_thread(ready)
        else:
            yield from self._on_threads(ready)

    def _pull(self) -> Optional[Job]:
        with self._pulling:
            return next(self._jobs, None)

    def _in_this_thread(self, ready: List[Job]) -> Iterator[Any]:
        while ready or not self._stopping:
            job = ready.pop(0) if ready else self._pull()
            if job is None:
                return
            error: Optional[Exception] = None
            try:
                with self._lane() as lane:
                    job(lane, self)
            except Exception as raised:  # after the results before it
                error = raised
            while not self._queue.empty():
                yield self._queue.get()
            if error is not None:
                raise error

    def _on_threads(self, ready: List[Job]) -> Iterator[Any]:
        running = 0
        error: Optional[BaseException] = None
        try:
            for _number in range(self._width):
                in_background(partial(self._work, ready), name="ftps session")
                running += 1
            while running:
                result = self._queue.get()
                if isinstance(result, _End):
                    running -= 1
                    error = error or result.error
                else:
                    yield result
        finally:
            self._stopping = True
            self._end(running)
        if error is not None:
            raise error

    def _end(self, running: int) -> None:
        """Wait for so many threads to end. A thread that waits for the server does not check for a stop: its
        connections are closed. A thread that is logging in has no open source and closes its new session: it is left
        alone."""
        for cut in (None, False, True):
            if running and cut is not None:
                for lane in list(self._in_use):
                    lane.session.cut(wholly=cut)
            until = time.monotonic() + _PATIENCE
            while running and time.monotonic() < until:
                with suppress(Empty):
                    running -= isinstance(self._queue.get(timeout=_PATIENCE), _End)

    def _work(self, ready: List[Job]) -> None:
        end = _End()
        try:
            with suppress(Stopped):
                self._work_on(ready)
        except BaseException as error:  # raised again where the results are read
            end.error = error
            self._stopping = True
        self._queue.put(end)

    def _work_on(self, ready: List[Job]) -> None:
        while not self._stopping:
            job = self._next(ready)
            if job is None:
                return
            with self._lane() as lane:
                self._in_use.add(lane)
                try:
                    self.check()
                    job(lane, self)
                finally:
                    self._in_use.discard(lane)

    def _next(self, ready: List[Job]) -> Optional[Job]:
        with self._pulling:
            return ready.pop(0) if ready else next(self._jobs, None)


Job = Callable[["Lane", Run], None]
"""The work on one lane. It emits its results; its errors end the run."""
