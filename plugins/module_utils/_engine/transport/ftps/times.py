# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times: how to set mtimes on this server, tested once, and the mtimes that it then reports."""

from __future__ import annotations

import threading
from typing import Callable, Dict, List, Optional, Sequence

from ...errors import ItemError, ProtocolViolation
from ...ftps.listing import mlst_entry, parse_time, render_time
from ...ftps.replies import Reply
from ...ftps.session import FtpsSession
from ...model.report import Fallback
from .server import NO_DIRECTORY_TIMES, Command, Server

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
