# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""End SSH sessions of this host that were opened with certain keys, found by sshd's own lines in the journal.

A line of the journal counts if root's sshd wrote it: the process ID and the user come from the kernel. A process with
that ID is the session if it started before the line was written; the last line of a process is valid.

Modules of PAM write lines in sshd's process, with the names of users as strangers sent them. So the journal is read
from its end, line by line, for a limited time, and lines of any other form are passed over: no login from outside must
prevent a revocation.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import threading
import time
from contextlib import suppress
from functools import partial
from typing import IO, Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple, cast

from ...errors import NotSupported
from ...sshd.refusals import OwnerLockedOut
from ...sshd.session import ancestors
from ...system.process_tree import began, end_tree, user_of

__all__ = ["Found", "Login", "end_sessions", "logins", "require_whole", "search", "sessions_of", "spare_the_owner"]

_PRINT = r"SHA256:[A-Za-z0-9+/]{43}"
_ACCEPTED = re.compile(
    r"Accepted publickey for (?P<user>\S+) from \S+ port [0-9]+ ssh2: \S+ (?P<fingerprint>%s)"
    r"(?: ID (?P<id>.*) \(serial (?P<serial>[0-9]+)\) CA \S+ (?P<ca>%s)\Z| |\Z)" % (_PRINT, _PRINT)
)
_WORDS = "Accepted publickey for "
_PROGRAMS = ("sshd", "sshd-session")
_JOURNAL = (
    *("journalctl", "--quiet", "--no-pager", "--boot", "--reverse", "--output=json"),
    "--output-fields=MESSAGE,_PID,_COMM",
    *("_UID=0", *("_COMM=%s" % name for name in _PROGRAMS)),
)
_FILTER = "--grep=^" + _WORDS
"""An option that a journalctl without PCRE2 refuses."""
_SECONDS = 120
_LONGEST = 64 * 1024
"""Bytes of a line. sshd cuts its messages at 1 KiB."""
_ROUNDING = 1.0 / os.sysconf("SC_CLK_TCK")


class Login(NamedTuple):
    """One login.

    moment: seconds since the boot, as processes count them
    ca, serial, key_id: of a certificate: fingerprint of its authority, number and id
    """

    pid: int
    user: str
    fingerprint: str
    moment: float
    ca: str = ""
    serial: int = 0
    key_id: str = ""


class Found(NamedTuple):
    """Sessions that live and whose login is refused. whole: whether the journal was read to its begin in time."""

    sessions: Tuple[Login, ...]
    whole: bool


def logins(lines: Iterable[bytes], asleep: float) -> Dict[int, Login]:
    """Return the last login of each process, of lines of the journal, the newest first.

    asleep: seconds that the host was suspended, which the journal does not count
    """
    found: Dict[int, Login] = {}
    for line in lines:
        login = _login(line, asleep)
        if login is not None:
            found.setdefault(login.pid, login)
    return found


def _login(line: bytes, asleep: float) -> Optional[Login]:
    """Return the login of a line; None for any other line."""
    try:
        entry = json.loads(line)
        match = _ACCEPTED.match(str(entry["MESSAGE"]))
        if match is None or entry["_COMM"] not in _PROGRAMS:
            return None
        moment = int(str(entry["__MONOTONIC_TIMESTAMP"])) / 1e6 + asleep
        return Login(int(str(entry["_PID"])), match["user"], match["fingerprint"], moment, *_certificate(match))
    except (KeyError, RecursionError, TypeError, ValueError):
        return None


def _certificate(match: re.Match[str]) -> Tuple[str, int, str]:
    return (match["ca"], int(match["serial"]), match["id"]) if match["ca"] else ("", 0, "")


def sessions_of(refused: Callable[[Login], bool]) -> List[Login]:
    """Return the sessions that live and whose login is refused now. Raises NotSupported without a whole journal."""
    found = search(refused)
    require_whole(found)
    return list(found.sessions)


def search(refused: Callable[[Login], bool]) -> Found:
    """Return the sessions that are found in time. Raises NotSupported if there is no journal."""
    asleep = time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
    for command in ((*_JOURNAL, _FILTER), _JOURNAL):
        journal = _Journal(command)
        found = logins(journal.lines(), asleep).values()
        if journal.readable:
            return Found(tuple(each for each in found if refused(each) and _is_session(each)), journal.whole)
    raise NotSupported("journalctl cannot read sshd's log", cure="End the sessions by hand; the key is revoked.")


def require_whole(found: Found) -> None:
    """Raise NotSupported if older sessions may live."""
    if not found.whole:
        raise NotSupported(
            "sshd's log could not be read to its begin in %d s" % _SECONDS,
            cure="The key is revoked, and the sessions that were found are ended. End older sessions by hand.",
        )


class _Journal:
    """A run of journalctl.

    readable: whether it could be read, after the last line
    whole: whether it ended in time
    """

    def __init__(self, command: Sequence[str], seconds: float = _SECONDS) -> None:
        self._command, self._seconds = command, seconds
        self.readable = self.whole = False

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
            self._judge(process.returncode, errors.tell() > 0)

    def _judge(self, status: int, complains: bool) -> None:
        """A status of 1 without a complaint: no line matches."""
        self.whole = status >= 0
        self.readable = not self.whole or status == 0 or (status == 1 and not complains)


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
        sessions = search(refused).sessions  # this login is among the newest
    except NotSupported:
        return  # who logged in with which key is not on record
    above = set(ancestors())
    for login in sessions:
        if login.pid in above:
            raise OwnerLockedOut(
                "%s: %s logged %s in for this task" % (option, login.fingerprint, login.user),
                cure="Connect with another key, then revoke this key; nothing was changed.",
            )


def end_sessions(sessions: Iterable[Login]) -> None:
    """Kill the processes of each session, and return when they are gone. Raises OperationFailed."""
    for login in sessions:
        end_tree(login.pid, partial(_is_session, login))


def _is_session(login: Login) -> bool:
    with suppress(OSError):
        return began(login.pid) <= login.moment + _ROUNDING and user_of(login.pid) == 0
    return False
