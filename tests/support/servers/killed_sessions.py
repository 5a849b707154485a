# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sessions of a real FTPS server that are killed at a counted byte."""

from __future__ import annotations

__all__ = ["at_byte", "lose_sessions_at"]

import contextlib
import os
import signal
import threading
from collections.abc import Callable

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.transfer import DataReader

from .server import Server


def lose_sessions_at(server: Server, size: int, patch: pytest.MonkeyPatch) -> None:
    """Kill all sessions of `server` once, as soon as this process has read `size` bytes of content."""
    at_byte(size, lambda: _kill_sessions(server), patch)


def at_byte(size: int, act: Callable[[], None], patch: pytest.MonkeyPatch) -> None:
    """Act once, as soon as this process has read `size` bytes of content over FTPS; the read waits for it."""
    read, counting, arrived = DataReader.read_into, threading.Lock(), 0

    def read_into(reader: DataReader, view: memoryview) -> int:
        nonlocal arrived
        count = read(reader, view)
        with counting:
            before, arrived = arrived, arrived + count
        if before < size <= arrived:
            act()
        return count

    patch.setattr(DataReader, "read_into", read_into)


def _kill_sessions(server: Server) -> None:
    for pid in server.session_pids():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
