# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Blocks: a large file as blocks of equal size at fixed offsets, each with its SHA-256.

A block that was inserted shifts all blocks behind it: such a file has no equal blocks, and is sent whole.
"""

from __future__ import annotations

from typing import NamedTuple, Optional

__all__ = ["MOST_BLOCKS", "Basis", "Blocks", "ByBlocks", "block_size", "digest_at"]

SMALLEST_BLOCK = 64 << 10
MOST_BLOCKS = 16384
"""Blocks of one file: their digests take half a MiB at most."""
DIGEST_SIZE = 32


class Blocks(NamedTuple):
    """The blocks of one file. block: bytes of each but the last. digests: SHA-256 of all blocks, in a row."""

    block: int
    digests: bytes


class Basis(NamedTuple):
    """How a large file is sent by blocks.

    block: bytes of a block
    digests: of the file that is replaced; b"" to send all blocks
    size, mtime: of the file that is replaced
    read_back: whether to read back the blocks that were sent, if others were copied
    """

    block: int
    digests: bytes = b""
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


def digest_at(digests: bytes, number: int) -> bytes:
    """Return the digest of one block; b"" behind the last."""
    return digests[number * DIGEST_SIZE : (number + 1) * DIGEST_SIZE]
