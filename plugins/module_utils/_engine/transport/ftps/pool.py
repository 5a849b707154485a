# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""FtpsPool: one or several FTPS sessions to one server, each used by one thread at a time.

An FTP session carries one transfer at a time, so several sessions are needed to use a line or two processors fully.
Work comes as jobs; each uses a session while it runs and passes its results to the thread that reads them.

Many small things on one server are cut into jobs; names that FTP cannot carry are set apart, and refusals explained.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager, suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import (
    Any,
    Callable,
    ContextManager,
    Dict,
    Iterable,
    Iterator,
    List,
    Optional,
    Sequence,
    Set,
    Tuple,
    TypeVar,
)

from ...errors import AuthenticationFailed, ConnectionFailed, ConnectionLost, SyncError, UnsafeName
from ...ftps.replies import item_error
from ...model.relpath import RelPath
from ...system.background import in_background
from ..base import Done
from .lane import Lane
from .server import Alteration, Command

_REFUSALS = (ConnectionFailed, ConnectionLost, AuthenticationFailed)
"""How a server refuses a further session: 421 or 530, or it hangs up."""
_LOGIN_ENDS = 1.0
"""Seconds that a login under way gets to end."""
_PATIENCE = 1.5
"""Seconds that threads get to end by themselves, and then after each cut."""
T = TypeVar("T")
Work = Callable[[Lane, List[T]], Iterable[object]]
"""Gives one result for each item."""
_UNSENDABLE = (b"\r", b"\n", b"\0")


class FtpsPool:
    """Lanes that `open_lane` makes (logged in).

    most_for: the maximum number, decided in the first session
    note: called with a note if the server admits fewer
    """

    def __init__(
        self,
        open_lane: Callable[[], Lane],
        *,
        most_for: Callable[[Lane], int],
        note: Callable[[str], None],
    ) -> None:
        self._open_lane = open_lane
        self._note = note
        self._changed = threading.Condition()
        self._all: List[Lane] = []
        self._free: List[Lane] = []
        self._opening = 0
        self._most_for = most_for
        self._most = 1
        self._closed = False
        self._first_error: Optional[BaseException] = None
        self._first: Optional[threading.Thread] = None
        self._used: Dict[Lane, float] = {}

    # the first session

    def start(self) -> None:
        """Begin to log in, in the background."""
        self._first = in_background(self._log_in_first, name="ftps login")

    def _log_in_first(self) -> None:
        try:
            lane = self._open_lane()
        except BaseException as error:  # raised in the first thread that uses the pool
            self._first_error = error
            return
        with self._changed:
            if self._closed:
                lane.session.close()
                return
            self._most = self._most_for(lane)
            self._add(lane)

    @property
    def ready(self) -> bool:
        """Return whether `wait` would not wait."""
        return self._first is None or not self._first.is_alive()

    def wait(self) -> None:
        """Wait for the first login. Raises its error."""
        if self._first is not None:
            self._first.join()
            self._first = None
        if self._first_error is not None:
            raise self._first_error

    @property
    def most(self) -> int:
        """Return how many sessions there may be."""
        self.wait()
        return self._most

    @property
    def lanes(self) -> List[Lane]:
        return list(self._all)

    def _add(self, lane: Lane) -> None:
        self._all.append(lane)
        self._free.append(lane)
        self._used[lane] = time.monotonic()
        self._changed.notify()

    # borrowing

    @contextmanager
    def lane(self, *, beyond: bool = False) -> Iterator[Lane]:
        """Yield a lane for this thread alone. beyond: one more than there may be is made rather than waited for."""
        lane = self._take(beyond=beyond)
        try:
            yield lane
        finally:
            self._give_back(lane)

    def _take(self, *, beyond: bool) -> Lane:
        self.wait()
        while True:
            with self._changed:
                while not self._free and not self._may_open(beyond=beyond):
                    if self._closed or not (self._all or self._opening):
                        raise ConnectionLost("the session has ended")
                    self._changed.wait()
                if self._free:
                    return self._free.pop()
                self._opening += 1
            lane = self._open_another()
            if lane is not None:
                return lane
            beyond = False

    def _may_open(self, *, beyond: bool) -> bool:
        return bool(self._all) and not self._closed and len(self._all) + self._opening < self._most + beyond

    def _open_another(self) -> Optional[Lane]:
        """Return one more lane, or None if the server refuses it."""
        lane = None
        try:
            lane = self._open_lane()
        except _REFUSALS as error:
            self._note(f"the server refused more sessions than {max(1, len(self._all))}: {error.message}")
        finally:
            with self._changed:
                self._opening -= 1
                if lane is None:
                    self._most = max(1, len(self._all))
                else:
                    self._all.append(lane)
                self._changed.notify_all()
        return lane

    def _give_back(self, lane: Lane) -> None:
        with self._changed:
            if lane.session.closed or self._closed:
                if lane in self._all:
                    self._all.remove(lane)
                lane.session.close()
            else:
                self._free.append(lane)
                self._used[lane] = time.monotonic()
            self._changed.notify_all()

    def keep_alive(self, seconds: float) -> None:
        """Let no idle session be silent for longer than so many seconds."""
        with self._changed:
            before = time.monotonic() - seconds
            idle = [lane for lane in self._free if self._used.get(lane, before) <= before]
            for lane in idle:
                self._free.remove(lane)
        for lane in idle:
            with suppress(SyncError):  # then it is closed, and leaves the pool
                lane.session.noop()
            self._give_back(lane)

    # running

    def run(self, jobs: Iterable[Job], *, width: int = 1) -> Iterator[Any]:
        """Run jobs on up to `width` lanes and yield their results as they come.

        An error of a job is raised here after the other jobs under way have ended; they have also ended when the
        generator is closed early.
        """
        return Run(self.lane, jobs, min(width, self.most)).results()

    def close(self) -> None:
        """Close all sessions; one that is in use closes when it is given back."""
        first, self._first = self._first, None
        with self._changed:
            self._closed = True
            for lane in self._free:
                lane.session.close()
                self._all.remove(lane)
            self._free.clear()
            self._changed.notify_all()
        if first is not None:
            first.join(_LOGIN_ENDS)  # a later login is closed at once


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


def unsendable(path: bytes, alterations: Sequence[Alteration] = ()) -> Optional[UnsafeName]:
    """Return why FTP cannot carry this name; None if it can (RFC 959 section 5.3.2: a path has no CR and LF)."""
    if any(mark in path for mark in _UNSENDABLE):
        return UnsafeName("FTP cannot carry a name with a line end or a NUL", path=path)
    for each in alterations:
        if each.affects(path):
            return UnsafeName(f"the server {each.words}, so the name would mean another file", path=path)
    return None


def sendable(
    items: Iterable[T],
    path_of: Callable[[T], RelPath],
    refused: Callable[[T, SyncError], object],
    alterations: Sequence[Alteration] = (),
) -> Tuple[List[T], List[object]]:
    """Return the items whose names can be sent, and the results of the others. alterations: of the server."""
    good: List[T] = []
    bad: List[object] = []
    for item in items:
        error = unsendable(path_of(item), alterations)
        if error is None:
            good.append(item)
        else:
            bad.append(refused(item, error))
    return good, bad


def in_jobs(items: Sequence[T], work: Work[T], *, size: int) -> Iterator[Job]:
    """Yield the items in portions of at most `size`, each a job that emits its results when all of them are there."""
    for start in range(0, len(items), size):
        yield _job(list(items[start : start + size]), work)


def _job(portion: List[T], work: Work[T]) -> Job:
    def job(lane: Lane, run: Run) -> None:
        run.check()
        for result in work(lane, portion):
            run.emit(result)

    return job


def carry_out(
    lane: Lane,
    commands: Sequence[Tuple[RelPath, Command]],
    *,
    settle: Callable[[RelPath, SyncError], Optional[SyncError]] = lambda path, error: error,
) -> List[Done]:
    """Send one command for each path, all in one flight. settle: the meaning of an explained refusal."""
    replies = list(lane.session.call_many([command for _path, command in commands]))
    refusals = [(path, item_error(reply, path)) for (path, _command), reply in zip(commands, replies) if not reply.good]
    errors = lane.explain(refusals)
    return [
        Done(path, None if reply.good else settle(path, errors[path]))
        for (path, _command), reply in zip(commands, replies)
    ]
