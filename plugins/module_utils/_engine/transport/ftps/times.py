# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times: how to set mtimes on this server, tested once, and the mtimes that it then reports; Keeper: a thread for
heartbeats while the others work: of the lock and of idle connections.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import Callable, Dict, List, Optional, Sequence, Tuple

from ...errors import ItemError, ProtocolViolation, SyncError
from ...ftps.listing import mlst_entry, parse_time, render_time
from ...ftps.replies import Reply
from ...ftps.session import FtpsSession
from ...model.relpath import RelPath
from ...model.report import Fallback
from ...system.background import in_background
from .lane import Lane
from .pool import FtpsPool
from .server import NO_DIRECTORY_TIMES, Command, Server

_SILENCE = 30.0
"""Seconds: routers forget connections after a minute or two, servers after a few."""


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


_SECOND = 1_000_000_000

NO_TIMES = "the server does not set mtimes as requested (%s): files keep the time at which they were written"
_FALL_BACK = "the server sets mtimes by %s, because it has no MFMT"
_PROBE = 981_173_106 * _SECOND
"""2001-02-03 04:05:06 UTC, nothing that a clock could show by itself."""
_Form = Callable[[bytes, bytes], Command]


def _mfmt(path: bytes, stamp: bytes) -> Command:
    """draft-somers-ftp-mfxx-04 section 3."""
    return b"MFMT", b"%s %s" % (stamp, path)


def _mdtm(path: bytes, stamp: bytes) -> Command:
    """MDTM with a time, as vsftpd and others take it."""
    return b"MDTM", b"%s %s" % (stamp, path)


def _utime(path: bytes, stamp: bytes) -> Command:
    """SITE UTIME with access, modification and creation time, as ProFTPD and pure-ftpd take it."""
    return b"SITE", b"UTIME %s %s %s %s UTC" % (path, stamp, stamp, stamp)


_NAMES: Dict[_Form, str] = {_mfmt: "MFMT", _mdtm: "MDTM with a time", _utime: "SITE UTIME"}


class Times:
    """stores: whether the server keeps the mtimes that it is given, as far as known."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._trying = threading.Lock()
        self._form: Optional[_Form] = None
        self.stores = True
        self._directories: Optional[bool] = None
        """Whether MFMT works on directories; None: not tried yet."""

    @property
    def of_directories(self) -> Optional[bool]:
        """Return whether the server reports and sets the mtimes of directories; None: it may, and that was not tried
        yet."""
        return self._directories if self._server.has_mlst and self._server.features.has(b"MFMT") else False

    def tried(
        self, session: FtpsSession, path: bytes, *, directory: bytes = b"", restore: bool = False
    ) -> Optional[_Form]:
        """Find out, on a file of our own whose mtime is set back afterwards, which command works. directory: to find
        out whether the command works on directories too; restore: whether it keeps its mtime."""
        with self._trying:
            if self._form is None and self.stores:
                self._try(session, path)
            if directory and self.of_directories is None:
                before = _listed_time(session.call(b"MLST", directory)) if restore else None
                self._try_directory(session, directory)
                if self._directories and before is not None:
                    session.call(*_mfmt(directory, render_time(before)))
        return self._form

    def _try_directory(self, session: FtpsSession, directory: bytes) -> None:
        """pyftpdlib has MFMT and sets the mtimes of files alone."""
        set_reply, read_reply = session.call_many([_mfmt(directory, render_time(_PROBE)), (b"MLST", directory)])
        self._directories = self._form is _mfmt and set_reply.good and _listed_time(read_reply) == _PROBE
        if not self._directories:
            self._server.note(NO_DIRECTORY_TIMES)

    def _try(self, session: FtpsSession, path: bytes) -> None:
        before = time_in(session.call(b"MDTM", path))
        refused: List[str] = []
        for form in self._candidates():
            set_reply, read_reply = session.call_many([form(path, render_time(_PROBE)), (b"MDTM", path)])
            if set_reply.good and time_in(read_reply) == _PROBE:
                self._form = form
                break
            refused.append(set_reply.text if not set_reply.good else f"MDTM then reports {read_reply.text}")
        if self._form is None:
            self.stores = False
            self._server.note(NO_TIMES % ("; ".join(refused)[:300] or "no MDTM"))
        elif before is not None:
            session.call(*self._form(path, render_time(before)))
        if self._form not in (None, _mfmt):
            self._server.note(Fallback(_FALL_BACK % _NAMES[self._form]))

    def _candidates(self) -> Sequence[_Form]:
        return (_mfmt, _mdtm, _utime) if self._server.features.has(b"MFMT") else (_mdtm, _utime)

    def setting(self, path: bytes, mtime: int) -> Optional[Command]:
        """Return the command that sets an mtime (nanoseconds); None if there is none."""
        return None if self._form is None else self._form(path, render_time(mtime))


def time_in(reply: Reply) -> Optional[int]:
    """Return the time that MDTM reports, nanoseconds since 1970; None for a refusal."""
    if reply.code != 213 or not reply.lines:
        return None
    try:
        return parse_time(reply.lines[-1].strip())
    except ProtocolViolation:
        return None


def same_time(one: Optional[int], other: Optional[int]) -> bool:
    """Return whether two mtimes (nanoseconds) are equal at the precision that both have: MLSD may report fractions of a
    second and MDTM none, or the other way round."""
    if one is None or other is None or one == other:
        return one == other
    return not (one % _SECOND and other % _SECOND) and one // _SECOND == other // _SECOND


def _listed_time(reply: Reply) -> Optional[int]:
    """Return the mtime in the reply to MLST; None for a refusal."""
    lines = [line for line in reply.lines if line[:1] == b" "] if reply.good else []
    try:
        return mlst_entry(lines[0]).mtime if lines else None
    except (ItemError, ProtocolViolation):
        return None
