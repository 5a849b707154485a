# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""State: how far all logs are read, the open sessions, the counters, and the lines that are being written.

One rename replaces it as a whole. New lines of events.jsonl are in the state before they are in the file, with the
position at which they belong: a run that was killed between the two is completed by the next run, which writes the
same bytes to the same place. So no line is lost and none is written twice, whenever the process ends.

events.jsonl only grows. logrotate may rename it at any time; the lines of a run stay in one file.
"""

from __future__ import annotations

import contextlib
import fcntl
import glob
import json
import os
from typing import Any, Dict, Iterator, NamedTuple, Optional

from ..errors import SyncError
from ..system.durable_files import replace

_SCHEMA = 1
_FILE, _LOCK = "state", "lock"
_MODE = 0o640


class StateLocked(SyncError):
    """Another collector is running."""

    code = "state_locked"


class StateUnusable(SyncError):
    """Another program, or another version, wrote the state."""

    code = "state_unusable"

    @classmethod
    def by(cls, cause: object) -> StateUnusable:
        return cls("state: cannot be read: %s" % cause, cure="Remove the file to begin again.")


class Pending(NamedTuple):
    """Lines at their place. inode, offset: the file and the position that they belong to."""

    inode: int
    offset: int
    lines: bytes


class State(NamedTuple):
    """values: as JSON. pending: lines that may not be in their file yet."""

    values: Dict[str, Any]
    pending: Optional[Pending] = None


@contextlib.contextmanager
def locked_state(path: str) -> Iterator[int]:
    """Give the directory of the state as a descriptor, to one process at a time. Raises StateLocked."""
    os.makedirs(path, mode=0o700, exist_ok=True)
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        lock = os.open(_LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600, dir_fd=directory)
        try:
            _lock(lock)
            yield directory
        finally:
            os.close(lock)
    finally:
        os.close(directory)


def _lock(file: int) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise StateLocked("state: another collector is running", cure="Wait until it has ended.") from None


def load_state(directory: int) -> Optional[State]:
    """Return the state of the last run, or None if this is the first. Raises StateUnusable."""
    try:
        file = os.open(_FILE, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW, dir_fd=directory)
    except FileNotFoundError:
        return None
    with os.fdopen(file, "rb") as stream:
        head, _feed, lines = stream.read().partition(b"\n")
    try:
        values = json.loads(head)
        if values.pop("schema") != _SCHEMA:
            raise ValueError("another version wrote it")
        inode, offset, length = values.pop("pending")
        if length != len(lines):
            raise ValueError("it is incomplete")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StateUnusable.by(error) from None
    return State(values, Pending(inode, offset, lines) if length else None)


def save_state(directory: int, state: State) -> None:
    """Replace the state in one step. Raises OSError; the old state then remains."""
    inode, offset, lines = state.pending or Pending(0, 0, b"")
    head = {"schema": _SCHEMA, "pending": [inode, offset, len(lines)], **state.values}
    content = json.dumps(head, separators=(",", ":")).encode("ascii") + b"\n" + lines
    replace(_FILE, content, directory=directory, settle=lambda file: os.fchmod(file, 0o600), temporary=_FILE + ".new")


class Output:
    """The file, open for one run."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, _MODE)

    def close(self) -> None:
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
