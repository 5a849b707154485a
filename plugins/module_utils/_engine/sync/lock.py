# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lock: one run at a time on one destination, by a file in its root.

The holder sends a heartbeat every 10 s by touching the file. A run that finds a lock judges it. A lock is stale if its
process on this host has ended. A lock from another host, a lock whose process is hidden, or an unreadable lock becomes
stale 60 s after its last heartbeat, by the clock of its file system. A stale lock is renamed to a private name, checked
again there, and only then removed: if it belongs to another run by then, it is renamed again to the lock's name.

FTP has no rename that never replaces: a run over FTPS checks whether the name is free, and then takes it, under a guard
(see transport.ftps.small_files) that runs over SFTP do not know. It may replace a lock that was made in between. So a
run that has made a lock waits until no guard exists, and reads the lock again before its first change.

A run without a heartbeat for too long (a suspended machine) may find that its lock was taken over: `confirm` reports
it, and the run ends before it changes anything more.

Some accounts may not remove files. Then the lock stays at the end, with an mtime that makes it stale at once, and the
next run renames its own lock over it, under the private name, before it takes the lock's name.

A server that damages stored data damages the lock too. A lock without a holder can be judged only by its age, so the
next run would wait. The holder removes such a lock while it cannot belong to another run: other runs take over only
older locks.
"""

from __future__ import annotations

import time
from contextlib import suppress
from itertools import chain, repeat
from typing import Callable, Dict, Iterator, NamedTuple, Optional, Set, Tuple

from ..errors import (
    AlreadyExists,
    ItemError,
    Locked,
    NotFound,
    NotSupported,
    PermissionDenied,
    ProofFailed,
    SyncError,
)
from ..model.relpath import RelPath
from ..model.tree import Attributes, Entry
from ..transport.base import Rename, Transport
from .lock_holder import LockHolder
from .stage_names import OURS, StageNames

LOCK_NAME = OURS + b".lock"
SIGN_OF_LIFE = 10.0
STALE_AFTER = 60.0
CONFIRM_AFTER = 30.0
SURELY_OURS = 50.0
ATTEMPTS = 5

GUARD_NAME = OURS + b".guard"
GUARD_PAUSE = 0.05
LONG_AGO = 1_000_000_000 * 1_000_000_000
REFUSED = (PermissionDenied, NotSupported)

_PATH = RelPath(LOCK_NAME)
_GUARD = RelPath(GUARD_NAME)
_live: Set[str] = set()
"""Runs of this process that hold or held a lock and have not ended: another run here does not outlive them by pid."""
FIRST_PAUSES = (1.0, 2.0, 4.0, 8.0)
LONGEST_PAUSE = 15.0
LOCK_CURE = (
    "Let the account list this directory and write to it, or correct dest. If the directory takes only certain names, "
    "set lock to false."
)


class _Found(NamedTuple):
    content: bytes
    entry: Entry


class Lock:
    """The lock of one run on `side`.

    beat: called with the lock's path and the seconds between two heartbeats; 0 seconds end them
    clock_ahead: nanoseconds that the side's clock is ahead of this host's, once the lock is held
    """

    def __init__(
        self, side: Transport, holder: LockHolder, names: StageNames, beat: Callable[[RelPath, float], None]
    ) -> None:
        self._side = side
        self._holder = holder
        self._names = names
        self._beat = beat
        self._confirmed: Optional[Tuple[float, float]] = None
        self._taken = (0.0, 0.0)
        self._held = False
        self._making = False
        """Whether an end in the middle may have left the lock."""
        self._spare: Optional[RelPath] = None
        """The lock under a private name, if it cannot be removed."""
        self._written = 0.0
        self._replaced = False
        self.clock_ahead = 0

    def acquire(self) -> None:
        """Take the lock. Raises Locked, or the ItemError with which it could not be made."""
        _live.add(self._holder.run_id)
        for _attempt in range(ATTEMPTS):
            if self._create():
                self._begin()
                return
            found = _look(self._side, _PATH)
            if found is not None and found.content == self._holder.text():
                self._begin()  # the session was lost after the new name was made, before the old name was removed
                return
            if found is not None:
                self._judge(found)
            if self._replaced:
                self._begin()
                return
        raise Locked("other runs repeatedly take the lock of this destination", cure="Run again later.")

    def _create(self) -> bool:
        """Write the lock under a private name and rename it, so that no run ever reads a partial lock."""
        self._taken = _clocks()
        self._making = True
        beside = self._spare or self._names.in_root()
        try:
            if self._spare is None:
                self._side.create_file(beside, self._holder.text())
                self._written = time.monotonic()
            self._side.rename_new(beside, _PATH)
        except AlreadyExists:
            self._making = False
            try:
                if self._spare is None:
                    self._discard(beside)
            except REFUSED:
                self._spare = beside
            return False
        except ItemError as error:
            raise error.at(
                _PATH,
                message=f"the lock file {LOCK_NAME.decode()} cannot be made in it: {error.message}",
                cure=LOCK_CURE,
            ) from error
        self._names.release(beside)
        self._spare = None
        return True

    def _begin(self) -> None:
        self._held, self._making = True, False
        self._confirmed = None
        self._beat(_PATH, SIGN_OF_LIFE)
        entry, guard = self._both()
        if entry is not None:
            self.clock_ahead = entry.mtime - time.time_ns()
            self._wait_for(guard, entry.mtime)

    def _wait_for(self, guard: Optional[Entry], now: int) -> None:
        """Wait until no run can replace the lock made at `now` by the side's clock: until there is no guard, or only an
        abandoned guard."""
        until = time.monotonic() + STALE_AFTER
        while guard is not None and now - guard.mtime < STALE_AFTER * 1e9 and time.monotonic() < until:
            time.sleep(GUARD_PAUSE)
            guard = self._both()[1]

    def _both(self) -> Tuple[Optional[Entry], Optional[Entry]]:
        """Return the lock and the guard."""
        found: Dict[RelPath, Optional[Entry]] = {}
        for path, entry, error in self._side.look([_PATH, _GUARD]):
            if error is not None and path == _PATH:
                raise error
            found[path] = entry
        return found[_PATH], found[_GUARD]

    def _judge(self, found: _Found) -> None:
        """Remove a stale lock; raise Locked for a valid lock."""
        other = LockHolder.parse(found.content)
        running = other.is_running() if other is not None and other.same_host(self._holder) else None
        age = None
        if other is None or running is None:
            age = self._age(found.entry)
            stale = age > STALE_AFTER
        else:
            stale = not running or (other.pid == self._holder.pid and other.run_id not in _live)
        if not stale or not self._break(found):
            raise _locked(other, age)

    def _age(self, entry: Entry) -> float:
        """Return the seconds since the last heartbeat, by the clock that wrote it."""
        probe = self._spare or self._names.in_root()
        if self._spare is None:
            self._side.create_file(probe, b"")
        now = self._side.entry_at(probe)
        if self._spare is None:
            self._discard(probe)
        since = 0.0 if self._spare is None else time.monotonic() - self._written
        return 0.0 if now is None else (now.mtime - entry.mtime) / 1e9 + since

    def _break(self, found: _Found) -> bool:
        """Return whether the stale lock is gone, or the own lock in its place; not so when it turned out to be alive or
        another's."""
        aside = self._names.in_root()
        try:
            _rename(self._side, _PATH, aside)
        except NotFound:
            return True
        if _look(self._side, aside) not in (found, None):
            self._put_back(aside)
            return False
        if self._spare is None:
            self._discard(aside)
            return True
        return self._replace(aside, self._spare)

    def _replace(self, stale: RelPath, spare: RelPath) -> bool:
        """Make the own lock by the stale lock, which cannot be removed and has a name of this run."""
        _rename(self._side, spare, stale)
        self._names.release(spare)
        self._spare = stale
        try:
            self._side.rename_new(stale, _PATH)
        except AlreadyExists:
            return False
        self._names.release(stale)
        self._spare, self._replaced = None, True
        return True

    def _discard(self, path: RelPath) -> None:
        _remove(self._side, path)
        self._names.release(path)

    def _put_back(self, aside: RelPath) -> None:
        try:
            self._side.rename_new(aside, _PATH)
        except AlreadyExists:  # A third run was quicker; the owner of the lock detects it in `confirm`.
            with suppress(*REFUSED):
                self._discard(aside)
        else:
            self._names.release(aside)

    def confirm(self, side: Optional[Transport] = None) -> None:
        """Raise Locked if the lock was taken over, read through `side` if given; raise ProofFailed if the server has
        changed its content."""
        if not self._held:
            return
        side = side or self._side
        found = _look(side, _PATH)
        if found is None or found.content != self._holder.text():
            self._held = False
            if found is not None and self._damaged(found):
                _remove(side, _PATH)
                raise ProofFailed(
                    "the lock file of the destination does not hold the bytes that were written to it",
                    path=_PATH,
                    cure="Check the server's disk: its stored data is not reliable.",
                )
            raise _taken_over(first=self._confirmed is None)
        self._confirmed = _clocks()

    def _damaged(self, found: _Found) -> bool:
        """Return whether only this run can have made the lock."""
        return LockHolder.parse(found.content) is None and _seconds_since(self._taken) < SURELY_OURS

    def confirm_if_old(self) -> None:
        """`confirm`, where that was never known or half a minute ago or more."""
        if self._confirmed is None or _seconds_since(self._confirmed) > CONFIRM_AFTER:
            self.confirm()

    def release(self) -> None:
        """Release the lock; may be called without holding it. Raises SyncError if the side cannot be reached."""
        try:
            if self._making:
                found = _look(self._side, _PATH)
                self._held = found is not None and found.content == self._holder.text()
            if self._held:
                self._beat(_PATH, 0)
                self.confirm()
                self._held = False
                self._take_away()
        finally:
            self._held = False
            _live.discard(self._holder.run_id)

    def _take_away(self) -> None:
        try:
            _remove(self._side, _PATH)
        except REFUSED as error:
            for _done in self._side.set_attributes([(_PATH, Attributes(None, LONG_AGO))]):
                pass  # Without it, runs on other hosts wait for the end of the last heartbeat.
            raise error.at(_PATH, message=f"the next run takes it over: {error.message}") from error


def _clocks() -> Tuple[float, float]:
    return time.monotonic(), time.time()


def _seconds_since(then: Tuple[float, float]) -> float:
    """Return the longer time of both clocks: one stands still while a machine sleeps, the other is set."""
    return max(now - before for now, before in zip(_clocks(), then))


def _look(side: Transport, path: RelPath) -> Optional[_Found]:
    entry = side.entry_at(path)
    try:
        return None if entry is None else _Found(side.read_file(path), entry)
    except NotFound:
        return None


def _rename(side: Transport, old: RelPath, new: RelPath) -> None:
    """Rename `old` to `new`, a name of this run: if two runs rename the same file, one of them finds it gone."""
    for done in side.rename([Rename(old, new)]):
        if done.error is not None:
            raise done.error


def _remove(side: Transport, path: RelPath) -> None:
    for done in side.remove_files([path]):
        if done.error is not None:
            raise done.error


def _taken_over(*, first: bool) -> SyncError:
    """first: nothing was changed yet."""
    if first:
        return Locked("another run took the lock of this destination at the same moment", path=_PATH, cure="Run again.")
    return Locked(
        f"another run took over the lock, because this run had no heartbeat for more than {STALE_AFTER:.0f} s",
        cure="Run again. Files already stored under their final names are complete.",
    )


def _locked(other: Optional[LockHolder], age: Optional[float]) -> SyncError:
    if other is None:
        who = "a run whose lock file cannot be read"
    else:
        who = f"run {other.run_id}, process {other.pid} on host {other.name}"
    seen = "" if age is None else f"; its last heartbeat is {max(age, 0):.0f} s old"
    return Locked(
        f"the destination is locked by {who}{seen}",
        path=_PATH,
        cure="Wait for that run to end. The next run takes over the lock of an ended run: at once on the same host, "
        f"otherwise {STALE_AFTER:.0f} s after its last heartbeat.",
    )


def taken_in_turn(take: Callable[[], None], seconds: float, wait: Callable[[float], None]) -> bool:
    """Call `take` until it succeeds, after 1, 2, 4, 8, 15, 15 ... seconds; return whether that took more than one call.
    The pauses add up to `seconds`: a lock whose holder has ended is taken at the next look.

    Raises Locked after `seconds` of pauses, with this time in its message.
    """
    waited = False
    for pause in _pauses(seconds):
        try:
            take()
            return waited
        except Locked:
            waited = True
            wait(pause)
    try:
        take()
    except Locked as error:
        raise error.at(error.path, message=f"{error.message}; waited {seconds:g} s for it") from error
    return waited


def _pauses(seconds: float) -> Iterator[float]:
    left = seconds
    for pause in chain(FIRST_PAUSES, repeat(LONGEST_PAUSE)):
        if left <= 0:
            return
        yield min(pause, left)
        left -= pause
