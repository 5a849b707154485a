# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""End every process that an account started, such as shells of cron and daemons of their own session."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from typing import Dict, List, Optional, Set

from ..errors import OperationFailed

_PATIENCE = 15.0
_PAUSE = 0.05


def end_processes(user: int) -> int:
    """Kill until no process is left, and return their number. Raises OperationFailed."""
    ended: Set[int] = set()
    deadline = time.monotonic() + _PATIENCE
    while True:
        found = processes_of(user)
        if not found:
            return len(ended)
        if time.monotonic() > deadline:
            raise OperationFailed(
                "%d processes of the user id %d do not end, or start again and again" % (len(found), user),
                cure="Stop the service that starts them, then run this again.",
            )
        ended.update(pid for pid in found if _kill(user, pid))
        time.sleep(_PAUSE)


def processes_of(user: int) -> List[int]:
    """Return the live processes with this real user id. A daemon of root that acts as the account is not of it."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and _is_of(user, int(name))]


def started_by(pid: int) -> Optional[int]:
    """Return the real user id of a process; None if there is none."""
    with suppress(OSError, KeyError):
        return int(_status(pid)["Uid"].split()[0])
    return None


def _kill(user: int, pid: int) -> bool:
    """Kill by a descriptor: the number may have gone to another process."""
    with suppress(OSError):
        descriptor = os.pidfd_open(pid)
        try:
            if _is_of(user, pid):
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)
                return True
        finally:
            os.close(descriptor)
    return False


def _is_of(user: int, pid: int) -> bool:
    with suppress(OSError, KeyError):
        return started_by(pid) == user and _status(pid)["State"][:1] not in ("Z", "X")
    return False


def _status(pid: int) -> Dict[str, str]:
    with open("/proc/%d/status" % pid, encoding="utf-8", errors="replace") as stream:
        lines = (line.partition(":") for line in stream)
        return {name: value.strip() for name, _colon, value in lines}
