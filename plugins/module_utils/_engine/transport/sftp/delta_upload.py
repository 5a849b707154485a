# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Uploading a large file by blocks: the server copies the blocks that the old file has already (copy-data), and the
others are sent.

Few bytes are expected to be sent, so that no further sessions are opened for the file. If many blocks differ, or it is
sent whole in the end, sessions join for the rest.

The old file is not changed: the copies are made in the stage, and neighbouring blocks are copied together. If a copy is
refused, the stage is removed and the file is sent whole. The blocks are hashed in the pass that sends them, also if the
old file is unknown, so that the next run knows them.
"""

from __future__ import annotations

import hashlib
import zlib
from functools import partial
from typing import TYPE_CHECKING, Any, Callable, List, Optional, Tuple

from ...errors import OperationFailed, SyncError
from ...model.blocks import WEAK, Basis, Blocks, ByBlocks, checksum, checksum_at
from ...model.tree import FILE, Entry
from ...sftp.client import Opened, Reply, SftpClient, entry_in
from ...sftp.copy_data import CopiedPart, copy_data
from ...sftp.packets import ATTRS, FXF_READ, STAT, UNCHANGED, string
from ...sftp.pool import SftpPool, lightest
from ..base import SourceFile, Sources, Staged, Transfer
from .blocks_read_back import BlocksReadBack, SentBlock
from .copy_file import Copying
from .upload import Upload

if TYPE_CHECKING:
    from ...model.blocks import Buffer


_PART = 8 << 20
"""Bytes of one copy: the server works on it while this host reads on."""
_MANY = 8 << 20
"""Bytes of blocks that differ, after which it is estimated how many more there are."""
_UNDER_WAY = 64 << 20
"""Bytes that the server was asked to copy, from which on this host waits."""


class DeltaUpload(Upload):
    """See Upload. basis: of the transfer. old: the full path of the file that is replaced.

    `_settle` has the states. This upload also pauses until the old file was looked at, and until the server has copied
    enough (`_waits`). If copies are refused or not proven, the stage is undone as failed, and `_ended` sends the file
    `_whole` instead of returning the error.
    """

    __slots__ = ("_basis", "_blocks", "_client", "_copied", "_copying", "_counted", "_counted_from", "_old",
                 "_old_path", "_run", "_sent", "_then", "_under_way", "_usable", "_waits", "_whole")  # fmt: skip

    def __init__(
        self,
        transfer: Transfer,
        basis: Basis,
        paths: Tuple[bytes, bytes],
        source: Sources,
        pool: SftpPool,
        copying: Copying,
        *,
        durable: bool,
    ) -> None:
        """paths: of the stage, and of the file that is replaced."""
        self._basis = basis
        self._old_path = paths[1]
        self._copying = copying
        super().__init__(transfer, paths[0], source, pool, durable=durable)

    def _begin(self, pool: SftpPool) -> None:
        blocks = self._basis.blocks
        self._blocks = BlockHash(blocks.block, strong=blocks.strong)
        self._copied = 0
        self._whole = False
        self._sent: List[SentBlock] = []
        super()._begin(pool)

    def take_up(self, pool: SftpPool) -> None:
        super().take_up(pool)
        self._old = b""
        self._usable = self._waits = False
        self._run = self._under_way = 0
        self._counted, self._counted_from = 0, self._hashed

    @property
    def reached(self) -> int:
        """Implement Upload. Bytes that were sent twice would not be read back."""
        return 0 if self._basis.read_back else super().reached

    def start(self, client: SftpClient, finished: Callable[[object], None]) -> None:
        self._client = client
        self._then = finished
        super().start(client, self._ended)

    # the old file

    def _opened(self, client: SftpClient, reply: Opened) -> None:
        if not isinstance(reply, int) and self._basis.blocks.sums:
            if self._copying.works:
                self._pause()
                client.open(self._old_path, FXF_READ, UNCHANGED, self._old_opened)
            else:
                self._widen_for_all()
        super()._opened(client, reply)

    def _old_opened(self, reply: Opened) -> None:
        if isinstance(reply, int):
            self._widen_for_all()
            self._resume()
            return
        self._old = reply
        self._client.look_open(reply, self._old_path, self._old_looked)

    def _old_looked(self, reply: Reply) -> None:
        # After a lost session, whole blocks follow only where the last block was whole.
        self._usable = self._is_basis(entry_in(reply)) and not self._hashed % self._basis.blocks.block
        if not self._usable:
            self._widen_for_all()
        self._resume()

    def _widen_for_all(self) -> None:
        self._copying.widen(self._transfer.entry.size)

    def _close_handles(self, lanes: List[Tuple[SftpClient, bytes]]) -> None:
        if self._old:
            lanes = [*lanes, (self._client, self._old)]
            self._old = b""
        super()._close_handles(lanes)

    # blocks

    def _hash(self, data: Buffer) -> None:
        super()._hash(data)
        self._blocks.update(data)

    def _send_chunk(self, file: SourceFile) -> bool:
        if not self._usable or self._offset < self._hashed:
            return super()._send_chunk(file)
        if self._under_way >= _UNDER_WAY:
            self._waits = True
            return self._pause()
        if not self._pool.may_move(lightest(self._lanes)[0], self._resume):
            return self._pause()
        # One byte more than there should be shows a file that grew.
        wanted = min(self._basis.blocks.block, file.size - self._offset + 1)
        data = file.read(wanted)
        if data:
            self._take(data)
        if len(data) < wanted or self._offset > file.size:
            self._copy_run()
            self._end_source(file)
        return True

    def _take(self, data: bytes) -> None:
        """Copy or send the next block."""
        known = self._basis.blocks
        block_sum = checksum(data, strong=known.strong)
        self._digest.update(data)
        self._blocks.add(block_sum)
        if block_sum == checksum_at(known, self._offset // known.block):
            self._run += len(data)
        else:
            self._copy_run()
            self._send(data)
            if self._basis.read_back:
                self._sent.append(SentBlock(self._offset, len(data), checksum(data, strong=True)))
            self._counted += len(data)
        self._offset += len(data)
        self._hashed = self._offset
        if self._run >= _PART:
            self._copy_run()
        if self._counted >= _MANY:
            self._widen()

    def _widen(self) -> None:
        """Expect as many changed blocks in the rest of the file as since the last time."""
        left = max(0, self._transfer.entry.size - self._offset)
        self._copying.widen(left * self._counted // (self._offset - self._counted_from))
        self._counted, self._counted_from = 0, self._offset

    def _send(self, data: bytes) -> None:
        view, offset = memoryview(data), 0
        while offset < len(data):
            client, handle = lightest(self._lanes)
            part = view[offset : offset + client.limits.write]
            size = len(part)
            self._pool.pacer.spend(size)
            client.in_flight += size
            self._awaited += 1
            at = self._offset + offset
            client.write(handle, at, part, partial(self._written, client, at, size))
            offset += size

    # copies

    def _copy_run(self) -> None:
        """Have the server copy the equal blocks up to the present offset."""
        size, self._run = self._run, 0
        if not size:
            return
        self._awaited += 1
        self._under_way += size
        self._copying.under_way += 1
        offset = self._offset - size
        part = CopiedPart(self._old, offset, size, self._lanes[0][1], offset)
        copy_data(self._pool, self._client, part, partial(self._was_copied, offset, size))
        self._pool.send()

    def _was_copied(self, offset: int, size: int, reply: Reply) -> None:
        self._awaited -= 1
        self._under_way -= size
        self._copying.under_way -= 1
        if reply == 0:
            self._copied += size
            self._arrived(offset, size)
        elif self._error is None:
            self._whole = True
            self._copying.refused(reply)
            self._fail(OperationFailed("the server refused to copy a block", path=self._transfer.path))
        if self._waits:
            self._waits = False
            self._resume()
        else:
            self._pump()

    # the end

    def _ended(self, result: Any) -> None:
        if self._whole:
            self._start_again()
        elif result.error is None and self._copied and self._basis.read_back:
            self._client.request(STAT, ATTRS, string(self._old_path), partial(self._old_looked_again, result))
        else:
            self._then(self._with_blocks(result))

    def _old_looked_again(self, staged: Staged, reply: Reply) -> None:
        """The copied blocks are not read, so the old file must be as it was before they were copied."""
        if self._is_basis(entry_in(reply)):
            check = BlocksReadBack(self._transfer.path, self._remote, staged.size, self._sent, self._pool)
            check.start(self._client, partial(self._checked, staged))
        else:
            self._checked(staged, OperationFailed("the file was changed while it was copied", path=self._transfer.path))

    def _is_basis(self, entry: Optional[Entry]) -> bool:
        basis = self._basis
        return entry is not None and (entry.kind, entry.size, entry.mtime) == (FILE, basis.size, basis.mtime)

    def _with_blocks(self, staged: Staged, read: Optional[int] = None) -> Staged:
        if staged.error is not None:
            return staged
        return staged._replace(by_blocks=ByBlocks(self._blocks.blocks(), self._copied, read))

    def _checked(self, staged: Staged, result: Any) -> None:
        if isinstance(result, int):
            self._then(self._with_blocks(staged, result))
        else:
            self._undo_finished(result)

    def _undo_finished(self, error: SyncError) -> None:
        """Remove the stage, which is finished and whose copies are not proven. `_ended` then sends the file whole."""
        self._created, self._error, self._whole = True, error, True
        self._settle()

    def _start_again(self) -> None:
        """Send the file whole: the stage is gone."""
        self._basis = Basis(self._basis.blocks._replace(sums=b""))
        self._begin(self._pool)
        self._widen_for_all()
        self.start(self._client, self._then)


class BlockHash:
    """The checksum of each block of `block` bytes. strong: whether it is a SHA-256."""

    __slots__ = ("_block", "_crc", "_hash", "_hashed", "_strong", "_sums")

    def __init__(self, block: int, *, strong: bool) -> None:
        self._block = block
        self._strong = strong
        self._sums = bytearray()
        self._hash = hashlib.sha256()
        self._crc = 0
        self._hashed = 0

    def update(self, data: Buffer) -> None:
        """Take the next bytes of the file."""
        view = memoryview(data)
        while view:
            part = view[: self._block - self._hashed]
            if self._strong:
                self._hash.update(part)
            else:
                self._crc = zlib.crc32(part, self._crc)
            self._hashed += len(part)
            view = view[len(part) :]
            if self._hashed == self._block:
                self._end_block()

    def add(self, block_sum: bytes) -> None:
        """Take the checksum of a block; all blocks before it are complete."""
        self._sums += block_sum

    def blocks(self) -> Blocks:
        """Return all blocks; the file ends here."""
        if self._hashed:
            self._end_block()
        return Blocks(self._block, bytes(self._sums), self._strong)

    def _end_block(self) -> None:
        if self._strong:
            self._sums += self._hash.digest()
            self._hash = hashlib.sha256()
        else:
            self._sums += self._crc.to_bytes(WEAK, "big")
            self._crc = 0
        self._hashed = 0
