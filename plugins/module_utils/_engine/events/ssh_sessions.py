# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SshSessions: from entries of the journal to logins, refusals and the file work of sessions.

Identity comes only from root's processes of sshd: "Accepted" begins a session, with account, address and key. Lines
about files come from a process of the account. It belongs to the session whose control group it shares, or, where
sessions have none of their own, to the oldest session of its account and address that has no such process yet. Its
user id must be the session's in each line, as the pid of a process that has ended is used again. Otherwise its lines
count for the account of its user id alone, without address and key: an account with a shell can write about itself,
but neither about others nor about a login.

journald looks at the sender when it takes a line, which under load is later than the end of a short session. Of such a
sender only pid and user id are known: its lines count if the account has a session, and for that session if it is the
only session of the account.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional

from . import sftp_requests, sshd_lines
from .event import FAILURE, LOGIN, LOGIN_FAILED, PENALTY, REFUSED, SECURITY_KEY, SSH, SUCCESS, UNKNOWN, Event
from .journal import Entry, is_from_ended_sftp, is_from_sftp, is_from_sshd
from .sftp_requests import Requests
from .work import Result, Who, Work, limited, oldest

_GRACE = 60.0
"""Seconds that a session waits for lines of its processes after its end."""
_SETTLED = 5.0
"""Seconds after a request within which the server logs its failure."""
_LOST = 120.0
_MOST_SESSIONS = 5000
_MOST_CONNECTIONS = 5000
_MOST_PROCESSES = 1000
"""Of one session, at the same time."""


class Accounts(NamedTuple):
    """The accounts and processes of this host.

    uid_of: number of an account, or None
    name_of: name of a number, or ""
    is_alive: whether a process of this boot exists
    boot: the identifier of this boot
    """

    uid_of: Callable[[str], Optional[int]]
    name_of: Callable[[int], str]
    is_alive: Callable[[int], bool]
    boot: str


class _Session:
    """One session.

    process: its process of root, by boot and pid
    uid: of the account, None if it is unknown
    port: of the client
    requests: by process that serves files
    ended: the moment of its end, or 0.0
    seen: the moment of its last line
    """

    def __init__(self, who: Who, process: str, moment: float, saved: Optional[Dict[str, Any]] = None) -> None:
        saved = saved or {}
        self.who, self.process = who, process
        self.uid: Optional[int] = saved.get("uid")
        self.port: int = saved.get("port", 0)
        self.group: str = saved.get("group", "")
        self.ended: float = saved.get("ended", 0.0)
        self.seen: float = saved.get("seen", moment)
        self.cursor: str = saved.get("cursor", "")
        self.processes: List[str] = saved.get("processes", [])
        self.requests = {name: Requests(each) for name, each in saved.get("requests", {}).items()}
        self.work = Work(moment, saved.get("work", {}))

    @property
    def names(self) -> int:
        """The characters of all names that are remembered."""
        return self.work.names + sum(each.names for each in self.requests.values())

    def forget(self) -> Iterator[Event]:
        for each in self.requests.values():
            each.forget()
        yield from self.work.forget(self.who)

    def saved(self) -> Dict[str, Any]:
        """Return the session as values of JSON."""
        values = {name: value for name, value in vars(self).items() if name not in ("who", "work", "requests")}
        requests = {name: each.saved() for name, each in self.requests.items()}
        return {**values, "who": list(self.who), "requests": requests, "work": self.work.saved()}


class SshSessions:
    """All open sessions. saved: the result of `saved` in an earlier run."""

    def __init__(self, accounts: Accounts, saved: Optional[Dict[str, Any]] = None) -> None:
        saved = saved or {}
        self._accounts = accounts
        self._invalid: Dict[str, int] = dict(saved.get("invalid", {}))
        self._factors: Dict[str, List[str]] = dict(saved.get("factors", {}))
        self._sessions: Dict[str, _Session] = {}
        self._owners: Dict[str, str] = {}
        self._groups: Dict[str, str] = {}
        self.unknown = 0
        for values in saved.get("sessions", []):
            who = Who(*values["who"])
            self._add(_Session(who, values["process"], values["seen"], values))

    @property
    def open(self) -> int:
        """The number of open sessions."""
        return sum(1 for each in self._sessions.values() if not each.ended)

    def saved(self) -> Dict[str, Any]:
        """Return all sessions as values of JSON."""
        sessions = [each.saved() for each in self._sessions.values()]
        return {"invalid": self._invalid, "factors": self._factors, "sessions": sessions}

    def take(self, entry: Entry) -> Iterator[Event]:
        """Return the events of an entry. Entries of other programs are passed over."""
        if is_from_sftp(entry) or (is_from_ended_sftp(entry) and self._of_account(entry)):
            yield from self._file_line(entry)
        elif is_from_sshd(entry):
            yield from self._login_line(entry)

    def passed(self, now: float) -> Iterator[Event]:
        """Return the events that the passage of time brings: requests without a failure, and ends of sessions."""
        for session in list(self._sessions.values()):
            session.seen = min(session.seen, now)  # the clock was set back
            for requests in session.requests.values():
                yield from requests.settled(now - _SETTLED, session.who, session.work)
            if session.ended and session.ended < now - _GRACE:
                yield from self._end(session, SUCCESS)
            elif not session.ended and session.seen < now - _LOST and not self._is_alive(session):
                yield from self._end(session, UNKNOWN)

    def limited(self, most: int) -> Iterator[Event]:
        """Return the events of the names that are forgotten, so that all sessions have at most so many characters."""
        return limited(self._sessions.values(), most)

    def _login_line(self, entry: Entry) -> Iterator[Event]:
        line = sshd_lines.parse_sshd(entry.text)
        if line is None:
            self.unknown += 1
            return
        session = self._owner_of(entry)
        if session is not None:
            self._seen(session, entry)
        if line.kind == sshd_lines.STARTED and session is None:
            self._started(entry, line)
        elif line.kind == sshd_lines.CLOSED and session is not None:
            session.ended = entry.moment
            if not session.requests:
                yield from self._end(session, SUCCESS)
        elif entry.uid == 0:
            yield from self._line_of_root(entry, line, session)

    def _line_of_root(self, entry: Entry, line: sshd_lines.Line, session: Optional[_Session]) -> Iterator[Event]:
        if line.kind == sshd_lines.ACCEPTED:
            yield from self._login(entry, line)
        elif line.kind == sshd_lines.PARTIAL:
            self._factor(entry, line)
        elif line.kind in (sshd_lines.FAILED, sshd_lines.INVALID):
            yield from self._failed(entry, line)
        elif line.kind in (sshd_lines.REFUSED, sshd_lines.PENALTY):
            action = REFUSED if line.kind == sshd_lines.REFUSED else PENALTY
            yield _login_event(action, entry, line, outcome=FAILURE, reason=line.method, key=line.key)
        elif session is not None and line.kind == sshd_lines.CHILD:
            self._own(session, f"{entry.boot}:{line.number}")
        elif session is not None and line.kind == sshd_lines.OPENED:
            session.uid = line.number

    def _login(self, entry: Entry, line: sshd_lines.Line) -> Iterator[Event]:
        former = self._of_process(_process(entry))
        if former is not None:
            yield from self._end(former, UNKNOWN)
        who = Who(line.account, line.address, "sftp", line.key, _name(entry))
        session = _Session(who, _process(entry), entry.moment)
        session.port, session.cursor = line.port, entry.cursor
        yield from self._add(session)
        factors = (*self._factors.pop(_connection(entry, line), ()), _factor_of(line))
        yield _login_event(LOGIN, entry, line, session=who.session, key=line.key, factors=factors)

    def _factor(self, entry: Entry, line: sshd_lines.Line) -> None:
        """Remember a factor until the login is complete."""
        self._factors.setdefault(_connection(entry, line), []).append(_factor_of(line))
        if len(self._factors) > _MOST_CONNECTIONS:
            del self._factors[oldest(self._factors)]

    def _failed(self, entry: Entry, line: sshd_lines.Line) -> Iterator[Event]:
        """Report a failure. The first failed method of an unknown account has had its line before."""
        process = _process(entry)
        if line.kind == sshd_lines.INVALID:
            self._invalid[process] = 1
            if len(self._invalid) > _MOST_CONNECTIONS:
                del self._invalid[oldest(self._invalid)]
        elif "for invalid user " in entry.text and process in self._invalid:
            del self._invalid[process]
            return
        reason = "invalid user" if line.kind == sshd_lines.INVALID else line.method
        yield _login_event(LOGIN_FAILED, entry, line, outcome=FAILURE, reason=reason, key=line.key)

    def _started(self, entry: Entry, line: sshd_lines.Line) -> None:
        """Assign a process to the session of its connection: sshd does not log its pid at every level."""
        for session in self._sessions.values():
            if (session.who.account, session.who.address, session.port) == (line.account, line.address, line.port):
                if self._may_be(session, entry):
                    self._own(session, _process(entry))
                    self._seen(session, entry)
                return

    def _file_line(self, entry: Entry) -> Iterator[Event]:
        line = sftp_requests.parse_sftp(entry.text)
        if line is None:
            self.unknown += 1
            return
        process = _process(entry)
        session = self._owner_of(entry)
        if session is None:
            other = self._of_process(process)
            if other is not None:
                other.processes.remove(process)
            session = self._session_of(entry, line)
            yield from self._add(session)
            self._own(session, process)
        self._seen(session, entry)
        requests = session.requests.setdefault(process, Requests())
        result = Result(entry.moment, entry.cursor)
        yield from requests.take(line, result, session.who, session.work)
        if line.kind == sftp_requests.END:
            self._disown(session, process)
            if session.ended and not session.requests:
                yield from self._end(session, SUCCESS)
        elif len(session.requests) > _MOST_PROCESSES:
            former = oldest(session.requests)
            yield from session.requests[former].settled(float("inf"), session.who, session.work)
            self._disown(session, former)

    def _session_of(self, entry: Entry, line: sftp_requests.Line) -> _Session:
        """Return the session of a process, or a new session without a login."""
        grouped = self._sessions.get(self._groups.get(entry.cgroup, ""))
        if grouped is not None and self._may_be(grouped, entry):
            return grouped
        if is_from_ended_sftp(entry):
            possible = self._of_account(entry)
            if len(possible) == 1:
                return possible[0]
        else:
            for session in self._sessions.values():
                same = (session.who.account, session.who.address) == (line.words, line.address)
                if same and not session.requests and not session.group and self._may_be(session, entry):
                    return session
        who = Who(self._accounts.name_of(entry.uid), session=_name(entry))
        found = _Session(who, _process(entry), entry.moment)
        found.uid = entry.uid
        return found

    def _owner_of(self, entry: Entry) -> Optional[_Session]:
        """Return the session of the process of an entry, unless a process of another account has its pid now."""
        session = self._of_process(_process(entry))
        uid = None if session is None else self._uid(session)
        is_its = entry.uid in (uid, 0) or (uid is None and not is_from_ended_sftp(entry))
        return session if is_its else None

    def _of_account(self, entry: Entry) -> List[_Session]:
        return [session for session in self._sessions.values() if self._uid(session) == entry.uid]

    def _may_be(self, session: _Session, entry: Entry) -> bool:
        uid = self._uid(session)
        return entry.uid in (uid, 0) if uid is not None else entry.uid != 0

    def _uid(self, session: _Session) -> Optional[int]:
        return session.uid if session.uid is not None else self._accounts.uid_of(session.who.account)

    def _add(self, session: _Session) -> Iterator[Event]:
        self._sessions[session.who.session] = session
        self._own(session, session.process)
        for process in session.processes:
            self._owners[process] = session.who.session
        if session.group:
            self._groups[session.group] = session.who.session
        if len(self._sessions) > _MOST_SESSIONS:
            return self._end(self._sessions[oldest(self._sessions)], UNKNOWN)
        return iter(())

    def _own(self, session: _Session, process: str) -> None:
        if process not in session.processes:
            session.processes.append(process)
        self._owners[process] = session.who.session

    def _disown(self, session: _Session, process: str) -> None:
        del session.requests[process]
        if process in session.processes:
            session.processes.remove(process)
            self._owners.pop(process, None)

    def _of_process(self, process: str) -> Optional[_Session]:
        return self._sessions.get(self._owners.get(process, ""))

    def _seen(self, session: _Session, entry: Entry) -> None:
        session.seen, session.cursor = entry.moment, entry.cursor
        if "/session-" in entry.cgroup and not session.group:
            session.group = entry.cgroup
            self._groups[entry.cgroup] = session.who.session

    def _end(self, session: _Session, outcome: str) -> Iterator[Event]:
        for requests in session.requests.values():
            yield from requests.settled(float("inf"), session.who, session.work)
        self._sessions.pop(session.who.session, None)
        for process in session.processes:
            self._owners.pop(process, None)
        self._groups.pop(session.group, None)
        result = Result(session.ended or session.seen, session.cursor)
        yield from session.work.ended(session.who, result, outcome)

    def _is_alive(self, session: _Session) -> bool:
        boot, _colon, pid = session.process.partition(":")
        return boot == self._accounts.boot and self._accounts.is_alive(int(pid))


def _connection(entry: Entry, line: sshd_lines.Line) -> str:
    return f"{_process(entry)}:{line.port}"


def _factor_of(line: sshd_lines.Line) -> str:
    return SECURITY_KEY if line.token else line.method


def _process(entry: Entry) -> str:
    return f"{entry.boot}:{entry.pid}"


def _name(entry: Entry) -> str:
    return f"{entry.boot[:8]}-{entry.pid}-{int(entry.moment)}"


def _login_event(action: str, entry: Entry, line: sshd_lines.Line, **fields: Any) -> Event:
    return Event(
        entry.moment,
        action,
        account=line.account,
        address=line.address,
        protocol=SSH,
        ambiguous=line.ambiguous,
        cursor=entry.cursor,
        **fields,
    )
