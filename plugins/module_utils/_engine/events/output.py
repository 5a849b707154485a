# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Output: events.jsonl, which only grows. logrotate may rename it at any time; the lines of a run stay in one file."""

from __future__ import annotations

import contextlib
import glob
import os
from typing import Iterator, Optional

from .state import Pending

_MODE = 0o640


class Output:
    """The file, open for one run."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, _MODE)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def place(self, lines: bytes) -> Pending:
        """Return lines with the place at which they will be written."""
        status = os.fstat(self._file)
        return Pending(status.st_ino, status.st_size, lines)

    def complete(self, pending: Pending) -> None:
        """Write lines to their place, or the rest of them; into the present file if theirs has been removed."""
        with self._opened(pending.inode) as file:
            if file is None or os.fstat(file).st_size < pending.offset:
                _write(self._file, pending.lines, os.fstat(self._file).st_size)
            else:
                done = os.fstat(file).st_size - pending.offset
                _write(file, pending.lines[done:], pending.offset + done)

    @contextlib.contextmanager
    def _opened(self, inode: int) -> Iterator[Optional[int]]:
        if os.fstat(self._file).st_ino == inode:
            yield self._file
            return
        for name in glob.glob(glob.escape(self._path) + "[.-]*"):
            file = os.open(name, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                if os.fstat(file).st_ino == inode:
                    yield file
                    return
            finally:
                os.close(file)
        yield None


def _write(file: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(file, view, offset)
        view, offset = view[written:], offset + written
    os.fsync(file)
