# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""StripedFetch: a large file over all sessions at once, each reading parts of it (REST, RFC 3659 section 5) into one
stage. Over a distance one connection's window would hold it up, nearby one processor."""

from __future__ import annotations

import threading
from collections import deque
from typing import Callable, Deque, List, Optional, Sequence, Union

from ...errors import ItemError
from ..base import LocalSide, StageFile, Transfer
from .fetch import Fetch, Part
from .jobs import Job, Run
from .lane import Halfway, Lane, PartRefused

_STRIPED_FROM = 64 << 20
"""Bytes from which on that is worth the end of a transfer in its middle for each part but the last."""
_PARTS_EACH = 2
"""For each session, so that hashing from the file's beginning is not far behind when the last part arrives."""

Failure = Union[ItemError, PartRefused]
Conclude = Callable[[Lane, Run, "StripedFetch"], None]
"""Called once, in the last lane at work: ends the stage."""


def worth_striping(transfers: Sequence[Transfer], sessions: int) -> List[Transfer]:
    """Return those that would keep one of so many sessions at work long after the others are done."""
    total = sum(one.entry.size for one in transfers)
    if sessions < 2:
        return []
    return [one for one in transfers if one.entry.size >= _STRIPED_FROM and one.entry.size * sessions > total]


class _GivenUp(Exception):
    """Another part of the file failed."""


class StripedFetch:
    """One file in parts. A session that is done with one takes the next, so that a server which admits fewer sessions
    than there are jobs gives the file all the same. After a lost session, `jobs` fetch the rest.

    stage, error: at the end
    """

    def __init__(
        self,
        transfer: Transfer,
        sink: LocalSide,
        fetch: Fetch,
        conclude: Conclude,
        width: int,
        halfway: Halfway,
    ) -> None:
        self._halfway = halfway
        self.transfer = transfer
        self._sink = sink
        self._fetch = fetch
        self._conclude = conclude
        self._left: Deque[Part] = deque(_parts(transfer.entry.size, _PARTS_EACH * width))
        self._lock = threading.Lock()
        self.stage: Optional[StageFile] = None

    @property
    def reached(self) -> int:
        """Return the bytes of all parts that are fetched."""
        with self._lock:
            return self.transfer.entry.size - sum(part.size for part in self._left)

    def give_up(self) -> None:
        if self.stage is not None:
            self.stage.leave()

    def jobs(self, width: int) -> List[Job]:
        """Return the work of so many sessions."""
        size = self.transfer.entry.size
        self._left = self._left or deque([Part(size, size)])
        self._unfinished = len(self._left)
        self._at_work = 0
        self._over = False
        """Whether no further part must be started: all are done, or one failed."""
        self.error: Optional[Failure] = None
        return [self._work] * width

    def _work(self, lane: Lane, run: Run) -> None:
        if not self._enter():
            return
        try:
            self._fetch_parts(lane, run)
        except BaseException:
            self._over = True
            if self._leave():
                self._halfway[self.transfer.stage] = self
            raise
        if not self._leave():
            return
        self._over = True
        if self._unfinished and self.error is None:
            self._halfway[self.transfer.stage] = self  # the error of another job ends the run
            return
        self._conclude(lane, run, self)

    def _fetch_parts(self, lane: Lane, run: Run) -> None:
        def check() -> None:
            run.check()
            if self._over:
                raise _GivenUp

        try:
            while not self._over:
                part = self._next()
                if part is None:
                    return
                if lane.session.closed:  # with the end of the last part, as by ProFTPD now and then
                    lane.log_in()
                try:
                    if part.size:
                        self._fetch(lane, self.transfer, part, self._open_stage, check)
                except BaseException:
                    part.begin = min(part.begin, self.transfer.entry.size - 1)  # see Downloads
                    self._left.appendleft(part)
                    raise
                self._finished()
        except _GivenUp:
            pass
        except (ItemError, PartRefused) as error:
            with self._lock:
                self._over = True
                self.error = self.error or error

    def _enter(self) -> bool:
        with self._lock:
            wanted = bool(self._left) and not self._over
            self._at_work += wanted
            return wanted

    def _leave(self) -> bool:
        """Return whether no other session is at work."""
        with self._lock:
            self._at_work -= 1
            return not self._at_work

    def _next(self) -> Optional[Part]:
        with self._lock:
            return self._left.popleft() if self._left else None

    def _finished(self) -> None:
        with self._lock:
            self._unfinished -= 1

    def _open_stage(self) -> StageFile:
        with self._lock:
            if self.stage is None:
                self.stage = self._sink.create_stage(self.transfer.stage, self.transfer.kept)
            return self.stage


def _parts(size: int, count: int) -> List[Part]:
    ends = [size * number // count for number in range(count + 1)]
    return [Part(begin, end) for begin, end in zip(ends, ends[1:])]
