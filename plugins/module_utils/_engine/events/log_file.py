# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the new lines of a log file over its rotation.

A file is known by its inode and a digest of its beginning, not by its name: a rotated file keeps its lines, and a
session that began before a rotation may write to the old file for hours. So the file and all its rotated forms that are
still there are read, each from its own position. A new file with the inode of a deleted file has another beginning. A
compressed file is read once, if it begins as a known file whose plain form is gone.
"""

from __future__ import annotations

import glob
import gzip
import hashlib
import os
import stat
from typing import Any, BinaryIO, Iterator, List, NamedTuple, Optional, Tuple, cast

from ..errors import OperationFailed

_HEAD = 256
_LONGEST = 1 << 16


class NewLine(NamedTuple):
    """One line without its line feed, empty if it is too long. cursor: identifies its position."""

    text: bytes
    cursor: str


class _Known(NamedTuple):
    """A file that was read up to `offset`. head: digest of its first bytes, at most `_HEAD` and at most `offset`."""

    inode: int
    offset: int
    head: str


class _File:
    def __init__(self, file: BinaryIO, offset: int) -> None:
        self.file, self.offset = file, offset
        self.inode = os.fstat(file.fileno()).st_ino

    def known(self) -> _Known:
        return _Known(self.inode, self.offset, _head(self.file, self.offset))

    def lines(self) -> Iterator[NewLine]:
        """Yield the complete lines from the position on."""
        self.file.seek(self.offset)
        while True:
            text, length = _line(self.file)
            if not length:
                return
            cursor = f"{self.inode}:{self.offset}"
            self.offset += length
            yield NewLine(text, cursor)
            self.file.seek(self.offset)


class LogFiles:
    """A log file and its rotated forms, between `with`.

    lost: whether a file with unread lines may have been deleted
    saved: the result of `positions` in an earlier run; None reads only lines that come from now on
    """

    def __init__(self, path: str, saved: Optional[List[Any]]) -> None:
        self._path, self._saved = path, saved
        self._files: List[_File] = []
        self._finished: List[_Known] = []
        self.lost = False

    def __enter__(self) -> LogFiles:
        known = [_Known(*each) for each in self._saved or []]
        names = _names(self._path)
        for name in names:
            if not name.endswith(".gz"):
                self._open(name, known)
        for name in names:
            if name.endswith(".gz"):
                self._open_compressed(name, known)
        self.lost = bool(known)
        return self

    def __exit__(self, *exception: object) -> None:
        for each in self._files:
            each.file.close()

    def positions(self) -> List[Any]:
        """Return the positions behind the last line of `lines`, as values of JSON."""
        return [list(each) for each in (*self._finished, *(file.known() for file in self._files))]

    def lines(self) -> Iterator[NewLine]:
        """Yield the new lines, the oldest file first."""
        for file in self._files:
            yield from file.lines()

    def _open(self, name: str, known: List[_Known]) -> None:
        try:
            file = open(name, "rb")  # noqa: SIM115  # closed at the end of the pass
        except FileNotFoundError:
            return
        inode, size = os.fstat(file.fileno()).st_ino, os.fstat(file.fileno()).st_size
        for each in known:
            if each.inode == inode and each.offset <= size and each.head == _head(file, each.offset):
                known.remove(each)
                self._files.append(_File(file, each.offset))
                return
        self._files.append(_File(file, size if self._saved is None else 0))

    def _open_compressed(self, name: str, known: List[_Known]) -> None:
        inode = os.stat(name).st_ino
        for each in list(known):
            if each.inode == inode:
                known.remove(each)
                self._finished.append(each)
                return
        file = cast(BinaryIO, gzip.open(name))  # noqa: SIM115  # closed at the end of the pass
        for each in known:
            if each.head == _head(file, each.offset):
                known.remove(each)
                self._files.insert(0, _File(file, each.offset))
                return
        file.close()


def _names(path: str) -> List[str]:
    """Return the paths of the log files, the oldest first. Raises OperationFailed if the log is not a regular file."""
    found: List[Tuple[int, str]] = []
    for name in (path, *glob.glob(glob.escape(path) + "[.-]*")):
        try:
            status = os.stat(name)
        except FileNotFoundError:
            continue
        if stat.S_ISREG(status.st_mode):
            found.append((status.st_mtime_ns, name))
        elif name == path:
            raise OperationFailed(f"{path}: is not a regular file", cure="Name the file to which the server writes.")
    return [name for _time, name in sorted(found)]


def _head(file: BinaryIO, offset: int) -> str:
    file.seek(0)
    return hashlib.sha256(file.read(min(offset, _HEAD))).hexdigest()[:16]


def _line(file: BinaryIO) -> Tuple[bytes, int]:
    """Return the next complete line and its length with the line feed, or no length at all."""
    text = file.readline(_LONGEST)
    length = len(text)
    too_long = not text.endswith(b"\n") and length == _LONGEST
    while length and not text.endswith(b"\n"):
        text = file.readline(_LONGEST)
        length += len(text)
        if not text:
            return b"", 0
    return (b"" if too_long else text[:-1]), length
