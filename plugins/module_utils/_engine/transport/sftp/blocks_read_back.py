# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading back blocks of a stage, on a new handle, and comparing them with the blocks that were sent."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from ...errors import OperationFailed, SyncError
from ...model.relpath import RelPath
from ...sftp.client import Opened, Reply, SftpClient, data_of, entry_in
from ...sftp.packets import FXF_READ, UNCHANGED
from ...sftp.pool import Operation, SftpPool
from .digest import OrderedHash

if TYPE_CHECKING:
    from ...model.blocks import Buffer


class SentBlock(NamedTuple):
    """A block that was sent: its place in the file, its bytes and their SHA-256."""

    offset: int
    size: int
    digest: bytes


class BlocksReadBack(Operation):
    """Check that the file at the full path `remote` has `size` bytes, and these blocks. The result is the number of
    bytes that were read, or the SyncError that shows a difference."""

    __slots__ = ("_awaited", "_blocks", "_client", "_error", "_finished", "_handle", "_parts", "_path", "_paused",
                 "_pool", "_read", "_remote", "_size", "_wanted")  # fmt: skip

    def __init__(self, path: RelPath, remote: bytes, size: int, blocks: Sequence[SentBlock], pool: SftpPool) -> None:
        self._path = path
        self._remote = remote
        self._size = size
        self._blocks = list(reversed(blocks))
        self._pool = pool
        self._handle = b""
        self._error: Optional[SyncError] = None
        self._awaited = 0
        self._paused = False
        self._read = 0
        self._wanted: List[Tuple[SentBlock, int, int]] = []
        """Block, offset in it, and bytes, of the next reads; the last first."""
        self._parts: Dict[int, OrderedHash] = {}

    def start(self, client: SftpClient, finished: Callable[[object], None]) -> None:
        self._client = client
        self._finished = finished
        self._awaited = 1
        client.open(self._remote, FXF_READ, UNCHANGED, self._opened)

    def _opened(self, reply: Opened) -> None:
        self._awaited -= 1
        if isinstance(reply, int):
            self._finished(self._client.error(reply, self._path))
            return
        self._handle = reply
        self._awaited += 1
        self._client.look_open(reply, self._remote, self._looked)
        self._pump()

    def _looked(self, reply: Reply) -> None:
        self._awaited -= 1
        entry = entry_in(reply)
        if entry is None or entry.size != self._size:
            self._differs()
        self._pump()

    def _pump(self) -> None:
        while self._error is None and not self._paused and (self._wanted or self._blocks):
            if not self._pool.may_move(self._client, self._resume):
                self._paused = True
                self._awaited += 1
                break
            if not self._wanted:
                block = self._blocks.pop()
                self._parts[block.offset] = OrderedHash(self._client)
                self._wanted.append((block, 0, block.size))
            block, at, size = self._wanted.pop()
            now = min(size, self._client.limits.read)
            if now < size:
                self._wanted.append((block, at + now, size - now))
            self._ask(block, at, now)
        if not self._awaited:
            self._settle()

    def _resume(self) -> None:
        self._paused = False
        self._awaited -= 1
        self._pump()

    def _ask(self, block: SentBlock, at: int, size: int, kept: Buffer = b"") -> None:
        self._pool.pacer.spend(size)
        self._awaited += 1
        self._client.in_flight += size
        self._client.read(self._handle, block.offset + at, size, partial(self._got, block, at, size, kept))

    def _got(self, block: SentBlock, at: int, size: int, kept: Buffer, reply: Reply) -> None:
        self._awaited -= 1
        self._client.in_flight -= size
        data = memoryview(b"") if isinstance(reply, int) else data_of(reply)
        count = len(data)
        if not 0 < count <= size:
            self._differs()
        elif self._error is None:
            self._read += count
            kept = self._take(block, at, kept, data, whole=count == size)
            if count < size:
                self._ask(block, at + count, size - count, kept)
        self._pump()

    def _take(self, block: SentBlock, at: int, kept: Buffer, data: memoryview, *, whole: bool) -> Buffer:
        part = self._parts[block.offset]
        kept = part.take(at, kept, data, whole=whole)
        if part.size == block.size:
            del self._parts[block.offset]
            if part.digest() != block.digest:
                self._differs()
        return kept

    def _differs(self) -> None:
        self._error = self._error or OperationFailed("the stored blocks differ from the sent blocks", path=self._path)
        for part in self._parts.values():
            part.let_go()

    def _settle(self) -> None:
        """Close the handle; the result is there when that is answered."""
        if self._handle:
            handle, self._handle = self._handle, b""
            self._awaited += 1
            self._client.close_handle(handle, self._closed)
        else:
            self._finished(self._read if self._error is None else self._error)

    def _closed(self, _reply: Reply) -> None:
        self._awaited -= 1
        self._settle()
