# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checksums of the blocks of a file that passes by in parts of any size."""

from __future__ import annotations

import hashlib
import zlib
from typing import TYPE_CHECKING

from ...model.blocks import WEAK, Blocks

if TYPE_CHECKING:
    from ...model.buffer import Buffer


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
