# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Execution: the parts that carry out a plan, put together. Loaded for runs with something to do only."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Callable, Optional, Sequence

from ..model.plan import COPY, Plan, Write
from ..model.relpath import RelPath
from ..model.request import NEVER, SyncRequest
from .executor import Executor, nothing
from .groups import LARGE, Groups, grouped, sizes
from .link_moves import LinkMoves
from .outcomes import Outcomes
from .peer_hash import PeerHash
from .prepare import Prepared, Signed
from .proof import Prover
from .removal import Removal
from .roots import Opened
from .store import Store, StoreParts

if TYPE_CHECKING:
    from .copy_store import CopyStore
    from .record import Record
    from .relocation import Relocation


class Execution:
    """Carries out the plan of one run. trash, place: see Removal; signed: with `verify`."""

    def __init__(
        self,
        request: SyncRequest,
        opened: Opened,
        outcomes: Outcomes,
        peer_hash: PeerHash,
        *,
        trash: Optional[RelPath],
        signed: Optional[Signed],
        record: Record,
        place: Optional[Callable[[], RelPath]] = None,
    ) -> None:
        self._request, self._opened, self._outcomes, self._peer_hash = request, opened, outcomes, peer_hash
        self._signed = signed
        self._record = record
        self._unfinished: Optional[Store] = None
        self._link_moves = LinkMoves(opened.sides, opened.names, outcomes)
        self._removal = Removal(opened.sides.destination, trash, outcomes, self._link_moves, place=place)

    def run(
        self,
        planned: Plan,
        prepared: Prepared,
        *,
        still_ours: Callable[[], None],
        before_removals: Callable[[], None] = nothing,
    ) -> None:
        """Carry out `planned`. still_ours, before_removals: see Executor."""
        groups = grouped(planned)
        store = self._unfinished = self._store(groups, prepared)
        executor = Executor(
            self._opened.sides,
            prepared.destination.tree,
            self._outcomes,
            still_ours=still_ours,
            durable=self._request.durable,
        )
        executor.run(
            planned,
            groups,
            store,
            self._removal,
            respell=self._respelling(groups.respelled, still_ours) if groups.respelled else nothing,
            relocation=self._relocation(groups, prepared) if groups.relocations else None,
            before_removals=before_removals,
        )
        if not self._outcomes.clean and not self._request.in_place:
            from .folding import explain  # pylint: disable=import-outside-toplevel

            explain(self._opened.sides, self._opened.names, self._outcomes, prepared.destination.tree)

    def finish_proven(self) -> None:
        """Give the proven files of an interrupted run their final names."""
        if self._unfinished is not None:
            self._unfinished.finish_proven()

    def _respelling(self, actions: Sequence[Write], still_ours: Callable[[], None]) -> Callable[[], None]:
        from .folding import respell  # pylint: disable=import-outside-toplevel

        opened = self._opened
        return partial(respell, actions, opened.sides, opened.names, self._outcomes, still_ours)

    def _relocation(self, groups: Groups, prepared: Prepared) -> Relocation:
        """Return the part for files that are moved or copied at the destination. It is loaded for such a run only."""
        from .relocation import MoveProver, Relocation  # pylint: disable=import-outside-toplevel

        sides, signed = self._opened.sides, self._signed is not None
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
        from .copy_store import CopyStore  # pylint: disable=import-outside-toplevel

        store = CopyStore(self._parts(groups))
        store.present, store.wanted = prepared.destination.tree, prepared.contents.source
        return store

    def _parts(self, groups: Groups) -> StoreParts:
        opened = self._opened
        return StoreParts(
            opened.sides,
            opened.names,
            self._prover(),
            self._removal,
            self._outcomes,
            groups.replaced,
            self._link_moves,
        )

    def _store(self, groups: Groups, prepared: Prepared) -> Store:
        if groups.stores or groups.relocations:
            self._peer_hash.foresee()
        self._opened.sides.progress.reads_back = self._peer_hash.reads_back
        store = self._new_store(groups, prepared)
        store.listed = prepared.source.listed
        return store

    def _new_store(self, groups: Groups, prepared: Prepared) -> Store:
        parts = self._parts(groups)
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

    def _prover(self) -> Prover:
        if self._signed is None:
            return Prover(self._opened.sides, self._peer_hash, self._request.proof)
        from .signed_proof import SignedProver  # pylint: disable=import-outside-toplevel

        return SignedProver(self._opened.sides, self._peer_hash, self._signed.digests)
