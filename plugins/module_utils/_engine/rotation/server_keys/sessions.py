# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""End SSH sessions of this host that were opened with certain keys, found by sshd's own lines in the journal.

A line of the journal counts if root's sshd wrote it: the process ID and the user come from the kernel. A process with
that ID is the session if it started before the line was written. If a login needs several factors, sshd writes a line
for each factor, and the last line of a process completes its login.

The journal may have lost a line, with some settings sshd does not log the key of a first factor, and it cuts a line
with the long id of a certificate before the authority. Each live session without its key on record is therefore named:
only the others are known not to be of a revoked key.

Modules of PAM write lines in sshd's process, with the names of users as strangers sent them. So the journal is read
from its end, line by line, for a limited time, and lines of any other form are passed over: no login from outside must
prevent a revocation.
"""

from __future__ import annotations

import json
import os
import pwd
import re
import subprocess
import tempfile
import threading
import time
from contextlib import suppress
from functools import lru_cache, partial
from typing import IO, Callable, Dict, FrozenSet, Iterable, Iterator, List, NamedTuple, Sequence, Tuple, cast

from ...errors import NotSupported, OperationFailed, OwnerLockedOut
from ...sshd.account_sessions import Session, end_login, end_session, logins_under_way
from ...sshd.account_sessions import sessions as live_sessions
from ...sshd.daemon import Client
from ...sshd.session import ancestors
from ...sshd.views import values
from ...system.process_tree import began, user_of
from ...system.program import ask_program
from .read_by_sshd import asked

_PRINT = r"SHA256:[A-Za-z0-9+/]{43}"
_FACTOR = re.compile(
    r"(?P<outcome>Accepted|Partial) (?P<method>\S+) for (?P<user>\S+) from (?P<address>\S+) port [0-9]+ ssh2(?:\Z|: "
    rf"(?:(?P<type>\S+) (?P<fingerprint>{_PRINT})(?: ID (?P<id>.*) \(serial "
    rf"(?P<serial>[0-9]+)\) CA \S+ (?P<ca>{_PRINT})\Z| |\Z))?)"
)
_KEY, _LOGIN, _CERTIFICATE = "publickey", "Accepted", "-CERT"
_METHODS = "authenticationmethods"
_PROGRAMS = ("sshd", "sshd-session")
_JOURNAL = (
    *("journalctl", "--quiet", "--no-pager", "--reverse", "--output=json", "--output-fields=MESSAGE,_PID,_COMM"),
    *("_UID=0", *(f"_COMM={name}" for name in _PROGRAMS)),
)
_THIS_BOOT = "--boot"
_FILTER = "--grep=^(Accepted|Partial) "
"""An option that a journalctl without PCRE2 refuses."""
_SECONDS = 120
_SYNC_SECONDS = 10
_MOST_SHOWN = 10
_LONGEST = 64 * 1024
"""Bytes of a line."""
_WHOLE = 1000
"""Bytes of a message that sshd has not cut. It cuts at 1023, and never within the form of a character, as in \\303."""
_ROUNDING = 1.0 / os.sysconf("SC_CLK_TCK")


Parser = Callable[[Iterable[bytes], float], Iterator["Login"]]


class Login(NamedTuple):
    """One factor of a login.

    moment: seconds since the boot, as processes count them
    ca, serial, key_id: of a certificate: fingerprint of its authority, number and id
    method: of sshd. fingerprint: of the key; "" for another method
    address: of the client
    is_last: whether this factor completed the login
    is_cut: whether sshd cut the line before the authority of the certificate, behind a long id
    """

    pid: int
    user: str
    fingerprint: str
    moment: float
    ca: str = ""
    serial: int = 0
    key_id: str = ""
    method: str = _KEY
    address: str = ""
    is_last: bool = True
    is_cut: bool = False


class Found(NamedTuple):
    """Live sessions. sessions: whose login is refused. unknown: whose key is not on record"""

    sessions: Tuple[Login, ...]
    unknown: Tuple[Session, ...] = ()


def logins(lines: Iterable[bytes], asleep: float = 0.0) -> Iterator[Login]:
    """Yield the factors of the last login of each process, of lines of the journal, the newest first.

    asleep: seconds that the host was suspended, which the journal does not count
    """
    complete: Dict[int, int] = {}
    for line in lines:
        for login in _login(line, asleep):
            complete[login.pid] = complete.get(login.pid, 0) + login.is_last
            if complete[login.pid] <= 1:
                yield login


def _every_login(lines: Iterable[bytes], asleep: float) -> Iterator[Login]:
    return (login for line in lines for login in _login(line, asleep))


def _login(line: bytes, asleep: float) -> Iterator[Login]:
    """Yield the factor of a line; nothing for any other line."""
    with suppress(KeyError, RecursionError, TypeError, ValueError):
        entry = json.loads(line)
        match = _FACTOR.match(str(entry["MESSAGE"]))
        if match and entry["_COMM"] in _PROGRAMS and (match["method"] != _KEY or match["fingerprint"]):
            moment = int(str(entry["__MONOTONIC_TIMESTAMP"])) / 1e6 + asleep
            fingerprint = match["fingerprint"] if match["method"] == _KEY else ""
            is_cut = bool(fingerprint) and match["type"].endswith(_CERTIFICATE) and not _is_whole(match)
            key = _certified(match) if fingerprint and not is_cut else ("", 0, "")
            how = (match["method"], match["address"], match["outcome"] == _LOGIN)
            login = Login(int(str(entry["_PID"])), match["user"], fingerprint, moment, *key, *how)
            yield login._replace(is_cut=is_cut)


def _certified(match: re.Match[str]) -> Tuple[str, int, str]:
    # sshd logs a backslash, as in an id of a domain, as two.
    return (match["ca"], int(match["serial"]), match["id"].replace("\\\\", "\\")) if match["ca"] else ("", 0, "")


def _is_whole(match: re.Match[str]) -> bool:
    """Return whether the line has its end: where it is cut, an id may feign another authority."""
    return bool(match["ca"]) and len(match.string.encode("utf-8", "replace")) <= _WHOLE


def keys_on_record() -> FrozenSet[Login]:
    """Return user, key and authority of each login by a key, of all boots in the journal. Raises NotSupported."""
    found = set()
    _read(lambda login: found.add(Login(0, login.user, login.fingerprint, 0.0, login.ca)), _every_login)
    return frozenset(each for each in found if each.fingerprint)


def own_logins() -> List[Login]:
    """Return the factors with a key by which the session of this task logged in. Raises NotSupported."""
    above, found = frozenset(ancestors()), set()
    _read(lambda login: found.add(login) if login.pid in above and _is_session(login) else None, logins, _THIS_BOOT)
    return [each for each in found if each.fingerprint]


def sessions_of(refused: Callable[[Login], bool]) -> List[Login]:
    """Return the sessions that live and whose login is refused now. Raises NotSupported if other keys are unknown."""
    found = search(refused)
    require_known(found)
    return list(found.sessions)


def search(refused: Callable[[Login], bool]) -> Found:
    """Return the sessions that are found in time. Raises NotSupported if there is no journal."""
    live = live_sessions()
    found = _search(refused, live)
    if found.unknown:  # journald may be behind
        with suppress(FileNotFoundError, OperationFailed):
            ask_program("journalctl", "--sync", seconds=_SYNC_SECONDS)
        found = _search(refused, live)
    return found


def _search(refused: Callable[[Login], bool], live: Sequence[Session]) -> Found:
    numbers = frozenset(each.pid for each in live)
    factors: Dict[int, Dict[Login, None]] = {}
    sessions: Dict[int, Login] = {}

    def take(login: Login) -> None:
        is_refused = bool(login.fingerprint) and refused(login)
        if (is_refused or login.pid in numbers) and _is_session(login):
            factors.setdefault(login.pid, {})[login] = None
            if is_refused:
                sessions[login.pid] = login

    _read(take, logins, _THIS_BOOT)
    ask = lru_cache(maxsize=None)(_ways)
    others = (each for each in live if each.pid not in sessions and not _is_known([*factors.get(each.pid, ())], ask))
    return Found(tuple(sessions.values()), tuple(each for each in others if _lives(each)))


def _is_known(factors: Sequence[Login], ask: Callable[[str, str], Sequence[List[str]]]) -> bool:
    """Return whether all keys are on record that sshd demands for a login by this last factor. It logs a first factor
    with LogLevel VERBOSE only."""
    last = next((each for each in factors if each.is_last), None)
    if last is None or any(each.is_cut for each in factors):
        return False
    method, keys = last.method.partition("/")[0], {each.fingerprint for each in factors} - {""}
    return all(way.count(_KEY) <= len(keys) for way in ask(last.user, last.address) if way[-1] == method)


def _ways(user: str, address: str) -> List[List[str]]:
    """Return the methods of each way to log in, in their order. Raises ConfigurationInvalid, SshdMissing."""
    return _split(values(Client(user, address), _METHODS))


def _split(ways: Iterable[str]) -> List[List[str]]:
    return [[method.partition(":")[0] for method in way.split(",")] for way in " ".join(ways).split()]


def end_half_logins() -> None:
    """End logins under way for which sshd may have taken a key as a first factor: it does not ask again whether the key
    is revoked. Raises OperationFailed, ConfigurationInvalid, SshdMissing."""
    ask = lru_cache(maxsize=None)(lambda user: _split(asked(pwd.getpwuid(user).pw_name, _METHODS)))
    for login in logins_under_way():
        if any(_KEY in way[:-1] for way in ask(login.user)):
            end_login(login)


def require_known(found: Found) -> None:
    """Raise NotSupported, with their names, if sessions live whose key is not on record."""
    if found.unknown:
        shown = ", ".join(map(_words, found.unknown[:_MOST_SHOWN]))
        more = len(found.unknown) - _MOST_SHOWN
        raise NotSupported(
            "sshd's log does not have the key of live sessions: %s%s"
            % (shown, f" and {more} more" if more > 0 else ""),
            cure="Find out whose they are, end them with kill, then run this again. "
            "sshd refuses new logins with revoked keys already.",
        )


def _words(session: Session) -> str:
    try:
        name = pwd.getpwuid(session.user).pw_name
    except KeyError:
        name = str(session.user)
    since = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + session.began
    return f"process {session.pid} ({name}, since {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(since))})"


def _read(take: Callable[[Login], object], parse: Parser, *words: str) -> None:
    """Pass on each factor, the newest first, some of them twice. Raises NotSupported without a journal."""
    asleep = time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
    for command in ((*_JOURNAL, *words, _FILTER), (*_JOURNAL, *words)):
        journal = _Journal(command)
        for login in parse(journal.lines(), asleep):
            take(login)
        if journal.is_readable:
            return
    raise NotSupported("journalctl cannot read sshd's log", cure="End the sessions by hand; the key is revoked.")


class _Journal:
    """A run of journalctl. is_readable: whether it could be read, after the last line"""

    def __init__(self, command: Sequence[str], seconds: float = _SECONDS) -> None:
        self._command, self._seconds = command, seconds
        self.is_readable = False

    def lines(self) -> Iterator[bytes]:
        """Yield the lines, without those that are too long."""
        with suppress(OSError), tempfile.TemporaryFile() as errors:
            # The engine knows no module, and so no run_command; pylint: disable-next=ansible-bad-function
            with subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
            ) as process:
                limit = threading.Timer(self._seconds, process.kill)
                limit.start()
                try:
                    yield from _short_lines(cast("IO[bytes]", process.stdout))
                finally:
                    limit.cancel()
                    process.kill()
            # A negative status: it was ended in time. A status of 1 without a complaint: no line matches.
            self.is_readable = process.returncode <= 0 or (process.returncode == 1 and errors.tell() == 0)


def _short_lines(file: IO[bytes]) -> Iterator[bytes]:
    begins = True
    for part in iter(lambda: file.readline(_LONGEST), b""):
        ends = part.endswith(b"\n")
        if begins and ends:
            yield part
        begins = ends


def spare_the_owner(refused: Callable[[Login], bool], option: str) -> None:
    """Refuse the key of this login: its owner would be locked out first, and for good. Raises OwnerLockedOut."""
    try:
        own = own_logins()
    except NotSupported:
        return  # who logged in with which key is not on record
    for login in filter(refused, own):
        raise OwnerLockedOut(
            f"{option}: {login.fingerprint} logged {login.user} in for this task",
            cure="Connect with another key, then revoke this key; nothing was changed.",
        )


def end_sessions(sessions: Iterable[Login]) -> None:
    """Kill the processes of each session, and return when they are gone. Raises OperationFailed."""
    for login in sessions:
        end_session(login.pid, partial(_is_session, login))


def _lives(session: Session) -> bool:
    with suppress(OSError):
        return began(session.pid) == session.began
    return False


def _is_session(login: Login) -> bool:
    with suppress(OSError):
        return began(login.pid) <= login.moment + _ROUNDING and user_of(login.pid) == 0
    return False
