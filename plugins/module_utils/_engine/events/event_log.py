# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The events of a period, from a log and its rotated files, also compressed.

A log that is rotated meanwhile is read once: its files are known by their inodes, and all are open before the first is
read. Lines that are no events are counted, never an error: another program may have written them.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
import os
import re
import stat
import zlib
from typing import IO, Callable, Dict, Iterator, Mapping, NamedTuple, Optional, Tuple

from ..errors import NotFound, OperationFailed, PermissionDenied
from ..model.display import display
from .event import Event, read_line

_CURE = "Set path to the log of events, or run the role transfer_monitoring on this host."
_LONGEST_LINE = 1 << 20
_TRIES = 5
_ROTATED = re.compile(rb"(?:[.-][0-9]{1,14})+(?:\.(?:gz|bz2|xz))?\Z")
_OPENERS: Mapping[bytes, Callable[[IO[bytes]], IO[bytes]]] = {
    b".gz": lambda stream: gzip.GzipFile(fileobj=stream),  # type: ignore[dict-item,return-value]
    b".bz2": bz2.BZ2File,
    b".xz": lzma.LZMAFile,
}


class Period(NamedTuple):
    """Seconds since 1970; `until` is not part of the period."""

    since: float
    until: float

    def has(self, moment: float) -> bool:
        return self.since <= moment < self.until


class EventLog:
    """files: number of files that were read
    skipped: number of lines that are no events, and of damaged files
    """

    def __init__(self, path: bytes) -> None:
        self._path = path
        self.files = 0
        self.skipped = 0

    def events(self, period: Period) -> Iterator[Event]:
        """Yield the events of a period, file by file. Raises NotFound, PermissionDenied and OperationFailed."""
        with contextlib.ExitStack() as stack:
            streams = self._open(stack, period.since)
            for stream in streams:
                self.files += 1
                for event in self._read(stream):
                    if period.has(event.moment):
                        yield event

    def _open(self, stack: contextlib.ExitStack, since: float) -> Tuple[IO[bytes], ...]:
        for _turn in range(_TRIES):
            known = self._inodes()
            with contextlib.ExitStack() as attempt:
                opened = [self._opened(attempt, name, since) for name in known.values()]
                streams = tuple(stream for stream in opened if stream is not None)
                if self._inodes() != known:
                    continue
                if not streams:
                    raise NotFound("the log of events does not exist", path=self._path, cure=_CURE)
                stack.enter_context(attempt.pop_all())
                return streams
        raise NotFound("the log of events was rotated again and again while it was read", path=self._path)

    def _opened(self, stack: contextlib.ExitStack, name: bytes, since: float) -> Optional[IO[bytes]]:
        """Return the content of a file; None if it has no events of the period."""
        try:
            if not stat.S_ISREG(os.stat(name).st_mode):
                words = f"the log of events is not a regular file: {display(name)}"
                raise OperationFailed(words, path=name, cure=f"{_CURE[:-1]}; move anything else away.")
            descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        except PermissionError as error:
            raise PermissionDenied(f"the log of events cannot be read: {display(name)}", path=name) from error
        if os.fstat(descriptor).st_mtime < since and name != self._path:
            os.close(descriptor)
            return None
        stream: IO[bytes] = stack.enter_context(os.fdopen(descriptor, "rb"))
        opener = _OPENERS.get(os.path.splitext(name)[1])
        return stack.enter_context(opener(stream)) if opener else stream

    def _inodes(self) -> Dict[int, bytes]:
        """Return the names of the log and its rotated files, by inode."""
        above, base = os.path.split(self._path)
        found: Dict[int, bytes] = {}
        with contextlib.suppress(FileNotFoundError), os.scandir(above or b".") as entries:
            for entry in entries:
                rest = entry.name[len(base) :]
                if entry.name.startswith(base) and (not rest or _ROTATED.match(rest)):
                    found[entry.inode()] = entry.path
        return found

    def _read(self, stream: IO[bytes]) -> Iterator[Event]:
        try:
            for line in iter(lambda: stream.readline(_LONGEST_LINE), b""):
                event = self._event(line)
                if event is not None:
                    yield event
        except (EOFError, OSError, zlib.error, lzma.LZMAError):
            self.skipped += 1

    def _event(self, line: bytes) -> Optional[Event]:
        """Return the event of a line; None for other lines, and for a last line that is still written."""
        try:
            return read_line(line) if line.endswith(b"\n") else None
        except ValueError:
            self.skipped += 1
            return None
