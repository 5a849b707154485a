# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""FtpsPool: one or several FTPS sessions to one server, each used by one thread at a time.

An FTP session carries one transfer at a time, so several sessions are needed to use a line or two processors fully.
Work comes as jobs; each uses a session while it runs and passes its results to the thread that reads them.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager, suppress
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional

from ...errors import AuthenticationFailed, ConnectionFailed, ConnectionLost, SyncError
from ...system.background import in_background
from .jobs import Job, Run
from .lane import Lane

_REFUSALS = (ConnectionFailed, ConnectionLost, AuthenticationFailed)
"""How a server refuses a further session: 421 or 530, or it hangs up."""
_LOGIN_ENDS = 1.0
"""Seconds that a login under way gets to end."""


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
        """Return the lanes there are."""
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
            self._note(f"the server admitted {max(1, len(self._all))} sessions: {error.message}")
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
