# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Heartbeat: sets the mtime of a lock file on a local tree every few seconds, from a thread of its own.

At the far end the session does this (PeerTransport.touch_every). Here nothing else would while one large file is
copied.
"""

from __future__ import annotations

import os
import threading
from typing import Optional

from ..system.background import in_background


class Heartbeat:
    """From `start` to `stop` the file `name` in the directory `directory` is touched every `seconds`."""

    def __init__(self, directory: bytes, name: bytes, seconds: float) -> None:
        self._directory = directory
        self._name = name
        self._seconds = seconds
        self._ended = threading.Event()
        self._thread: Optional[threading.Thread] = None

    def start(self) -> None:
        self._thread = in_background(self._beat, name="lock heartbeat")

    def _beat(self) -> None:
        while not self._ended.wait(self._seconds):
            try:
                self._touch()
            except OSError:
                return  # A lock that cannot be touched looks stale in time; the run itself notices when it is taken.

    def _touch(self) -> None:
        directory = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.utime(self._name, dir_fd=directory, follow_symlinks=False)
        finally:
            os.close(directory)

    def stop(self) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
