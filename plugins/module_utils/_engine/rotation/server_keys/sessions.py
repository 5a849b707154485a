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
from typing import Dict, FrozenSet, Iterable, List, Mapping, NamedTuple

from ...errors import NotSupported
from ...system.process_tree import began, end_tree, user_of
from ...system.program import ask_program

__all__ = ["Login", "end_sessions", "logins", "sessions_of"]

_ACCEPTED = re.compile(
    r"Accepted publickey for (\S+) from \S+ port [0-9]+ ssh2: \S+ (SHA256:[A-Za-z0-9+/]{43})(?: |\Z)"
)
_PROGRAMS = ("sshd", "sshd-session")
_JOURNAL = ("journalctl", "--quiet", "--no-pager", "--boot", "--output=json", "--all", "_UID=0")
_ROUNDING = 1.0 / os.sysconf("SC_CLK_TCK")


class Login(NamedTuple):
    """moment: seconds since the boot, as processes count them."""

    pid: int
    user: str
    fingerprint: str
    moment: float


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
            found[pid] = Login(pid, match.group(1), match.group(2), moment)
    return found


def sessions_of(fingerprints: FrozenSet[str]) -> List[Login]:
    """Sessions that live and were opened with one of these keys. Raises NotSupported if there is no journal."""
    try:
        said = ask_program(*_JOURNAL, *("_COMM=%s" % name for name in _PROGRAMS))
    except FileNotFoundError:
        said = None
    if said is None or said.status > 1 or (said.status and said.err.strip()):
        raise NotSupported("journalctl cannot read sshd's log", cure="End the sessions by hand; the key is revoked.")
    asleep = time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
    found = logins(said.out.splitlines(), asleep).values()
    return [login for login in found if login.fingerprint in fingerprints and _is_session(login)]


def end_sessions(sessions: Iterable[Login]) -> None:
    """Kill the processes of each session, and return when they are gone. Raises OperationFailed."""
    for login in sessions:
        end_tree(login.pid, partial(_is_session, login))


def _is_session(login: Login) -> bool:
    with suppress(OSError):
        return began(login.pid) <= login.moment + _ROUNDING and user_of(login.pid) == 0
    return False
