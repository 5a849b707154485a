# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeper: a thread for heartbeats while the others work: of the lock and of idle connections."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import Optional, Tuple

from ...errors import SyncError
from ...model.relpath import RelPath
from ...system.background import in_background
from .lane import Lane
from .pool import FtpsPool
from .times import Times

_SILENCE = 30.0
"""Seconds: routers forget connections after a minute or two, servers after a few."""
_SECOND = 1_000_000_000


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
