# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proof that a file that was opened by its name is the intended file.

Another account that may write to a directory chooses what a name in it leads to, and the size, mode and mtime of its
own files. It cannot choose the owner of a file, nor set the access time of a file of another account to a time in the
past (utimensat(2)). So a file is marked with a random access time through an open handle: FSTAT of another handle that
shows the same owner and access time has the same file open. A write does not change the access time.

If something reads the file, its access time changes: then it is not recognized, which is safe.
"""

from __future__ import annotations

import os
import time
from typing import Callable, List, NamedTuple, Optional

from ..model.tree import FILE, Entry
from .client import Reply, SftpClient, entry_in
from .packets import (
    ATTRS,
    FSETSTAT,
    FSTAT,
    NANOSECONDS,
    STATUS,
    facts_of,
    string,
    times_field,
)

_LATEST = 1 << 30
"""Seconds since 1970 before which the access time of a mark is: 2004."""


class Mark(NamedTuple):
    """A file that was marked. owner: its user id; accessed: its access time, in seconds since 1970."""

    owner: int
    accessed: int


def _accessed() -> int:
    """Return a random access time. No file is read at a time in the past."""
    return 1 + int.from_bytes(os.urandom(8), "big") % (_LATEST - 1)


def mark_in(reply: Reply) -> Optional[Mark]:
    """Return owner and access time of an ATTRS reply; None if it does not have both. Raises ProtocolViolation."""
    if isinstance(reply, int):
        return None
    owner, _mode, accessed = facts_of(reply)
    return None if owner is None or accessed is None else Mark(owner, accessed)


def mark(client: SftpClient, handle: bytes, marked: Callable[[Optional[Mark]], None]) -> None:
    """Mark an open file. `marked` gets None if the server does not keep owners or access times."""
    accessed = _accessed()

    def looked(reply: Reply) -> None:
        found = mark_in(reply)
        marked(found if found is not None and found.accessed == accessed else None)

    _set_times(client, handle, accessed, int(time.time()), lambda _reply: None)
    client.request(FSTAT, ATTRS, string(handle), looked)


def unmark(client: SftpClient, handle: bytes, done: Callable[[Reply], None]) -> None:
    """Set the access time of an open file to its mtime."""

    def looked(reply: Reply) -> None:
        entry = entry_in(reply)
        if entry is None:
            done(0)
        else:
            seconds = entry.mtime // NANOSECONDS
            _set_times(client, handle, seconds, seconds, done)

    client.request(FSTAT, ATTRS, string(handle), looked)


def _set_times(client: SftpClient, handle: bytes, accessed: int, modified: int, done: Callable[[Reply], None]) -> None:
    client.request(FSETSTAT, STATUS, string(handle) + times_field(accessed, modified), done)


class NamedFile:
    """The question whether an open file is the regular file that `path` itself names, not the target of a link.

    Handle and name must show the same attributes: at first without a change, so that a wrong file stays as it is, and,
    if its content will be written, again after a mark. Only a file of another account cannot be marked.
    """

    def __init__(
        self, client: SftpClient, handle: bytes, path: bytes, proven: Callable[[Optional[int]], None], *, marks: bool
    ) -> None:
        """proven: gets the size of the file; None if it is another file, or the server shows too little."""
        self._client, self._handle, self._path, self._proven, self._marks = client, handle, path, proven, marks
        self._look(self._seen)

    def _look(self, judge: Callable[[Optional[Entry], Optional[Mark]], None]) -> None:
        replies: List[Reply] = []

        def looked(reply: Reply) -> None:
            replies.append(reply if isinstance(reply, int) else bytes(reply))
            if len(replies) == 2:
                one, other = ((entry_in(reply), mark_in(reply)) for reply in replies)
                judge(*one if one == other else (None, None))

        self._client.request(FSTAT, ATTRS, string(self._handle), looked)
        self._client.lstat(self._path, looked)

    def _seen(self, entry: Optional[Entry], found: Optional[Mark]) -> None:
        if entry is None or entry.kind != FILE or (self._marks and found is None):
            self._proven(None)
            return
        if not self._marks or found is None:
            self._proven(entry.size)
            return
        accessed = _accessed()

        def set_times(reply: Reply) -> None:
            wanted = found if reply else found._replace(accessed=accessed)
            self._look(lambda entry, mark: self._proven(entry.size if entry and mark == wanted else None))

        _set_times(self._client, self._handle, accessed, entry.mtime // NANOSECONDS, set_times)
