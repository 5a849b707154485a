# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Downloading a large file by blocks: the server hashes the blocks of its file (check-file-handle), and the blocks that
the old file here has at the same place are taken from it.

A block is hashed and written from the same bytes, so that a change of the old file does no harm. If the server refuses
to hash blocks, the rest is fetched.
"""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import Any, Callable, Deque, Optional, Tuple

from ...errors import SyncError
from ...model.blocks import STRONG, Blocks, ByBlocks, checksum, checksum_at
from ...sftp.client import Reply, SftpClient
from ...sftp.packets import EXTENDED_REPLY, string
from ...sftp.pool import SftpPool, lightest
from ..base import LocalSide, SourceFile, Transfer
from .copy_file import Copying
from .digest import SLOWEST_HASH, check_blocks_body, hashes_in
from .download import Download

_WINDOW = 32 << 20
"""Bytes whose blocks one request hashes, at most: the session is silent until then."""


class DeltaDownload(Download):
    """See Download. block: bytes of a block."""

    __slots__ = ("_block", "_copied", "_copying", "_hashing", "_old", "_ranges", "_then", "_window", "_windows_end")

    def __init__(
        self, transfer: Transfer, block: int, remote: bytes, sink: LocalSide, pool: SftpPool, copying: Copying
    ) -> None:
        self._block = block
        self._copying = copying
        self._copied = 0
        self._old: Optional[SourceFile] = None
        self._window = max(block, _WINDOW // block * block)
        super().__init__(transfer, remote, sink, pool)

    def take_up(self, pool: SftpPool) -> None:
        super().take_up(pool)
        self._ranges: Deque[Tuple[int, int]] = deque()
        """Offset and size of the parts to fetch."""
        self._windows_end = self._next
        self._hashing = False

    def start(self, client: SftpClient, finished: Callable[[object], None]) -> None:
        self._then = finished
        try:
            self._close_old()
            self._old = self._sink.open_source(self._transfer.path)
            if not (self._copying.works and self._old.go_back(self._next)):
                self._fetch_rest()
        except SyncError:
            self._fetch_rest()
        super().start(client, self._ended)

    def _fetch_rest(self) -> None:
        """Fetch everything whose blocks are unknown."""
        size = self._transfer.entry.size
        if self._windows_end < size:
            self._ranges.append((self._windows_end, size - self._windows_end))
            self._windows_end = size

    def _pump(self) -> None:
        while self._missing and self._lanes:
            self._ask(*self._lanes[0], *self._missing.pop())
        while self._ranges and self._lanes and not self._paused and self._error is None:
            client, handle = lightest(self._lanes)
            if not self._pool.may_move(client, self._resume):
                self._paused = True
                self._awaited += 1
                break
            offset, size = self._ranges.popleft()
            part = min(client.limits.read, size)
            if part < size:
                self._ranges.appendleft((offset + part, size - part))
            self._pool.pacer.spend(part)
            self._ask(client, handle, offset, part)
            self._next += part
        self._ask_digests()
        self._settle()

    def _ask_digests(self) -> None:
        """Have the server hash the next blocks."""
        size = self._transfer.entry.size
        if self._hashing or not self._lanes or self._error is not None or self._windows_end >= size:
            return
        offset, self._windows_end = self._windows_end, min(self._windows_end + self._window, size)
        client, handle = self._lanes[0]
        length = self._windows_end - offset
        granted = length / SLOWEST_HASH
        self._pool.grant(granted)
        self._hashing = True
        self._copying.under_way += 1
        self._awaited += 1
        body = string(handle) + check_blocks_body(offset, length, self._block)
        answered = partial(self._hashed, client, offset, length, granted)
        client.extended(b"check-file-handle", body, answered, expected=EXTENDED_REPLY)

    def _hashed(self, client: SftpClient, offset: int, length: int, granted: float, reply: Reply) -> None:
        self._pool.grant(-granted)
        self._hashing = False
        self._copying.under_way -= 1
        self._awaited -= 1
        digests = b"" if isinstance(reply, int) else hashes_in(reply)
        if len(digests) != -(-length // self._block) * STRONG:
            self._windows_end = offset
            self._fetch_rest()
        else:
            self._ask_digests()
            self._pool.send()
            try:
                self._compare(offset, length, digests)
            except SyncError as error:
                self._error = self._error or error
        self._pump()

    def _compare(self, offset: int, length: int, digests: bytes) -> None:
        """Take equal blocks from the old file; the others are fetched."""
        end, known = offset + length, Blocks(self._block, digests, strong=True)
        for number, start in enumerate(range(offset, end, self._block)):
            size = min(self._block, end - start)
            data = self._next_old(size)
            if len(data) == size and checksum(data, strong=True) == checksum_at(known, number):
                self._take(data, start)
            elif self._ranges and sum(self._ranges[-1]) == start:
                self._ranges[-1] = (self._ranges[-1][0], self._ranges[-1][1] + size)
            else:
                self._ranges.append((start, size))

    def _next_old(self, size: int) -> bytes:
        """Return the next bytes of the old file; b"" if it has none."""
        try:
            return b"" if self._old is None else self._old.read(size)
        except SyncError:
            self._close_old()
            return b""

    def _take(self, data: bytes, offset: int) -> None:
        if self._stage is not None and self._error is None:
            self._stage.write_at(data, offset)
            self._copied += len(data)
            self._next += len(data)

    def _close_old(self) -> None:
        old, self._old = self._old, None
        if old is not None:
            old.close()

    def _ended(self, staged: Any) -> None:
        self._close_old()
        if staged.error is None:
            staged = staged._replace(by_blocks=ByBlocks(Blocks(self._block, b"", strong=True), self._copied))
        self._then(staged)
