# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""End all sessions of an account that is closed: over SSH and FTPS, and every process that it left behind.

A login that was accepted just before the account was closed becomes a session a moment later. New sessions
are therefore watched for as long as such a login takes.
"""

from __future__ import annotations

import time

from ..rotation.passwords import ftps_sessions
from ..sshd import account_sessions
from ..system.program import ask_program
from .processes import end_processes

_LOGIN_SECONDS = 1.0
_PAUSE = 0.1


def count_sessions(user: int) -> int:
    """Return the number of sessions of a user id."""
    return len(list(account_sessions.sessions_of(user))) + len(ftps_sessions.sessions_of(user))


def end_sessions(user: int, *, watch: bool) -> int:
    """End all sessions and processes of a user id and return their number. Raises OperationFailed.

    watch: whether the account was closed just now
    """
    ended = _end_ssh(user)
    if watch or ftps_sessions.sessions_of(user):
        ended += len(ftps_sessions.end_sessions(user, _now()))
    deadline = time.monotonic() + _LOGIN_SECONDS
    while watch and time.monotonic() < deadline:
        ended += _end_ssh(user)
        time.sleep(_PAUSE)
    _end_left_behind(user)
    return ended + end_processes(user)


def _end_ssh(user: int) -> int:
    return account_sessions.end_sessions(user, _now())


def _now() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _end_left_behind(user: int) -> None:
    """End the processes in the slice that systemd keeps for the sessions of the account, such as daemons."""
    slice_name = "user-%d.slice" % user
    try:
        if not ask_program("systemctl", "--quiet", "is-active", slice_name).status:
            ask_program("systemctl", "kill", "--signal=KILL", slice_name)
    except FileNotFoundError:
        return  # a host without systemd has no such slice
