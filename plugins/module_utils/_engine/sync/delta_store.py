# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""DeltaStore: of a large file that replaces another, only the blocks that differ are sent; the server copies the rest.

1. The checksums of the blocks of a large file are computed while it is sent, and recorded after it was proven and
   renamed.
2. The next version of the file is compared with them, while it is read. Equal blocks are copied at the server from the
   present file into the stage, and the others are sent. The present file must have the recorded content: the digest
   that is known for it must be the recorded digest. If none is known, size and time must be as recorded, and the proof
   must cover the whole stage.
3. The stage is proven like any other, by the server's hash or by reading it back. With `delta` always and a server that
   cannot hash, the blocks that were sent are read back, and the copied blocks are not proven again.

The recorded blocks are removed before the file is replaced, so that they are never taken for another content. A file
that is not proven is sent whole.

DeltaPullStore: of a large file that replaces another here, only the blocks that differ are fetched. The server hashes
the blocks of its file, and the blocks of the file here are hashed while they are copied to the stage. Nothing is
recorded. The stage is proven by the server's hash of the whole file; a file that is not proven is fetched whole.
"""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Optional, Sequence, Set, Tuple

from ..errors import SyncError
from ..model.blocks import MOST_BLOCKS, Basis, Blocks, block_size
from ..model.plan import STORE, Write
from ..model.relpath import RelPath
from ..model.report import PROVEN_BY_DELTA
from ..model.request import ALWAYS, AUTO, NONE, READ_BACK, SyncRequest
from ..model.tree import FILE, Digests
from ..transport.base import Staged, Transfer
from .changed_blocks import BlockRecord, RecordedBlocks
from .contents import PeerHash
from .groups import LARGE
from .proof import Proven
from .record import Record
from .roots import Sides
from .store import Ready, Store, StoreParts

WHOLE = "delta: the server cannot copy blocks of a file (no copy-data), so that large files are sent whole"


class Terms(NamedTuple):
    """When a file may be sent by blocks.

    whole_proof: whether every stage is proven as a whole
    read_back: else, whether the blocks that were sent are read back
    """

    whole_proof: bool
    read_back: bool


def terms_of(request: SyncRequest, sides: Sides, peer_hash: PeerHash) -> Optional[Terms]:
    """Return the terms of a push; None if all files are sent whole."""
    if not sides.peer.sends_blocks():
        return None
    if peer_hash.server_hashes():
        return Terms(whole_proof=True, read_back=False)
    if request.delta != ALWAYS or request.proof == NONE:
        return None  # Without a proof, bytes that the server copied are not even acknowledged.
    if request.attests:
        return None
    return Terms(whole_proof=request.proof == READ_BACK, read_back=request.proof == AUTO)


def is_large(action: Write) -> bool:
    return action.action == STORE and action.wanted.size >= LARGE


class DeltaStore(Store):
    """See Store. present: the known digests of the destination's files."""

    def __init__(self, parts: StoreParts, terms: Terms, record: BlockRecord, present: Digests) -> None:
        super().__init__(parts)
        self._terms = terms
        self._record = record
        self._present = present
        self._tried: Set[RelPath] = set()
        self._new: Dict[RelPath, Proven] = {}

    @classmethod
    def of(
        cls, request: SyncRequest, parts: StoreParts, peer_hash: PeerHash, record: Record, present: Digests
    ) -> Store:
        """Return the store of a push with large files; a plain Store if all files are sent whole."""
        terms = terms_of(request, parts.sides, peer_hash)
        if terms is not None:
            return cls(parts, terms, BlockRecord(record), present)
        if request.delta == ALWAYS and not parts.sides.peer.sends_blocks():
            parts.outcomes.note(WHOLE)
        return Store(parts)

    def _transfer(self, action: Write) -> Transfer:
        transfer = super()._transfer(action)
        return transfer._replace(basis=self._basis(action)) if is_large(action) else transfer

    def _basis(self, action: Write) -> Basis:
        """Return the blocks to compare with; without digests at the second attempt, or where none are known."""
        recorded = None if action.path in self._tried else self._recorded(action)
        self._tried.add(action.path)
        if recorded is None or action.present is None:
            return Basis(Blocks(block_size(action.wanted.size), b"", not self._terms.whole_proof))
        present = action.present
        return Basis(recorded.blocks, present.size, present.mtime, self._terms.read_back)

    def _recorded(self, action: Write) -> Optional[RecordedBlocks]:
        present = action.present
        if present is None or present.kind != FILE or present.size < LARGE:
            return None
        recorded = self._record.find(action.path)
        if recorded is None or recorded.size != present.size:
            return None
        if not (recorded.blocks.strong or self._terms.whole_proof):
            return None  # a CRC-32 proves nothing
        if action.wanted.size > 2 * MOST_BLOCKS * recorded.blocks.block:
            return None  # too many blocks for the new file
        known = self._present.get(action.path)
        if known is None:
            same = self._terms.whole_proof and recorded.mtime == present.mtime
        else:
            same = known == recorded.digest
        return recorded if same else None

    def _stage(self, actions: Sequence[Write]) -> List[Staged]:
        staged = super()._stage(actions)
        read = sum(one.by_blocks.read or 0 for one in staged if one.by_blocks is not None)
        self._outcomes.stats["bytes_received"] += read
        return staged

    def _prove(
        self, actions: Sequence[Write], staged: Sequence[Staged]
    ) -> Tuple[List[Ready], List[Tuple[Write, SyncError]]]:
        of = {action.path: action for action in actions}
        checked = [one for one in staged if one.by_blocks is not None and one.by_blocks.read is not None]
        ready, unproven = super()._prove(actions, [one for one in staged if one not in checked] if checked else staged)
        for one in checked:
            proven = Proven(one, one.digest, one.digest, PROVEN_BY_DELTA)
            ready.append(Ready(of[one.transfer.path], one.transfer.stage, proven))
        return ready, unproven

    def _commit(self, ready: List[Ready]) -> None:
        large = [one.action for one in ready if is_large(one.action)]
        self._record.forget([action.path for action in large if action.present is not None])
        super()._commit(ready)
        self._keep_blocks([action for action in large if action.path in self._new])

    def _renamed(self, one: Ready) -> None:
        super()._renamed(one)
        if one.proven is not None and one.proven.staged.by_blocks is not None:
            self._new[one.action.path] = one.proven

    def _keep_blocks(self, actions: Sequence[Write]) -> None:
        """Record the blocks of files that are stored now."""
        mtimes = self._mtimes(actions)
        for action in actions:
            proven = self._new.pop(action.path)
            digest, by_blocks = proven.destination or proven.source, proven.staged.by_blocks
            if digest is not None and by_blocks is not None and action.path in mtimes:
                recorded = RecordedBlocks(digest, proven.staged.size, mtimes[action.path], by_blocks.blocks)
                self._record.keep(action.path, recorded)
        if actions:
            self._record.trim()

    def _mtimes(self, actions: Sequence[Write]) -> Dict[RelPath, int]:
        """Return the mtimes of stored files; those that the server chose are looked up."""
        known = {action.path: action.attributes.mtime for action in actions}
        mtimes = {path: mtime for path, mtime in known.items() if mtime is not None}
        unknown = [path for path, mtime in known.items() if mtime is None]
        for path, entry, _error in self._sides.destination.look(unknown) if unknown else ():
            if entry is not None:
                mtimes[path] = entry.mtime
        return mtimes


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
