# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recorded checksums of the blocks of one large file, as bytes: a head, the checksums, and the SHA-256 of both."""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

from ..model.blocks import STRONG, WEAK, Blocks
from .digest import DIGEST_SIZE, UnusableManifest, sha256

_MAGIC = b"secure.ftp_synchronize blocks 1\n"
_HEAD = Struct(">32sQqQII")
"""Digest of the file, its size, its mtime in nanoseconds, bytes of a block, of a checksum, and of the name."""


class RecordedBlocks(NamedTuple):
    """The blocks of a file at the server, as it was proven. digest: SHA-256 of the file. mtime: nanoseconds."""

    digest: bytes
    size: int
    mtime: int
    blocks: Blocks


def write_blocks(name: bytes, recorded: RecordedBlocks) -> bytes:
    """Return the bytes of a record. name: of the file and its tree."""
    digest, size, mtime, (block, sums, strong) = recorded
    head = _HEAD.pack(digest, size, mtime, block, STRONG if strong else WEAK, len(name))
    body = b"".join((_MAGIC, head, name, sums))
    return body + sha256(body).digest()


def read_blocks(data: bytes, name: bytes) -> RecordedBlocks:
    """Return the record of the file `name`. Raises UnusableManifest."""
    body, seal = data[:-DIGEST_SIZE], data[-DIGEST_SIZE:]
    start = len(_MAGIC) + _HEAD.size
    if not body.startswith(_MAGIC) or len(body) < start or sha256(body).digest() != seal:
        raise UnusableManifest("it is truncated, changed, or of another version")
    digest, size, mtime, block, each, length = _HEAD.unpack_from(body, len(_MAGIC))
    sums = body[start + length :]
    if body[start : start + length] != name:
        raise UnusableManifest("it belongs to another file")
    if block < 1 or each not in (STRONG, WEAK) or len(sums) != -(-size // block) * each:
        raise UnusableManifest("it does not have one checksum for each block")
    return RecordedBlocks(digest, size, mtime, Blocks(block, sums, each == STRONG))
