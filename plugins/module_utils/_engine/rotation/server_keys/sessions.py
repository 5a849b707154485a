# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""End SSH sessions of this host that were opened with certain keys, found by sshd's own lines in the journal.

A line of the journal counts if root's sshd wrote it: the process ID and the user come from the kernel. A process with
that ID is the session if it started before the line was written; the last line of a process is valid.
"""

from __future__ import annotations

import json
import os
import re
import time
from contextlib import suppress
from functools import partial
from typing import Callable, Dict, Iterable, List, Mapping, NamedTuple, Tuple

from ...errors import NotSupported
from ...sshd.refusals import OwnerLockedOut
from ...sshd.session import ancestors
from ...system.process_tree import began, end_tree, user_of
from ...system.program import ask_program

__all__ = ["Login", "end_sessions", "logins", "sessions_of", "spare_the_owner"]

_PRINT = r"SHA256:[A-Za-z0-9+/]{43}"
_ACCEPTED = re.compile(
    r"Accepted publickey for (?P<user>\S+) from \S+ port [0-9]+ ssh2: \S+ (?P<fingerprint>%s)"
    r"(?: ID (?P<id>.*) \(serial (?P<serial>[0-9]+)\) CA \S+ (?P<ca>%s)\Z| |\Z)" % (_PRINT, _PRINT)
)
_PROGRAMS = ("sshd", "sshd-session")
_JOURNAL = ("journalctl", "--quiet", "--no-pager", "--boot", "--output=json", "--all", "_UID=0")
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


def logins(lines: Iterable[str], asleep: float) -> Dict[int, Login]:
    """Return the last login of each process, of lines of the journal. asleep: seconds that the host was suspended,
    which the journal does not count."""
    found: Dict[int, Login] = {}
    for line in lines:
        entry: Mapping[str, object] = json.loads(line)
        match = _ACCEPTED.match(str(entry.get("MESSAGE", "")))
        if match is not None and entry.get("_COMM") in _PROGRAMS:
            pid = int(str(entry["_PID"]))
            moment = int(str(entry["__MONOTONIC_TIMESTAMP"])) / 1e6 + asleep
            found[pid] = Login(pid, match["user"], match["fingerprint"], moment, *_certificate(match))
    return found


def _certificate(match: re.Match[str]) -> Tuple[str, int, str]:
    return (match["ca"], int(match["serial"]), match["id"]) if match["ca"] else ("", 0, "")


def sessions_of(refused: Callable[[Login], bool]) -> List[Login]:
    """Return the sessions that live and whose login is refused now. Raises NotSupported if there is no journal."""
    try:
        completed = ask_program(*_JOURNAL, *("_COMM=%s" % name for name in _PROGRAMS))
    except FileNotFoundError:
        completed = None
    if completed is None or completed.status > 1 or (completed.status and completed.err.strip()):
        raise NotSupported("journalctl cannot read sshd's log", cure="End the sessions by hand; the key is revoked.")
    asleep = time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
    found = logins(completed.out.splitlines(), asleep).values()
    return [login for login in found if refused(login) and _is_session(login)]


def spare_the_owner(refused: Callable[[Login], bool], option: str) -> None:
    """Refuse the key of this login: its owner would be locked out first, and for good. Raises OwnerLockedOut."""
    try:
        sessions = sessions_of(refused)
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
