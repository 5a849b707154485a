# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stores: which way the files of a run take, by its options and its plan. The modules of each way are loaded for runs
that take it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Sequence

from ..model.plan import COPY
from ..model.request import NEVER
from .feature import Feature, RunParts
from .groups import LARGE, Groups, sizes
from .link_moves import LinkMoves
from .prepare import Prepared
from .proof import Prover
from .removal import Removal
from .store import Store, StoreParts

if TYPE_CHECKING:
    from .relocation import CopyStore, Relocation


class Stores:
    """What stores, moves and removes the entries of one run."""

    def __init__(self, parts: RunParts, features: Sequence[Feature]) -> None:
        self._request, self._opened, self._outcomes = parts.request, parts.opened, parts.outcomes
        self._peer_hash, self._record = parts.peer_hash, parts.record
        self._features = features
        opened, places = parts.opened, [feature.trash_place() for feature in features]
        self._link_moves = LinkMoves(opened.sides, opened.names, self._outcomes)
        self.removal = Removal(
            opened.sides.destination,
            parts.selection.trash,
            self._outcomes,
            self._link_moves,
            place=next(filter(None, places), None),
        )

    def store(self, groups: Groups, prepared: Prepared) -> Store:
        """Return the store for the files and links of the plan."""
        if groups.stores or groups.relocations:
            self._peer_hash.foresee()
        self._opened.sides.progress.reads_back = self._peer_hash.reads_back
        store = self._new_store(groups, prepared)
        store.listed = prepared.source.listed
        return store

    def relocation(self, groups: Groups, prepared: Prepared) -> Relocation:
        """Return the part for files that are moved or copied at the destination."""
        from .relocation import MoveProver, Relocation  # pylint: disable=import-outside-toplevel

        sides, signed = self._opened.sides, self._request.verify is not None
        prover = MoveProver(sides, prepared.contents, self._peer_hash, policy=self._request.proof, signed=signed)
        copies = self._copy_store(groups, prepared) if any(one.action == COPY for one in groups.relocations) else None
        present = prepared.destination
        stamps = present.stamps if sides.local.stamped and not sides.push else None
        return Relocation(
            sides,
            self._outcomes,
            prover,
            present.tree,
            max_delete=self._request.max_delete,
            stamps=stamps,
            copies=copies,
        )

    def _copy_store(self, groups: Groups, prepared: Prepared) -> CopyStore:
        from .relocation import CopyStore

        store = CopyStore(self._parts(groups, prepared))
        store.present, store.wanted = prepared.destination.tree, prepared.contents.source
        return store

    def _parts(self, groups: Groups, prepared: Prepared) -> StoreParts:
        opened = self._opened
        return StoreParts(
            opened.sides,
            opened.names,
            self._prover(prepared),
            self.removal,
            self._outcomes,
            groups.replaced,
            self._link_moves,
            self._features,
        )

    def _new_store(self, groups: Groups, prepared: Prepared) -> Store:
        parts = self._parts(groups, prepared)
        if self._request.in_place:
            from .in_place import InPlaceStore  # pylint: disable=import-outside-toplevel

            return InPlaceStore(parts)
        if self._may_go_by_blocks(groups):
            if not self._opened.sides.push:
                from .delta_pull import DeltaPullStore  # pylint: disable=import-outside-toplevel

                return DeltaPullStore.of(parts, self._peer_hash)
            from .delta_store import DeltaStore  # pylint: disable=import-outside-toplevel

            return DeltaStore.of(self._request, parts, self._peer_hash, self._record, prepared.contents.destination)
        return Store(parts)

    def _may_go_by_blocks(self, groups: Groups) -> bool:
        """Return whether there are large files that may be transferred by blocks."""
        request = self._request
        if request.delta == NEVER or request.sealed or request.verify is not None:
            return False
        return any(size >= LARGE for size in sizes(groups.stores))

    def _prover(self, prepared: Prepared) -> Prover:
        if self._request.verify is None:
            return Prover(self._opened.sides, self._peer_hash, self._request.proof)
        from .signed_source import SignedProver

        return SignedProver(self._opened.sides, self._peer_hash, prepared.contents.source)
