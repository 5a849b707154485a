# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PartnerBox: a partner's drop box, which acts on each upload and takes the file away at once.

It acts when a file that was written is closed (IN_CLOSE_WRITE of inotify(7)), like hosted services whose workflows
start after an upload; a renamed file does not start them. A real service is not at hand, so this directory stands for
it, behind a real server.

with PartnerBox(directory) as box:
    ...
assert box.taken == [("a.csv", b"1;2")]
"""

from __future__ import annotations

__all__ = ["PartnerBox"]

import ctypes
import os
import select
import struct
import threading
from pathlib import Path
from types import TracebackType

_CLOSE_WRITE = 0x00000008
_EVENT = struct.Struct("iIII")


class PartnerBox:
    """taken: names and contents, in the order of the uploads. Without subdirectories."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._end_read, self._end = os.pipe()
        self._thread = threading.Thread(target=self._watch)
        self.taken: list[tuple[str, bytes]] = []

    def __enter__(self) -> PartnerBox:
        libc = ctypes.CDLL(None, use_errno=True)
        self._events = libc.inotify_init1(os.O_CLOEXEC)
        assert self._events >= 0
        assert libc.inotify_add_watch(self._events, os.fsencode(self._directory), _CLOSE_WRITE) >= 0
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        os.close(self._end)
        self._thread.join()
        os.close(self._events)
        os.close(self._end_read)

    def _watch(self) -> None:
        """Take files until the end; the events that wait then are handled first."""
        while True:
            ready = select.select([self._events, self._end_read], [], [])[0]
            if self._events not in ready:
                return
            data = os.read(self._events, 65536)
            while data:
                _watch, _mask, _cookie, length = _EVENT.unpack_from(data)
                self._take(data[_EVENT.size : _EVENT.size + length].rstrip(b"\0").decode())
                data = data[_EVENT.size + length :]

    def _take(self, name: str) -> None:
        path = self._directory / name
        self.taken.append((name, path.read_bytes()))
        path.unlink()
