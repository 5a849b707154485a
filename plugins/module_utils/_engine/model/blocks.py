# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Blocks: a large file as blocks of equal size at fixed offsets, each with its checksum.

The checksum is a CRC-32 if the SHA-256 of the whole new file is proven afterwards: a wrong match shows in that proof,
and a CRC-32 takes a third of the time. Else it is a SHA-256. A byte that is inserted shifts all blocks behind it.
"""

from __future__ import annotations

import hashlib
import zlib
from typing import NamedTuple, Optional, Union

SMALLEST_BLOCK = 64 << 10
MOST_BLOCKS = 16384
"""Blocks of one file: their checksums take half a MiB at most."""
STRONG, WEAK = 32, 4
"""Bytes of a SHA-256 and of a CRC-32."""
Buffer = Union[bytes, bytearray, memoryview]


class Blocks(NamedTuple):
    """The blocks of one file.

    block: bytes of each but the last
    sums: the checksums of all blocks, in a row
    strong: whether they are SHA-256
    """

    block: int
    sums: bytes
    strong: bool


class Basis(NamedTuple):
    """How a large file is sent by blocks.

    blocks: of the file that is replaced; without checksums to send all blocks
    size, mtime: of the file that is replaced
    read_back: whether to read back the blocks that were sent, if others were copied
    """

    blocks: Blocks
    size: int = 0
    mtime: int = 0
    read_back: bool = False


class ByBlocks(NamedTuple):
    """The result of a transfer by blocks.

    blocks: of the new file
    copied: bytes that the destination took from the file that is replaced
    read: bytes that were read back and found equal, if that was wanted and others were copied; else None
    """

    blocks: Blocks
    copied: int = 0
    read: Optional[int] = None


def block_size(size: int) -> int:
    """Return the size of the blocks of a file of `size` bytes: a power of two."""
    block = SMALLEST_BLOCK
    while block * MOST_BLOCKS < size:
        block *= 2
    return block


def checksum(data: Buffer, *, strong: bool) -> bytes:
    return hashlib.sha256(data).digest() if strong else zlib.crc32(data).to_bytes(WEAK, "big")


def checksum_at(blocks: Blocks, number: int) -> bytes:
    """Return the recorded checksum of one block; b"" behind the last."""
    size = STRONG if blocks.strong else WEAK
    return blocks.sums[number * size : (number + 1) * size]
