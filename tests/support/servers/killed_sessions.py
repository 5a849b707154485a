# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sessions of a real server that are killed once they have done so much."""

from __future__ import annotations

__all__ = ["kill_sessions", "kill_sessions_at", "read_by"]

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from .server import Server


def kill_sessions_at(server: Server, moved: Callable[[], int], size: int) -> threading.Thread:
    """Kill all sessions of `server` once, as soon as `moved` gives `size` bytes."""

    def watch() -> None:
        deadline = time.monotonic() + 120
        while moved() < size and time.monotonic() < deadline:
            time.sleep(0.005)
        kill_sessions(server)

    thread = threading.Thread(target=watch)
    thread.start()
    return thread


def kill_sessions(server: Server) -> None:
    """Kill all sessions of `server`."""
    for pid in server.session_pids():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def read_by(server: Server) -> int:
    """The maximum number of bytes that a session has read so far (proc_pid_io(5))."""
    found = [0]
    for pid in server.session_pids():
        with contextlib.suppress(OSError):
            found.append(int(Path(f"/proc/{pid}/io").read_text().split()[1]))
    return max(found)
