# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Outcomes: the outcome of each action, the proof of each stored file, and the counts of the run."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Dict, Iterator, List, Mapping, NamedTuple, Optional, Set, Tuple

from ..errors import NotSupported, OperationFailed, PermissionDenied, SyncError
from ..model.plan import STORE, Action, Plan, Remove, Skipped, Write
from ..model.relpath import RelPath
from ..model.report import Outcome
from ..model.tree import Entry, StampColumns

if TYPE_CHECKING:
    from ..model.on_demand import FileStores, OrderedOutcomes
    from ..model.plan import Write
    from .proof import Proven


STATS = (
    "source_entries",
    "destination_entries",
    "files_compared",
    "files_stored",
    "bytes_sent",
    "bytes_received",
    "bytes_saved",
    "directories_created",
    "links_made",
    "attributes_set",
    "removed",
)
"""The counts of a run; files_moved and files_copied are added by the first such file. files_compared: whose content was
hashed for comparing; bytes: content that crossed the session, for storing, comparing and proving; bytes_saved: content
of new files that did not cross it."""

_COUNTED = {
    "store": "files_stored",
    "move": "files_moved",
    "copy": "files_copied",
    "create_directory": "directories_created",
    "link": "links_made",
    "set_attributes": "attributes_set",
    "remove": "removed",
}


class Outcomes:
    """The outcomes of a run.

    problems: errors outside the actions
    stored: proof of each stored file
    stamps: of the changed files on this host
    vanished: sources that were removed between listing and reading
    withdrawn: actions without an effect
    gone: old names of files that were renamed, and may not be moved after all
    more: removals beyond the plan: of files that could not be moved
    notes: fallbacks
    unset: refusals to set attributes of an entry, by its path
    """

    def __init__(self) -> None:
        self._by_item: Dict[Tuple[RelPath, str], Outcome] = {}
        self._unmade: Set[bytes] = set()
        self._failures = 0
        self.stats: Dict[str, int] = dict.fromkeys(STATS, 0)
        self.problems: List[SyncError] = []
        self.stored = ProvenFiles()
        self.stamps = StampColumns()
        self.vanished: List[Skipped] = []
        self.withdrawn: List[Skipped] = []
        self.gone: Set[RelPath] = set()
        self.more: List[Remove] = []
        self.notes: List[str] = []
        self.unset: Dict[RelPath, SyncError] = {}

    @property
    def by_item(self) -> Dict[Tuple[RelPath, str], Outcome]:
        """Return the outcomes by path and kind of action: a path may have a removal and a replacement. Files that were
        stored as planned are only in `stored`."""
        return self._by_item

    def every(self) -> Iterator[Outcome]:
        """Return all outcomes; files that were stored as planned come first."""
        others = list(self._by_item.values())
        for path in self.stored.as_planned():
            if (path, STORE) not in self._by_item:
                yield Outcome(self.stored.write(path), self.stored.proof_as_planned(path))
        yield from others

    @property
    def nothing_done(self) -> bool:
        """Return whether no action was carried out, and none failed."""
        return not self._by_item and not self.stored

    def in_order_of(self, planned: Plan) -> Tuple[Outcome, ...] | OrderedOutcomes:
        """Return the outcomes in the plan's order."""
        if self.nothing_done:
            return ()
        from ..model.on_demand import OrderedOutcomes  # pylint: disable=import-outside-toplevel

        ordered = OrderedOutcomes((planned.actions, self.more), self._by_item, self.stored.proof_as_planned)
        return tuple(ordered) if planned.stores is None else ordered

    def failed(self, path: RelPath, kind: str) -> bool:
        outcome = self._by_item.get((path, kind))
        return outcome is not None and outcome.error is not None

    @property
    def clean(self) -> bool:
        """Return whether nothing at all has failed so far."""
        return not self._failures and not self.problems

    def succeed(self, action: Action, proof: str = "") -> None:
        if action.action == STORE and self.stored.proof_as_planned(action.path) is not None:
            self._by_item.pop((action.path, STORE), None)  # It failed before.
        else:
            self._by_item[action.path, action.action] = Outcome(action, proof or None)
        if action.action in _COUNTED:
            name = _COUNTED[action.action]
            self.stats[name] = self.stats.get(name, 0) + 1

    def undo(self, action: Action) -> None:
        """Forget an action that was done and was undone again."""
        if self._by_item.pop((action.path, action.action), None) is not None:
            self.stats[_COUNTED[action.action]] -= 1

    def fail(self, action: Action, error: SyncError) -> None:
        """Record a failed action; it no longer counts as done."""
        before = self._by_item.get((action.path, action.action))
        if before is None and action.action == STORE and self.stored.proof_as_planned(action.path) is not None:
            before = Outcome(action)
        if before is not None and before.error is None:
            self.stats[_COUNTED[action.action]] -= 1
        if error.path is None or error.path != action.path:
            error = error.at(action.path)  # the name of a stage is meaningless for people
        self._by_item[action.path, action.action] = Outcome(action, None, error)
        self._failures += 1

    def withdraw(self, action: Action, reason: str) -> None:
        """An action that went well and changed nothing: it was skipped, for `reason`."""
        del self._by_item[action.path, action.action]
        self.stats[_COUNTED[action.action]] -= 1
        self.withdrawn.append(Skipped(action.path, reason))

    def refused(self, path: RelPath, error: SyncError, *, vague: bool) -> bool:
        """Return whether a request to set attributes was refused, and take note. vague: whether this side may fail
        without a reason."""
        refused = isinstance(error, (NotSupported, PermissionDenied)) or (vague and isinstance(error, OperationFailed))
        if refused:
            self.unset[path] = error
        return refused

    def forget_mtime(self, action: Write) -> None:
        """Change an action that was done so that the record takes the mtime that the destination shows."""
        before = self._by_item.get((action.path, action.action)) or Outcome(
            action, self.stored.proof_as_planned(action.path)
        )
        kept = action._replace(attributes=action.attributes._replace(mtime=None))
        self._by_item[action.path, action.action] = before._replace(action=kept)

    def unmade(self, action: Action, error: SyncError) -> None:
        """Record that a directory could not be made: all its entries fail with it."""
        self.fail(action, error)
        self._unmade.add(bytes(action.path))

    @property
    def all_possible(self) -> bool:
        """Return whether each directory could be made."""
        return not self._unmade

    def possible(self, action: Action) -> bool:
        """False, and the action noted as failed, where its directory could not be made."""
        if not self._unmade:
            return True
        above = action.path.rpartition(b"/")[0]
        while above:
            if above in self._unmade:
                self.fail(action, OperationFailed("its directory could not be made"))
                return False
            above = above.rpartition(b"/")[0]
        return True

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def note_first(self, text: str, error: SyncError) -> None:
        """Note the first of many errors that have the same effect."""
        if not any(note.startswith(text) for note in self.notes):
            self.notes.append(f"{text}: {error.message}")


class _Kind(NamedTuple):
    """The kind of a proof, and the sides whose digest is known."""

    proof: str
    source: bool
    destination: bool


class ProvenFiles(Mapping[RelPath, "Proven"]):
    """The stored, moved and copied files.

    planned: the files that a plan stores
    """

    def __init__(self) -> None:
        self.planned: Optional[FileStores] = None
        self._as_planned: Dict[_Kind, Dict[RelPath, bytes]] = {}
        self._others: Dict[RelPath, Proven] = {}

    def __setitem__(self, path: RelPath, proven: Proven) -> None:
        # The newest proof counts.
        self._others.pop(path, None)
        for digests in self._as_planned.values():
            digests.pop(path, None)
        digest = proven.source or proven.destination
        if digest is None or not self._is_as_planned(path, proven):
            self._others[path] = proven.kept()
            return
        kind = _Kind(proven.proof, proven.source is not None, proven.destination is not None)
        self._as_planned.setdefault(kind, {})[path] = digest

    def _is_as_planned(self, path: RelPath, proven: Proven) -> bool:
        if self.planned is None or not self.planned.has(path) or proven.error is not None:
            return False
        one_digest = proven.source is None or proven.destination in (None, proven.source)
        return one_digest and proven.staged.size == self.planned.wanted(path).size

    def proof_as_planned(self, path: RelPath) -> Optional[str]:
        """Return the proof of a file that was stored as it was planned."""
        for kind, digests in self._as_planned.items():
            if path in digests:
                return kind.proof
        return None

    def as_planned(self) -> Iterator[RelPath]:
        """Return the files that were stored as they were planned."""
        return chain.from_iterable(self._as_planned.values())

    def other_sizes(self) -> Iterator[Tuple[RelPath, int]]:
        """Return the sizes of the files that were not stored as they were planned."""
        return ((path, proven.staged.size) for path, proven in self._others.items())

    def write(self, path: RelPath) -> Write:
        """Return the action of a file that was stored as it was planned."""
        if self.planned is None:
            raise KeyError(path)
        return self.planned.write(path)

    def by_proof(self) -> Dict[str, int]:
        counts: Dict[str, int] = {}
        for kind, digests in self._as_planned.items():
            counts[kind.proof] = counts.get(kind.proof, 0) + len(digests)
        for proven in self._others.values():
            counts[proven.proof] = counts.get(proven.proof, 0) + 1
        return counts

    def digest(self, path: RelPath, *, source: bool) -> Optional[bytes]:
        """Return the digest of a stored file at one side, if it is known."""
        for kind, digests in self._as_planned.items():
            digest = digests.get(path)
            if digest is not None:
                return digest if (kind.source if source else kind.destination) else None
        other = self._others[path]
        return other.source if source else other.destination

    def __getitem__(self, path: RelPath) -> Proven:
        for kind, digests in self._as_planned.items():
            digest = digests.get(path)
            if digest is not None and self.planned is not None:
                return _proven(kind, digest, self.planned.wanted(path))
        return self._others[path]

    def __contains__(self, path: object) -> bool:
        for digests in self._as_planned.values():
            if path in digests:
                return True
        return path in self._others

    def __iter__(self) -> Iterator[RelPath]:
        return chain(self.as_planned(), self._others)

    def __len__(self) -> int:
        return len(self._others) + sum(map(len, self._as_planned.values()))


def _proven(kind: _Kind, digest: bytes, wanted: Entry) -> Proven:
    from .proof import proven_of  # pylint: disable=import-outside-toplevel

    return proven_of(wanted.size, digest if kind.source else None, digest if kind.destination else None, kind.proof)
