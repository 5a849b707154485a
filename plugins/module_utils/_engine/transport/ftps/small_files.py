# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small files of the run's own, such as the lock: made where nothing is, read whole, renamed where nothing is.

FTP has no command that creates a name only if it is free, so that is built on MKD, which never makes a name twice. A
run takes the guard of the directory first: the directory GUARD, and in it a directory with a name of its own. Only
the run that made both may check whether the name is free and take it. An inner directory keeps the outer directory from
being removed (RMD requires it empty), so a guard is removed only by its own name: by its holder, or by any run that has
seen it for GUARD_DIES seconds. An account that may not remove directories makes no guard.

Keeper: a thread for heartbeats while the others work: of the lock and of idle connections.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager, suppress
from typing import Callable, Iterator, List, Optional, Set, Tuple

from ...errors import AlreadyExists, ItemError, NoSpace, OperationFailed, PermissionDenied, QuotaExceeded, SyncError
from ...ftps.replies import Reply, access_error, item_error
from ...ftps.session import FtpsSession
from ...model.relpath import RelPath
from ...system.background import in_background
from ..base import Rename
from .lane import Lane
from .names import Names
from .pool import FtpsPool
from .server import entered, joined
from .times import Times, time_in

GUARD = b".secure_sync.guard"
GUARD_DIES = 60.0
_PAUSES = (0.01, 0.02, 0.05, 0.1, 0.2)
_VAIN = 8
"""Times that a guard is neither there nor can be made, in a row, after which that is no coincidence."""
_MOST_NAMES = 1000
"""In a guard, which has a single entry. Some servers list more names."""
_LOOK_EVERY = 1.0
_GIVE_UP = 180.0
"""Seconds."""
_left_behind: Set[bytes] = set()
"""Names of guards of this process whose session was lost: they are abandoned."""
_SILENCE = 30.0
"""Seconds: routers forget connections after a minute or two, servers after a few."""
_SECOND = 1_000_000_000


class SmallFiles:
    """Each method works on one lane. Raises ItemError, AlreadyExists if a name is taken."""

    def __init__(self, names: Names, times: Times) -> None:
        self._names = names
        self._times = times
        self._guard: Optional[MkdirLock] = None
        """A guard whose session was lost, or is at work."""

    @property
    def unsettled(self) -> bool:
        """Whether a lost session may have left a guard."""
        return self._guard is not None

    def settle(self, lane: Lane) -> None:
        """Remove the guard of a lost session."""
        if self._guard is not None:
            self._guard.settle(lane)
            self._guard = None

    @contextmanager
    def _guarded(self, lane: Lane, directory: RelPath) -> Iterator[None]:
        guard = MkdirLock(lane, directory)
        self._guard = guard
        try:
            with guard:
                yield
        finally:
            if not lane.session.closed:
                self._guard = None

    def create(self, lane: Lane, path: RelPath, content: bytes) -> Optional[int]:
        """Make a file, and return the nanoseconds by which the server's clock is ahead, None if it reports no time."""
        with self._guarded(lane, path.parent):
            self._expect_free(lane, path)
            full = lane.server.full(path)
            try:
                writer = lane.session.store(full)
                writer.send(content)
                writer.finish()
            except ItemError as error:
                raise lane.explain_by_parent(path, error).at(path) from None
            mode, reported = lane.session.call_many([lane.server.chmod(path, 0o600), (b"MDTM", full)])
            if mode.good:
                lane.server.has_set_mode = True
            else:
                lane.server.modes_refused(mode)
            made, now = time_in(reported), time.time_ns()
            parent = lane.server.full(path.parent)
            if lane.server.removes_directories is False:
                self._times.tried(lane.session, full, directory=parent, restore=True)
            else:
                self._times.tried(lane.session, full, directory=joined(parent, GUARD))
            return None if made is None else made - now

    def _expect_free(self, lane: Lane, path: RelPath) -> None:
        found = lane.look([path])[0]
        if found.error is not None:
            raise found.error
        if found.entry is not None:
            raise AlreadyExists("something is there already", path=path)

    def read(self, lane: Lane, path: RelPath, limit: int) -> bytes:
        try:
            return _head(lane, path, limit)
        except ItemError as error:
            raise lane.explain([(path, error)])[path].at(path) from None

    def rename_new(self, lane: Lane, old: RelPath, new: RelPath) -> None:
        """Rename a file; never replaces another."""
        with self._guarded(lane, new.parent):
            self._expect_free(lane, new)
            done = next(iter(self._names.rename(lane, [Rename(old, new)])))
        if done.error is not None:
            raise done.error.at(old)


def _head(lane: Lane, path: RelPath, limit: int) -> bytes:
    reader = lane.session.retrieve(lane.server.full(path))
    content, view = b"", memoryview(bytearray(65536))
    try:
        while len(content) < limit:
            count = reader.read_into(view)
            if not count:
                reader.finish()
                break
            content += view[:count]
    finally:
        reader.abandon()
    return content[:limit]


class MkdirLock:
    """The guard of one directory, held by this session from `take` to `let_go`."""

    def __init__(
        self,
        lane: Lane,
        directory: RelPath,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lane = lane
        self._session = lane.session
        self._server = lane.server
        self._directory = directory
        self._guard = joined(lane.server.full(directory), GUARD)
        self._name = os.urandom(8).hex().encode()
        self._mine = joined(self._guard, self._name)
        self._sleep = sleep
        self._clock = clock

    def take(self) -> None:
        """Wait for the guard and hold it, if the account can remove it. Raises ItemError if it cannot be made."""
        started = looked = self._clock()
        seen: Tuple[Optional[bytes], float] = (None, started)
        attempts = vain = 0
        while self._server.may_remove(self._session, self._mine):
            outer = self._session.call(b"MKD", self._guard)
            made = self._make_mine() if outer.good else outer
            if made.good:
                return
            now = self._clock()
            vain = vain + 1 if self._is_free(outer_made=outer.good) else 0
            if vain:
                self._judge(made, last=vain >= _VAIN, writable=outer.good)
            elif not attempts or now - looked > _LOOK_EVERY:
                looked, holder = now, self._holder()
                if holder in _left_behind:
                    self._break(holder)
                elif holder != seen[0]:
                    seen = (holder, now)
                elif now - seen[1] > GUARD_DIES:
                    self._break(holder)
            if now - started > _GIVE_UP:
                raise OperationFailed(f"other runs keep the directory's guard {GUARD.decode()}", path=self._directory)
            self._sleep(_PAUSES[min(attempts, len(_PAUSES) - 1)])
            attempts += 1

    def __enter__(self) -> None:
        self.take()

    def __exit__(self, *_exception: object) -> None:
        self.let_go()

    def settle(self, lane: Lane) -> None:
        """Remove the guard that may exist, also in a new session."""
        if self._server.removes_directories is not False:
            self._remove(lane.session, self._mine)

    def _remove(self, session: FtpsSession, inner: bytes) -> None:
        refusal, _outer = session.call_many([(b"RMD", inner), (b"RMD", self._guard)])
        if refusal.refused and entered(session, inner)[0].good:
            self._server.directories_stay(refusal, inner)

    def _is_free(self, *, outer_made: bool) -> bool:
        """Return whether there is no guard, after a refused MKD. outer_made: by this run just now.

        If it can be removed, the inner directory was refused, such as on a full disk. It is not empty, or gone, if
        another run took it for an abandoned guard.
        """
        if outer_made:
            return self._session.call(b"RMD", self._guard).good
        return not entered(self._session, self._guard)[0].good

    def _make_mine(self) -> Reply:
        try:
            made = self._session.call(b"MKD", self._mine)
            if made.good:
                self._server.acknowledges_twice(self._session, self._mine)
            return made
        except BaseException:
            _left_behind.add(self._name)  # it may have been made
            raise

    def _judge(self, refusal: Reply, *, last: bool, writable: bool) -> None:
        """There is no guard and none can be made. It may have gone that very moment; else raise why."""
        reason = access_error if last and not writable else item_error
        error: SyncError = reason(refusal, self._directory)
        error = self._lane.explain_by_parent(self._directory.child(GUARD), error)
        if last or isinstance(error, (PermissionDenied, NoSpace, QuotaExceeded)):
            raise error

    def _holder(self) -> bytes:
        """Return the name inside the guard, b"" if there is none."""
        names = self._names(self._guard)
        return names[0] if names else b""

    def _names(self, directory: bytes) -> List[bytes]:
        try:
            lines = list(self._session.list_lines(b"NLST", directory, most=_MOST_NAMES))
        except ItemError:
            return []
        return sorted(line.rpartition(b"/")[2] for line in lines if line.strip())

    def _break(self, holder: Optional[bytes]) -> None:
        """Take away the guard of one that died. Who holds it by now has another name, and keeps it."""
        if holder:
            self._remove(self._session, joined(self._guard, holder))
        else:
            self._session.call(b"RMD", self._guard)

    def let_go(self) -> None:
        """Remove the directories made by `take`, unless the session is lost."""
        if self._session.closed:
            _left_behind.add(self._name)
            return
        try:
            self.settle(self._lane)
        except BaseException:
            _left_behind.add(self._name)
            raise


class Keeper:
    """Works from `start` to `stop`. One session more than there may be is made for the lock where all are busy for
    long: a run whose lock looks dead is worth less than a server's patience."""

    def __init__(self, pool: FtpsPool, times: Times) -> None:
        self._pool = pool
        self._times = times
        self._ended = threading.Event()
        self._thread: Optional[threading.Thread] = None
        self._touching = threading.Lock()
        self._touched: Optional[Tuple[RelPath, float]] = None
        self._due = 0.0
        self.clock_ahead: Optional[int] = None
        """Nanoseconds that the server's clock is ahead of this host's, after a file was made."""

    def start(self) -> None:
        """May be called again."""
        if self._thread is not None:
            return
        self._thread = in_background(self._work, name="ftps keeper")

    def stop(self) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join(1.0)  # it waits for nothing but a reply
            self._thread = None

    def touch_every(self, path: RelPath, seconds: float) -> None:
        """As PeerTransport.touch_every. Once it has ended, no touch is under way."""
        with self._touching:
            self._touched = (path, seconds) if seconds else None
            self._due = time.monotonic() + seconds

    def _work(self) -> None:
        quiet = time.monotonic()
        while not self._ended.wait(self._pause()):
            with suppress(SyncError):  # the work itself will notice
                if time.monotonic() - quiet > _SILENCE / 2:
                    quiet = time.monotonic()
                    self._pool.keep_alive(_SILENCE)
                self._touch_if_due()

    def _pause(self) -> float:
        touched = self._touched
        return min(1.0, touched[1] / 2) if touched else 1.0

    def _touch_if_due(self) -> None:
        if self._touched is None or time.monotonic() < self._due or self.clock_ahead is None:
            return
        with self._pool.lane(beyond=True) as lane:
            self._touch_now(lane)

    def _touch_now(self, lane: Lane) -> None:
        with self._touching:
            if self._touched is not None:
                path, seconds = self._touched
                self._due = time.monotonic() + seconds
                self._touch(lane, path)

    def _touch(self, lane: Lane, path: RelPath) -> None:
        full = lane.server.full(path)
        self._times.tried(lane.session, full)
        now = time.time_ns() + (self.clock_ahead or 0)
        command = self._times.setting(full, now - now % _SECOND)
        if command is not None:
            lane.session.call(*command)
