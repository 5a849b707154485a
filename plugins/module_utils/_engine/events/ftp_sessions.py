# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""FtpSessions: from lines of FTP servers to logins and the file work of sessions.

ProFTPD logs the beginning and the end of a session, with its process; its transfers have no process and belong to the
newest session of their account and address. vsftpd logs no end, and often the same pid for all sessions: the sessions
of an account from an address count as a single session, which ends when no line has come for `idle` seconds.
"""

from __future__ import annotations

from typing import Any, Dict, Generator, Iterator, List, Optional, Tuple

from . import proftpd, vsftpd, xferlog
from .event import FAILURE, FTP, LOGIN, LOGIN_FAILED, REFUSED, SUCCESS, UNKNOWN, Event
from .work import Result, Who, Work, oldest

__all__ = ["FtpSessions"]

_MOST_SESSIONS = 5000
_FAILED = "Failed"


class _Session:
    """One session. process: of ProFTPD, 0 for vsftpd. seen, cursor: of its last line. work: as saved."""

    def __init__(
        self, who: Who, process: int, moment: float, cursor: str, work: Optional[Dict[str, Any]] = None
    ) -> None:
        self.who, self.process, self.seen, self.cursor = who, process, moment, cursor
        self.work = Work(moment, work, has_renames=not process)


class FtpSessions:
    """All open sessions. idle: seconds without a line that end a session of vsftpd. saved: the result of `saved` in an
    earlier run."""

    def __init__(self, idle: float, saved: Optional[Dict[str, Any]] = None) -> None:
        self._idle = idle
        self._sessions: Dict[str, _Session] = {}
        self.unknown = 0
        for who, process, seen, cursor, work in (saved or {}).get("sessions", []):
            self._sessions[Who(*who).session] = _Session(Who(*who), process, seen, cursor, work)

    @property
    def open(self) -> int:
        """The number of open sessions."""
        return len(self._sessions)

    def saved(self) -> Dict[str, Any]:
        """Return all sessions as values of JSON."""
        sessions = [
            [list(each.who), each.process, each.seen, each.cursor, each.work.saved()]
            for each in self._sessions.values()
        ]
        return {"sessions": sessions}

    def take_vsftpd(self, text: bytes, cursor: str) -> Iterator[Event]:
        """Return the events of a line of vsftpd.log."""
        line = vsftpd.parse_vsftpd(text)
        if line is None:
            self.unknown += 1
        elif line.kind == vsftpd.LOGIN:
            yield from self._login(line, cursor)
        elif line.kind not in (vsftpd.CONNECT, vsftpd.STEP):
            session = self._of(line.account, line.address)
            if session is None:
                session = yield from self._begin(line.account, line.address, 0, line.moment, cursor)
            session.seen, session.cursor = line.moment, cursor
            failure = "" if line.succeeded else _FAILED
            yield from _file_events(line, Result(line.moment, cursor, failure), session)

    def take_proftpd(self, text: bytes, cursor: str) -> Iterator[Event]:
        """Return the events of a line of ProFTPD's SystemLog."""
        line = proftpd.parse_proftpd(text)
        if line is None:
            self.unknown += 1
        elif line.kind == proftpd.LOGIN:
            session = yield from self._begin(line.account, line.address, line.pid, line.moment, cursor)
            yield _login_event(LOGIN, line.moment, line.account, line.address, cursor, session=session.who.session)
        elif line.kind in (proftpd.FAILED, proftpd.REFUSED):
            action = LOGIN_FAILED if line.kind == proftpd.FAILED else REFUSED
            yield _login_event(
                action, line.moment, line.account, line.address, cursor, outcome=FAILURE, reason=line.reason
            )
        elif line.kind in (proftpd.CLOSED, proftpd.OPENED):
            yield from self._closed(line, cursor)

    def take_xferlog(self, text: bytes, cursor: str) -> Iterator[Event]:
        """Return the events of a line of a transfer log."""
        line = xferlog.parse_xferlog(text)
        if line is None:
            self.unknown += 1
            return
        session = self._of(line.account, line.address)
        if session is None:
            session = yield from self._begin(line.account, line.address, 0, line.moment, cursor)
        session.seen, session.cursor = line.moment, cursor
        result = Result(line.moment, cursor, "" if line.complete else UNKNOWN)
        if line.kind == xferlog.UPLOAD:
            yield from session.work.uploaded(session.who, result, line.path, line.size)
        elif line.kind == xferlog.DOWNLOAD:
            yield from session.work.downloaded(session.who, result, line.path, line.size)
        else:
            yield from session.work.deleted(session.who, result, line.path)

    def passed(self, now: float) -> Iterator[Event]:
        """Return the events that the passage of time brings: ends of sessions without lines."""
        for session in list(self._sessions.values()):
            session.seen = min(session.seen, now)  # the clock was set back
            if session.seen < now - self._idle and not session.process:
                yield from self._end(session, SUCCESS)
            elif session.seen < now - 86400:
                yield from self._end(session, UNKNOWN)

    def _login(self, line: vsftpd.Line, cursor: str) -> Iterator[Event]:
        if line.ambiguous:
            yield Event(line.moment, LOGIN_FAILED, UNKNOWN, protocol=FTP, ambiguous=True, cursor=cursor)
        elif not line.succeeded:
            yield _login_event(LOGIN_FAILED, line.moment, line.account, line.address, cursor, outcome=FAILURE)
        else:
            session = self._of(line.account, line.address)
            if session is None:
                session = yield from self._begin(line.account, line.address, 0, line.moment, cursor)
            session.seen, session.cursor = line.moment, cursor
            yield _login_event(LOGIN, line.moment, line.account, line.address, cursor, session=session.who.session)

    def _closed(self, line: proftpd.Line, cursor: str) -> Iterator[Event]:
        """End the session of a process: at its end, or when its pid belongs to another."""
        for session in list(self._sessions.values()):
            if session.process == line.pid:
                if line.kind == proftpd.CLOSED:
                    session.seen, session.cursor = line.moment, cursor
                yield from self._end(session, SUCCESS if line.kind == proftpd.CLOSED else UNKNOWN)

    def _of(self, account: str, address: str) -> Optional[_Session]:
        """Return the newest session of an account and an address."""
        same = [each for each in self._sessions.values() if (each.who.account, each.who.address) == (account, address)]
        return same[-1] if same else None

    def _begin(
        self, account: str, address: str, process: int, moment: float, cursor: str
    ) -> Generator[Event, None, _Session]:
        if len(self._sessions) >= _MOST_SESSIONS:
            yield from self._end(self._sessions[oldest(self._sessions)], UNKNOWN)
        who = Who(account, address, FTP, session="ftp-" + cursor.replace(":", "-"))
        session = self._sessions[who.session] = _Session(who, process, moment, cursor)
        return session

    def _end(self, session: _Session, outcome: str) -> Iterator[Event]:
        del self._sessions[session.who.session]
        yield from session.work.ended(session.who, Result(session.seen, session.cursor), outcome)


def _file_events(line: vsftpd.Line, result: Result, session: _Session) -> Iterator[Event]:
    who, work = session.who, session.work
    if line.kind == vsftpd.UPLOAD:
        yield from work.uploaded(who, result, line.path, line.size)
    elif line.kind == vsftpd.DOWNLOAD:
        yield from work.downloaded(who, result, line.path, line.size)
    elif line.kind == vsftpd.RENAME:
        yield from work.renamed(who, result, _meanings(line.path) or [(line.path, b"")])
    elif line.kind in (vsftpd.DELETE, vsftpd.RMDIR):
        yield from work.deleted(who, result, line.path)
    elif line.kind == vsftpd.MKDIR:
        yield from work.made(who, result, line.path)
    elif line.kind == vsftpd.SETSTAT:
        yield from work.changed(who, result, line.path)


def _meanings(names: bytes) -> List[Tuple[bytes, bytes]]:
    """Cut the two names of a rename apart, at each blank. Both are absolute, as vsftpd writes them."""
    places = [place for place in range(1, len(names)) if names[place : place + 2] == b" /"]
    return [(names[:place], names[place + 1 :]) for place in places]


def _login_event(action: str, moment: float, account: str, address: str, cursor: str, **fields: str) -> Event:
    return Event(moment, action, account=account, address=address, protocol=FTP, cursor=cursor, **fields)  # type: ignore[arg-type]
