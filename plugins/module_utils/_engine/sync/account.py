# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Account: the outcomes of a run, its record, and its report."""

from __future__ import annotations

from typing import Dict, List, Optional, Tuple

from ..errors import SyncError
from ..model.plan import CREATE_DIRECTORY, MISSING, RELOCATIONS, STORE, Action, Plan, Write
from ..model.relpath import ROOT, RelPath
from ..model.report import (
    PROOFS,
    PROVEN_BY_DELTA,
    PROVEN_BY_RECORD,
    UNPROVEN,
    SyncReport,
    TreesAfter,
)
from ..model.request import SIZE_MTIME, SyncRequest
from ..model.tree import DIRECTORY, FILE, Entry
from .collector import collector_at_rest
from .contents import PeerHash
from .feature import Feature
from .outcomes import Outcomes
from .prepare import Prepared
from .record import Record
from .roots import Opened
from .sessions import Sessions

CREATE_ROOT = Write(ROOT, CREATE_DIRECTORY, MISSING, Entry(DIRECTORY, 0, 0, 0o755), None)
"""Added to the report, so that a run that only makes the destination counts as a change; plans are about entries."""
WITHHELD = "entries left alone, because the listing of their directory at the destination failed: %d"
UNCERTAIN = "the server may have made changes that are not listed, so the run counts as changed"
_STORED = (STORE, *RELOCATIONS)


def creation_above(levels: int) -> Write:
    """Return the creation of a directory above the root: its parent, at 1, has the path ".."."""
    return CREATE_ROOT._replace(path=RelPath(b"/".join([b".."] * levels)))


class Account:
    """The account of one run, which can be reported at any moment.

    outcomes: of its actions
    features: of the run, once both sides are open
    """

    def __init__(self, request: SyncRequest, sessions: Sessions) -> None:
        self.outcomes = Outcomes()
        self.features: Tuple[Feature, ...] = ()
        self._request = request
        self._sessions = sessions
        self._record: Optional[Record] = None
        self._missing: List[Write] = []
        self._peer_hash: Optional[PeerHash] = None
        self._prepared: Optional[Prepared] = None

    def open(self, opened: Opened, peer_hash: PeerHash) -> Record:
        """Return the record of the two open roots. `peer_hash` counts the bytes read for hashing."""
        above = 0 if opened.parents is None else len(opened.parents.missing)
        self._missing = [creation_above(levels) for levels in range(above, 0, -1)]
        self._missing += [CREATE_ROOT] if opened.destination_missing else []
        self._peer_hash = peer_hash
        local, peer = opened.source_root, opened.destination_root
        if not opened.sides.push:
            local, peer = peer, local
        self._record = Record.of(self._request, local_root=local, peer_root=peer, file=opened.file)
        return self._record

    def close(self) -> None:
        """Release the record: nothing is reported any more."""
        if self._record is not None:
            self._record.close()

    def root_made(self, creation: Write = CREATE_ROOT) -> None:
        """Note that this run made the root, or a directory above."""
        self.outcomes.succeed(creation)

    def root_found(self, creation: Write = CREATE_ROOT) -> None:
        """Note that another run made the missing root, or a directory above."""
        if creation in self._missing:
            self._missing.remove(creation)

    def root_removed(self, creation: Write) -> None:
        """Note that the root or a directory above, which this run made, is gone again."""
        self.outcomes.undo(creation)

    @property
    def is_planned(self) -> bool:
        """Return whether the run came as far as its plan."""
        return self._prepared is not None

    def planned(self, prepared: Prepared) -> None:
        self._prepared = prepared
        self.outcomes.stored.planned = prepared.plan.stores
        for part in (prepared.source, prepared.destination, prepared.contents):
            self.outcomes.problems += part.problems
        self.outcomes.problems += prepared.plan.conflicts
        for note in prepared.notes:
            self.outcomes.note(note)

    def remember(self, record: Record, opened: Opened, prepared: Prepared, *, clock_ahead: int) -> None:
        """Record the digests that are known by now, if the run changed or learned anything. A former version's record
        is written again. clock_ahead: see Lock."""
        if self.outcomes.nothing_done and not prepared.contents.compared and not record.is_former:
            return
        from .remember import remember  # pylint: disable=import-outside-toplevel

        try:
            with collector_at_rest():
                compare, peer = self._request.compare, all(feature.believes_peer for feature in self.features)
                remember(record, opened, prepared, self.outcomes, compare=compare, clock_ahead=clock_ahead, peer=peer)
        except SyncError as error:  # A lost record costs only time; the files are stored.
            self.outcomes.note(f"nothing was recorded: {error}")

    def report(self, error: Optional[SyncError]) -> SyncReport:
        """Return the report of the present state; `error` is the error that ended the run, or None."""
        outcomes, prepared, peer = self.outcomes, self._prepared, self._sessions.peer
        plan = self._plan()
        ordered = outcomes.in_order_of(plan)
        uncertain = peer is not None and peer.uncertain
        if peer is not None and peer.touched and (error is not None or not outcomes.clean):
            uncertain = uncertain or all(done.error is not None for done in ordered)
        return SyncReport(
            plan=plan,
            outcomes=ordered,
            problems=tuple(outcomes.problems),
            error=error,
            peer=None if peer is None else peer.identity,
            stats=self._stats(),
            proofs={} if prepared is None else _count_proofs(prepared, outcomes, self._equal_proof()),
            notes=(*self._notes(), UNCERTAIN) if uncertain else self._notes(),
            signed_set=next(filter(None, (feature.signed_set for feature in self.features)), None),
            set_size=next(filter(None, (feature.set_size for feature in self.features)), None),
            content_check=next(filter(None, (feature.content_check for feature in self.features)), None),
            after=self._after(),
            uncertain=uncertain,
        )

    def _equal_proof(self) -> str:
        """Return the proof of files that were equal before, and were not hashed in this run."""
        of_feature = next(filter(None, (feature.equal_proof for feature in self.features)), None)
        return of_feature or (UNPROVEN if self._request.compare == SIZE_MTIME else PROVEN_BY_RECORD)

    def _after(self) -> Optional[TreesAfter]:
        """Return the digests of both trees, for a receipt."""
        if self._request.receipts is None or self._prepared is None:
            return None
        from .receipts import trees_after

        return trees_after(self._prepared, self.outcomes, push=self._sessions.push)

    def _plan(self) -> Plan:
        plan = Plan() if self._prepared is None else self._prepared.plan
        skipped = self.outcomes.vanished + self.outcomes.withdrawn
        if skipped:
            plan = plan._replace(skipped=plan.skipped + tuple(skipped))
        more = tuple(action for feature in self.features for action in feature.actions)
        if more:
            plan = plan.with_actions(last=more)
        return plan.with_actions(first=tuple(self._missing)) if self._missing else plan

    def _stats(self) -> Dict[str, int]:
        stats = dict(self.outcomes.stats)
        if self._prepared is not None:
            stats["source_entries"] = len(self._prepared.source.tree)
            stats["destination_entries"] = len(self._prepared.destination.tree)
            stats["files_compared"] = len(self._prepared.contents.compared)
            for feature in self.features:
                stats.update(feature.stats)
        if self._peer_hash is not None:
            stats["bytes_received"] += self._peer_hash.read
        return stats

    def _notes(self) -> Tuple[str, ...]:
        notes = [*self.outcomes.notes, *self._sessions.local_notes]
        for feature in self.features:
            notes += feature.notes
        peer = self._sessions.peer
        if peer is not None:
            notes += peer.notes
            if peer.reconnections:
                times = "once" if peer.reconnections == 1 else f"{peer.reconnections} times"
                notes.append(f"the connection was lost {times} and reopened")
        if self._prepared is not None and self._prepared.plan.withheld:
            notes.append(WITHHELD % self._prepared.plan.withheld)
        if self.outcomes.vanished:
            from ..model.human import counted  # pylint: disable=import-outside-toplevel

            notes.append(f"{counted(len(self.outcomes.vanished), 'file')} vanished from the source after the listing")
        return tuple(notes)


def _respells(action: Action) -> bool:
    return isinstance(action, Write) and action.respells


def _count_proofs(prepared: Prepared, outcomes: Outcomes, otherwise: str) -> Dict[str, int]:
    """Count files that were equal before by the way of comparison, else as `otherwise`, stored files by their proof;
    files that failed or were left alone are not counted."""
    counts = {**dict.fromkeys(PROOFS, 0), otherwise: 0}
    contents, present = prepared.contents, prepared.destination.tree
    stores = prepared.plan.stores
    moved = {action.path for action in prepared.plan.others if action.action in _STORED and not _respells(action)}
    others = moved | contents.unreadable
    replacing = {} if stores is None else stores.replacing
    equal = 0
    for path, entry in prepared.source.tree.items():
        if entry[0] == FILE and path in present and present[path][0] == FILE:
            equal += path not in others and path not in replacing
    for path, proof in contents.proofs.items():
        if path not in others and not (stores and stores.has(path)):
            counts[proof] += 1
            equal -= 1
    for path in contents.by_delta - others - contents.proofs.keys():
        if path in prepared.source.tree and not (stores and stores.has(path)):
            counts[PROVEN_BY_DELTA] = counts.get(PROVEN_BY_DELTA, 0) + 1
            equal -= 1
    counts[otherwise] += equal
    for proof, files in outcomes.stored.by_proof().items():
        counts[proof] = counts.get(proof, 0) + files
    return counts
