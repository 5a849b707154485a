# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""FtpSessions: from lines of FTP servers to logins and the file work of sessions.

The logs have no end of a session, and often the same process for all sessions: the sessions of an account from an
address over a protocol count as a single session, which ends when no line has come for `idle` seconds.

Of ProFTPD, only the log of transfers is read: it writes names of unknown accounts into its SystemLog with their line
feeds, so that a stranger could forge any login.

Transfer logs have the format of wu-ftpd: ProFTPD's TransferLog, and vsftpd with xferlog_std_format. Their times are
local and have no zone. The server writes `_` for blanks and control characters, so that no name can imitate the fields
behind it.
"""

from __future__ import annotations

import re
from typing import Any, Dict, Generator, Iterator, List, Optional, Tuple

from . import vsftpd_lines
from .event import FAILURE, FTP, LOGIN, LOGIN_FAILED, SFTP, SUCCESS, UNKNOWN, Event
from .vsftpd_lines import DELETE, DOWNLOAD, UPLOAD, Line
from .work import Result, Who, Work, ends_of_first, limited, oldest

_MOST_SESSIONS = 5000
_FAILED = "Failed"
_SSH = (b"sftp", b"scp")
_KINDS = {b"i": UPLOAD, b"o": DOWNLOAD, b"d": DELETE}
_LINE = re.compile(
    rb"(?P<time>[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}) \d+"
    rb" (?:::ffff:)?(?P<address>[0-9a-fA-F.:]+) (?P<count>\d+) (?P<path>[^ ]+) [ab] [CUT_]"
    rb" (?P<way>[iod]) [argn] (?P<account>[^ ]+) (?P<service>\w+) [01] [^ ]+ (?P<end>[ci])"
)


class _Session:
    """One session. has_renames: whether its log has renames. seen, cursor: of its last line. work: as saved."""

    def __init__(
        self, who: Who, moment: float, cursor: str, work: Optional[Dict[str, Any]] = None, *, has_renames: bool
    ) -> None:
        self.who, self.has_renames, self.seen, self.cursor = who, has_renames, moment, cursor
        self.work = Work(moment, work, has_renames=has_renames)

    @property
    def names(self) -> int:
        """The characters of all names that are remembered."""
        return self.work.names

    def forget(self) -> Iterator[Event]:
        return self.work.forget(self.who)


class FtpSessions:
    """All open sessions. idle: seconds without a line that end a session. saved: the result of `saved` in an
    earlier run."""

    def __init__(self, idle: float, saved: Optional[Dict[str, Any]] = None) -> None:
        self._idle = idle
        self._sessions: Dict[str, _Session] = {}
        self.unknown = 0
        for who, has_renames, seen, cursor, work in (saved or {}).get("sessions", []):
            session = _Session(Who(*who), seen, cursor, work, has_renames=has_renames)
            self._sessions[session.who.session] = session

    @property
    def open(self) -> int:
        """The number of open sessions."""
        return len(self._sessions)

    def saved(self) -> Dict[str, Any]:
        """Return all sessions as values of JSON."""
        sessions = [
            [list(each.who), each.has_renames, each.seen, each.cursor, each.work.saved()]
            for each in self._sessions.values()
        ]
        return {"sessions": sessions}

    def take_vsftpd(self, text: bytes, cursor: str) -> Iterator[Event]:
        line = vsftpd_lines.parse_vsftpd(text)
        if line is None:
            self.unknown += 1
        elif line.kind == vsftpd_lines.LOGIN:
            yield from self._login(line, cursor)
        elif line.kind not in (vsftpd_lines.CONNECT, vsftpd_lines.STEP):
            session = yield from self._of(Who(line.account, line.address, FTP), line.moment, cursor)
            failure = "" if line.succeeded else _FAILED
            yield from _file_events(line, Result(line.moment, cursor, failure), session)

    def take_xferlog(self, text: bytes, cursor: str) -> Iterator[Event]:
        """Return the events of a line of a transfer log."""
        line = parse_xferlog(text)
        if line is None:
            self.unknown += 1
            return
        who = Who(line.account, line.address, line.protocol)
        session = yield from self._of(who, line.moment, cursor, has_renames=False)
        yield from _file_events(line, Result(line.moment, cursor, "" if line.succeeded else UNKNOWN), session)

    def passed(self, now: float) -> Iterator[Event]:
        """Return the events that the passage of time brings: ends of sessions without lines."""
        for session in list(self._sessions.values()):
            session.seen = min(session.seen, now)  # the clock was set back
            if session.seen < now - self._idle:
                yield from self._end(session, SUCCESS)

    def limited(self, most: int) -> Iterator[Event]:
        """Return the events of the names that are forgotten, so that all sessions have at most so many characters."""
        return limited(self._sessions.values(), most)

    def _login(self, line: Line, cursor: str) -> Iterator[Event]:
        if line.ambiguous:
            yield Event(line.moment, LOGIN_FAILED, UNKNOWN, protocol=FTP, ambiguous=True, cursor=cursor)
        elif not line.succeeded:
            yield _login_event(LOGIN_FAILED, line.moment, Who(line.account, line.address, FTP), cursor, outcome=FAILURE)
        else:
            session = yield from self._of(Who(line.account, line.address, FTP), line.moment, cursor)
            yield _login_event(LOGIN, line.moment, session.who, cursor)

    def _of(
        self, who: Who, moment: float, cursor: str, *, has_renames: bool = True
    ) -> Generator[Event, None, _Session]:
        """Return the session of an account, an address and a protocol, to which a line belongs, or begin it."""
        same = [each for each in self._sessions.values() if each.who[:3] == who[:3]]
        session = same[-1] if same else (yield from self._begin(who, moment, cursor, has_renames=has_renames))
        session.seen, session.cursor = moment, cursor
        return session

    def _begin(self, who: Who, moment: float, cursor: str, *, has_renames: bool) -> Generator[Event, None, _Session]:
        if len(self._sessions) >= _MOST_SESSIONS:
            yield from self._end(self._sessions[oldest(self._sessions)], UNKNOWN)
        who = who._replace(session="ftp-" + cursor.replace(":", "-"))
        session = self._sessions[who.session] = _Session(who, moment, cursor, has_renames=has_renames)
        return session

    def _end(self, session: _Session, outcome: str) -> Iterator[Event]:
        del self._sessions[session.who.session]
        yield from session.work.ended(session.who, Result(session.seen, session.cursor), outcome)


def _file_events(line: Line, result: Result, session: _Session) -> Iterator[Event]:
    who, work = session.who, session.work
    if line.kind == UPLOAD:
        yield from work.uploaded(who, result, line.path, line.size)
    elif line.kind == DOWNLOAD:
        yield from work.downloaded(who, result, line.path, line.size)
    elif line.kind == vsftpd_lines.RENAME:
        yield from work.renamed(who, result, _meanings(line.path) or [(line.path, b"")])
    elif line.kind in (DELETE, vsftpd_lines.RMDIR):
        yield from work.deleted(who, result, line.path)
    elif line.kind == vsftpd_lines.MKDIR:
        yield from work.made(who, result, line.path)
    elif line.kind == vsftpd_lines.SETSTAT:
        yield from work.changed(who, result, line.path)


def _meanings(names: bytes) -> List[Tuple[bytes, bytes]]:
    """Cut the two names of a rename apart, at each blank. Both are absolute, as vsftpd writes them."""
    return [(names[:place], names[place + 1 :]) for place in ends_of_first(names, b" /", 1)]


def _login_event(action: str, moment: float, who: Who, cursor: str, *, outcome: str = SUCCESS) -> Event:
    return Event(moment, action, outcome, who.account, who.address, who.protocol, session=who.session, cursor=cursor)


def parse_xferlog(line: bytes) -> Optional[Line]:
    """Return the meaning of a line without its line feed, or None if it is not a line of such a log.

    A transfer that broke off did not succeed.
    """
    found = _LINE.fullmatch(line)
    moment = vsftpd_lines.moment_of(found["time"].decode("ascii")) if found else None
    if found is None or moment is None:
        return None
    kind = _KINDS[found["way"]]
    return Line(
        moment,
        kind,
        succeeded=found["end"] == b"c",
        account=found["account"].decode("latin-1"),
        address=found["address"].decode("ascii"),
        path=found["path"],
        size=0 if kind == DELETE else int(found["count"]),
        protocol=SFTP if found["service"] in _SSH else FTP,
    )
