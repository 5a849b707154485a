# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DeltaPullStore: of a large file that replaces another here, only the blocks that differ are fetched.

The server hashes the blocks of its file, and the blocks of the file here are hashed while they are copied to the stage.
Nothing is recorded. The stage is proven by the server's hash of the whole file; a file that is not proven is fetched
whole.
"""

from __future__ import annotations

from typing import Set

from ..model.blocks import Basis, Blocks, block_size
from ..model.plan import Write
from ..model.relpath import RelPath
from ..model.tree import FILE
from ..transport.base import Transfer
from .groups import LARGE
from .peer_hash import PeerHash
from .store import Store, StoreParts


class DeltaPullStore(Store):
    """See Store."""

    def __init__(self, parts: StoreParts) -> None:
        super().__init__(parts)
        self._tried: Set[RelPath] = set()

    @classmethod
    def of(cls, parts: StoreParts, peer_hash: PeerHash) -> Store:
        """Return the store of a pull with large files; a plain Store if all files are fetched whole."""
        return cls(parts) if peer_hash.server_hashes() and parts.sides.peer.hashes_blocks() else Store(parts)

    def _transfer(self, action: Write) -> Transfer:
        transfer = super()._transfer(action)
        present = action.present
        if present is None or present.kind != FILE or min(present.size, transfer.entry.size) < LARGE:
            return transfer
        if action.path in self._tried:
            return transfer
        self._tried.add(action.path)
        return transfer._replace(basis=Basis(Blocks(block_size(transfer.entry.size), b"", strong=True)))
