# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hash a file in blocks while it passes by in parts of any size."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...model.buffer import Buffer

__all__ = ["BlockHash"]


class BlockHash:
    """The SHA-256 of each block of `block` bytes."""

    __slots__ = ("_block", "_digests", "_hash", "_hashed")

    def __init__(self, block: int) -> None:
        self._block = block
        self._digests = bytearray()
        self._hash = hashlib.sha256()
        self._hashed = 0

    def update(self, data: Buffer) -> None:
        """Take the next bytes of the file."""
        view = memoryview(data)
        while view:
            part = view[: self._block - self._hashed]
            self._hash.update(part)
            self._hashed += len(part)
            view = view[len(part) :]
            if self._hashed == self._block:
                self._end_block()

    def add(self, digest: bytes) -> None:
        """Take a block that was hashed elsewhere; all blocks before it are complete."""
        self._digests += digest

    def digests(self) -> bytes:
        """Return the digests of all blocks, in a row; the file ends here."""
        if self._hashed:
            self._end_block()
        return bytes(self._digests)

    def _end_block(self) -> None:
        self._digests += self._hash.digest()
        self._hash = hashlib.sha256()
        self._hashed = 0
