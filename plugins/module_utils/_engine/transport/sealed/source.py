# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SealedSource: the sealed form of a file of this host, while it is sent. Plaintext never leaves this module.

A small file is sealed in memory. A larger file is sealed by a thread while it is sent, so that no second file is
needed on the disk. If the head of a format does not show the size of the whole, the sealed file is written to an
unnamed file first: uploads need the size before the first byte.

The digests of the content and of the sealed file come from the same pass.

The size follows from the head: an age file (c2sp.org/age) is a header of text lines, whose last line begins with
"---", a nonce of 16 bytes, and the content in chunks of 64 KiB, each with a tag of 16 bytes. An empty file has one
empty chunk. The length of the header depends on the recipients and on stanzas that a library adds at random.

PulledBytes has the output of a function that writes, as bytes that can be read. The function runs in a thread. A few
blocks at most wait between the two. A reader that gives up ends the function at its next write.
"""

from __future__ import annotations

import os
import queue
import tempfile
from collections import deque
from contextlib import suppress
from typing import Callable, Deque, NamedTuple, Optional

from ...errors import SourceChanged
from ...integrity.digest import sha256
from ...model.relpath import RelPath
from ...sealing.pairs import Pair, recipients_id
from ...sealing.provider import Sealer
from ...system.background import in_background
from ...system.os_errors import from_os_error, with_room
from ..base import SourceFile

_SMALL = 1 << 20
"""Bytes of content up to which a file is sealed in memory."""
_HEAD_STEP = 4096
_KEPT = 16 << 20
"""Bytes that were sent and may be sent again: a file cannot be sealed twice in the same way."""
HEAD_LIMIT = 1 << 20
"""Bytes of the longest head that is looked at."""
_VERSION = b"age-encryption.org/v1\n"
_NONCE = _TAG = 16
_CHUNK = 64 << 10
_WAITING = 8
"""Blocks."""
_MOMENT = 1.0
"""Seconds between two calls of `meanwhile`, at most."""


class Workshop(NamedTuple):
    """The means by which files are sealed.

    spool_directory: for sealed files whose size is not known in advance
    sealed: called with each file that was sealed and sent whole: its name here, and its pair
    """

    sealer: Sealer
    spool_directory: bytes
    sealed: Callable[[RelPath, Pair], None]


class _Content:
    """Reads a file, and hashes and counts its bytes."""

    def __init__(self, file: SourceFile, path: RelPath) -> None:
        self._file = file
        self._path = path
        self._digest = sha256()
        self.size = 0

    def read(self, count: int) -> bytes:
        # One byte more than there should be shows a file that grew.
        data = self._file.read(min(count, self._file.size + 1 - self.size))
        self._digest.update(data)
        self.size += len(data)
        if self.size > self._file.size:
            raise self.changed()
        return data

    def changed(self) -> SourceChanged:
        return SourceChanged("it changed while it was read", path=self._path)

    def digest(self) -> bytes:
        return self._digest.digest()


class SealedSource(SourceFile):
    """The sealed form of `file`, whose name here is `path`. Owns `file`. Raises ItemError.

    meanwhile: called again and again while the unnamed file is written
    """

    def __init__(
        self, file: SourceFile, path: RelPath, workshop: Workshop, meanwhile: Optional[Callable[[], None]] = None
    ) -> None:
        self._file = file
        self._path = path
        self._workshop = workshop
        self._meanwhile = meanwhile
        self._content = _Content(file, path)
        self._head = memoryview(b"")
        self._tail: Optional[PulledBytes] = None
        self._spool: Optional[int] = None
        self._kept: Deque[bytes] = deque()
        self._kept_size = 0
        self._at = 0
        self.mtime = file.mtime
        try:
            self.size = self._begin()
        except BaseException:
            self.close()
            raise

    def _begin(self) -> int:
        """Seal the beginning at least; return the size of the whole."""
        if self._file.size <= _SMALL:
            whole = bytearray()
            self._seal(whole.extend)
            self._head = memoryview(whole)
            return len(whole)
        self._tail = PulledBytes(self._seal)
        head = bytearray()
        size = None
        while size is None and len(head) < HEAD_LIMIT:
            step = self._pull(_HEAD_STEP)
            head += step
            size = sealed_size(bytes(head), self._file.size)
            if len(step) < _HEAD_STEP:
                break
        self._head = memoryview(head)
        return self._spooled() if size is None else size

    def _seal(self, write: Callable[[bytes], None]) -> None:
        self._workshop.sealer.seal(self._content.read, write)

    def _pull(self, count: int) -> bytes:
        buffer = bytearray(count)
        found = 0 if self._tail is None else self._tail.read_into(memoryview(buffer), self._meanwhile)
        return bytes(buffer[:found])

    def _spooled(self) -> int:
        """Write the whole to an unnamed file, to learn its size."""
        try:
            os.makedirs(self._workshop.spool_directory, 0o700, exist_ok=True)
            with tempfile.TemporaryFile(dir=self._workshop.spool_directory) as spool:
                self._spool = os.dup(spool.fileno())
            _write_all(self._spool, self._head)
            self._head = memoryview(b"")
            block = self._pull(_SMALL)
            while block:
                _write_all(self._spool, block)
                block = self._pull(_SMALL)
            return os.lseek(self._spool, 0, os.SEEK_CUR) + os.lseek(self._spool, 0, os.SEEK_SET)
        except OSError as error:
            raise with_room(from_os_error(error, path=self._path), self._workshop.spool_directory) from None

    def read(self, count: int) -> bytes:
        buffer = bytearray(count)
        return bytes(buffer[: self.read_into(memoryview(buffer))])

    def read_into(self, buffer: memoryview) -> int:
        """Fill the buffer: callers take fewer bytes for the end of the file."""
        part = self._head[: len(buffer)]
        buffer[: len(part)] = part
        self._head = self._head[len(part) :]
        count = len(part) + self._read_tail(buffer[len(part) :])
        self._keep(bytes(buffer[:count]))
        self._at += count
        while self._kept_size - len(self._kept[0]) >= _KEPT:
            self._kept_size -= len(self._kept.popleft())
        return count

    def _keep(self, block: bytes) -> None:
        self._kept.append(block)
        self._kept_size += len(block)

    def go_back(self, offset: int) -> bool:
        back = self._at - offset
        if not 0 <= back <= self._kept_size:
            return False
        again = [bytes(self._head)]
        while back > 0:
            block = self._kept.pop()
            self._kept_size -= len(block)
            left = max(0, len(block) - back)
            if left:
                self._keep(block[:left])
            again.append(block[left:])
            back -= len(block) - left
        self._head = memoryview(b"".join(reversed(again)))
        self._at = offset
        return True

    def arrived(self, size: int) -> None:
        gone = size - (self._at - self._kept_size)
        while gone > 0 and self._kept:
            block = self._kept.popleft()
            self._kept_size -= min(gone, len(block))
            if len(block) > gone:
                self._kept.appendleft(block[gone:])
            gone -= len(block)

    def _read_tail(self, buffer: memoryview) -> int:
        if self._spool is not None:
            return os.readv(self._spool, (buffer,)) if buffer else 0
        return 0 if self._tail is None else self._tail.read_into(buffer)

    def changed(self, read: Callable[[], bytes]) -> bool:
        content = self._content
        if content.size != self._file.size or self._file.changed(content.digest):
            return True
        recipients = recipients_id(self._workshop.sealer.recipients_digest)
        self._workshop.sealed(self._path, Pair(content.size, content.digest(), self.size, read(), recipients))
        return False

    def close(self) -> None:
        if self._tail is not None:
            self._tail.close()
        if self._spool is not None:
            spool, self._spool = self._spool, None
            os.close(spool)
        self._file.close()


def _write_all(descriptor: int, data: bytes | memoryview) -> None:
    """write(2) until all is written."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def sealed_size(head: bytes, size: int) -> Optional[int]:
    """Return the size of the sealed form of `size` bytes. head: its first bytes. None if they do not show it."""
    mac = head.find(b"\n---") + 1
    end = head.find(b"\n", mac) + 1
    if not (head.startswith(_VERSION) and mac and end):
        return None
    chunks = max(1, -(-size // _CHUNK))
    return end + _NONCE + size + chunks * _TAG


class _GivenUp(Exception):
    """The reader wants no more."""


class PulledBytes:
    """The bytes that `produce` writes. produce: gets a function that takes bytes."""

    def __init__(self, produce: Callable[[Callable[[bytes], None]], None]) -> None:
        self._produce = produce
        self._blocks: queue.Queue[bytes | BaseException] = queue.Queue(_WAITING)
        self._rest = memoryview(b"")
        self._ended = self._given_up = False
        self._thread = in_background(self._run, name="sealing")

    def _run(self) -> None:
        try:
            self._produce(self._put)
        except _GivenUp:
            return
        except BaseException as error:  # pylint: disable=broad-exception-caught  # raised in the reader's thread
            self._end(error)
        else:
            self._end(b"")

    def _put(self, data: bytes) -> None:
        if self._given_up:
            raise _GivenUp
        if data:
            self._blocks.put(bytes(data))

    def _end(self, last: bytes | BaseException) -> None:
        if not self._given_up:
            self._blocks.put(last)

    def read_into(self, buffer: memoryview, meanwhile: Optional[Callable[[], None]] = None) -> int:
        """Fill the buffer; return how many bytes, fewer only at the end. Raises the error of `produce`.

        meanwhile: called before each wait and during it
        """
        at = 0
        while at < len(buffer):
            if not self._rest and not self._next(meanwhile):
                break
            part = self._rest[: len(buffer) - at]
            buffer[at : at + len(part)] = part
            self._rest = self._rest[len(part) :]
            at += len(part)
        return at

    def _next(self, meanwhile: Optional[Callable[[], None]]) -> bool:
        """Take the next block; return False at the end."""
        if self._ended:
            return False
        block = self._blocks.get() if meanwhile is None else self._awaited(meanwhile)
        if isinstance(block, BaseException):
            self._ended = True
            raise block
        self._ended = not block
        self._rest = memoryview(block)
        return not self._ended

    def _awaited(self, meanwhile: Callable[[], None]) -> bytes | BaseException:
        while True:
            meanwhile()
            with suppress(queue.Empty):
                return self._blocks.get(timeout=_MOMENT)

    def close(self) -> None:
        """End the thread. May be called twice."""
        self._given_up = self._ended = True
        while self._thread.is_alive():
            self._drain()
            self._thread.join(0.01)

    def _drain(self) -> None:
        try:
            while True:
                self._blocks.get_nowait()
        except queue.Empty:
            pass
