# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Claim: a run's hold on its destination: the root, the lock, and the run's temporary files.

At the end of a run, also after an error or interruption, its temporary files are removed and the lock is released, if
the session still works. The next run finds and removes the rest.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Callable, List, Optional

from ..errors import AlreadyExists, ItemError, NotFound, SyncError
from ..model.display import display
from ..model.plan import Write
from ..model.relpath import RelPath
from ..model.report import WAITING
from ..model.request import SyncRequest
from ..transport.base import Transport
from .account import CREATE_ROOT, Account, creation_above
from .lock import Lock
from .lock_holder import LockHolder
from .overlap import Marker
from .retry import Recovery
from .roots import Opened, is_directory
from .sessions import RootWords, Sessions

if TYPE_CHECKING:
    from .roots import Parents

LEFT = "temporary files could not be removed: %s: %s"
_NAMED = 5


PARENT_CURE = "Let the account write to the parent directory, or correct dest."


class Claim:
    """The claim of one run; `stack` ends it.

    begun: whether files of this run may be at the destination
    came_second: whether another run made the root or held the lock first, and may have changed either side since this
    run began
    """

    def __init__(self, request: SyncRequest, sessions: Sessions, account: Account, stack: ExitStack) -> None:
        self._request = request
        self._sessions = sessions
        self._account = account
        self._stack = stack
        self._words = RootWords.destination(request)
        self._lock: Optional[Lock] = None
        self.begun = self.came_second = False

    def take(self, opened: Opened) -> Optional[Marker]:
        """Make the destination's root if it is missing, and lock it. Return a file by which overlapping roots are
        found; None for a run on one file."""
        if opened.destination_missing:
            self._make_root(opened)
        self.begun = True
        holder = LockHolder.here(self._request.run_id)
        self._stack.callback(self._remove_stages, opened)
        if self._request.lock:
            self._acquire(opened, holder)
        confirm = self._lock.confirm if self._lock is not None and opened.sides.push else _nothing
        in_place = self._request.in_place
        self._sessions.session.begin_changes(Recovery(_same_name if in_place else opened.names.beside, confirm))
        if opened.file or in_place:
            return None
        return Marker.of_lock(holder) if self._request.lock else Marker.temporary(opened, holder)

    def _make_root(self, opened: Opened) -> None:
        try:
            with self._words.in_errors("cannot be made", PARENT_CURE):
                if opened.parents is not None:
                    self._make_parents(opened.parents)
                opened.sides.destination.create_root()
        except NotFound:
            raise self._words.no_parent() from None
        except AlreadyExists:
            if not is_directory(opened.sides.destination):
                raise
            self.came_second = True
            self._account.root_found()
        except ItemError:
            if is_directory(opened.sides.destination):  # A later step was refused, or the answer is wrong.
                self._account.root_made()
            raise
        else:
            self._made(opened.destination_root, CREATE_ROOT)

    def _make_parents(self, parents: Parents) -> None:
        from .roots import create  # pylint: disable=import-outside-toplevel

        for levels, path in zip(range(len(parents.missing), 0, -1), parents.missing):
            if create(self._sessions, path):
                self._made(path, creation_above(levels))
            else:
                self._account.root_found(creation_above(levels))
        self._sessions.open_destination(parents.root)

    def _made(self, root: bytes, creation: Write) -> None:
        self._account.root_made(creation)
        self._stack.callback(self._unmake_root, root, creation)

    def _unmake_root(self, root: bytes, creation: Write) -> None:
        """Remove the root that this run made on this host, if the set was refused before anything else was done."""
        if self._account.is_planned or all(feature.keeps_root for feature in self._account.features):
            return
        parent, name = os.path.split(root)
        for done in self._sessions.open_local(parent).remove_directories([RelPath(name)]):
            if done.error is None:
                self._account.root_removed(creation)

    def _acquire(self, opened: Opened, holder: LockHolder) -> None:
        self._lock = Lock(opened.sides.destination, holder, opened.names, _heartbeat(opened))
        self._stack.callback(self._release, self._lock)
        with self._words.in_errors("cannot be locked"):
            if self._request.lock_wait:
                self._wait_for(self._lock)
            else:
                self._lock.acquire()

    def _wait_for(self, lock: Lock) -> None:
        from .lock import taken_in_turn

        def wait(seconds: float) -> None:
            self._sessions.progress.phase = WAITING
            self._sessions.wait(seconds)

        self.came_second |= taken_in_turn(lock.acquire, self._request.lock_wait, wait)

    def _release(self, lock: Lock) -> None:
        try:
            lock.release()
        except SyncError as error:
            self._account.outcomes.note(f"the lock of the destination could not be removed: {error.message}")

    def _remove_stages(self, opened: Opened) -> None:
        """Remove the stages of this run. Cleanup must not hide the error that ended the run."""
        with suppress(SyncError):
            left = [done for done in opened.sides.destination.remove_files(sorted(opened.names.open)) if done.error]
            names = [f"'{display(done.path)}'" for done in left[:_NAMED]]
            if names:
                more = f" and {len(left) - len(names)} more" if left[_NAMED:] else ""
                self._account.outcomes.note(LEFT % (", ".join(names) + more, left[0].error))

    def wind_up(self, error: BaseException) -> bool:
        """End all attempts to open sessions; return whether the run was interrupted, or lost its session for good.

        An interruption can happen in the middle of a packet and leaves requests under way, for which the cleanup would
        have to wait: a new session is opened for it, once.
        """
        interrupted = not isinstance(error, Exception)
        if self._sessions.give_up() and interrupted and self.begun and self._sessions.peer is not None:
            with suppress(SyncError):
                self._sessions.peer.reconnect()
        return interrupted or (isinstance(error, SyncError) and error.retryable)

    def still_ours(self) -> None:
        """Raise if another run has taken over the destination."""
        if self._lock is not None:
            self._lock.confirm_if_old()

    @property
    def clock_ahead(self) -> int:
        """Return the nanoseconds that the destination's clock is ahead of this host's, as far as known."""
        return 0 if self._lock is None else self._lock.clock_ahead


def _heartbeat(opened: Opened) -> Callable[[RelPath, float], None]:
    if opened.sides.push:
        opened.sides.local.call_meanwhile(opened.sides.peer.beat)
        return opened.sides.peer.touch_every
    from .lock_holder import Heartbeat  # pylint: disable=import-outside-toplevel

    hearts: List[Heartbeat] = []

    def beat(path: RelPath, seconds: float) -> None:
        while hearts:
            hearts.pop().stop()
        if seconds:
            hearts.append(Heartbeat(opened.destination_root, path, seconds))
            hearts[0].start()

    return beat


def _same_name(path: RelPath) -> RelPath:
    return path


def _nothing(peer: Transport) -> None:
    """Confirm nothing: no lock is at the peer."""
