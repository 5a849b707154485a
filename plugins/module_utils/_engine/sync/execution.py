# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Execution: a plan is carried out in the only order that is safe at every moment. Loaded for runs with work to do.

First names that get another spelling; entries that new directories replace; directories; files that are copied at the
destination; files, batch by batch; links; attributes; then, only if nothing failed, entries that replace a directory,
files that are moved, and extra entries; last the attributes of directories, deepest first, since every change in a
directory updates its mtime and a read-only directory could not be changed.

Stores chooses the way of the files by options and plan. The modules of each way are loaded for runs that take it.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Callable, Dict, Iterable, Iterator, List, Optional, Sequence, Set, TypeVar

from ..errors import NotSupported, OperationFailed
from ..model import plan
from ..model.plan import COPY, Plan, Remove, Write
from ..model.relpath import RelPath
from ..model.report import REMOVING
from ..model.request import NEVER
from ..model.tree import DIRECTORY, Attributes, Tree
from ..transport.base import Done
from .feature import Feature, RunParts
from .groups import LARGE, Groups, batches, grouped, sizes
from .prepare import Prepared
from .proof import Prover
from .removal import LinkMoves, Removal
from .store import Store, StoreParts

if TYPE_CHECKING:
    from .relocation import CopyStore, Relocation


T = TypeVar("T")

OWNER_CHANGES = 0o300
"""Permissions that a directory's owner needs to change its entries."""

IN_THE_WAY = "the entry in its place could not be removed"
WITHHELD = "an earlier failure: a directory is replaced only in a run without failures"


class Execution:
    """The execution of the plan of one run. still_ours: raises where the run has lost its lock."""

    def __init__(self, parts: RunParts, features: Sequence[Feature], still_ours: Callable[[], None]) -> None:
        self._request = parts.request
        self._opened = parts.opened
        self._sides = parts.opened.sides
        self._destination = self._sides.destination
        self._outcomes = parts.outcomes
        self._record = parts.record
        self._features = features
        self._still_ours = still_ours
        self._stores = Stores(parts, features)
        self._unfinished: Optional[Store] = None

    def run(self, planned: Plan, prepared: Prepared) -> None:
        """Carry out everything and record the outcomes. Raises only errors that end the session or the run."""
        groups, removal = grouped(planned), self._stores.removal
        store = self._unfinished = self._stores.store(groups, prepared)
        relocation = self._stores.relocation(groups, prepared) if groups.relocations else None
        opened = self._open_directories(planned, prepared.destination.tree)
        self._respell(groups.respelled)
        self._clear(groups, removal)
        self._make_directories(groups.directories)
        left = [] if relocation is None else self._copy(groups.relocations, relocation)
        self._store([*left, *groups.stores] if left else groups.stores, store)
        self._link(groups.links, store)
        self._set_attributes(groups.attributes)
        self._convert(groups.conversions, store)
        if relocation is not None:
            self._store(self._move(groups.relocations, relocation), store)
            relocation.check_limit(planned)
        self._check_names(groups, prepared.destination.tree)
        for feature in self._features:
            feature.before_removals()
        self._remove_extras([*groups.extras, *self._outcomes.more], removal)
        self._finish_directories(opened, planned, groups)
        if self._request.durable:
            self._sync_directories(planned)
        if not self._outcomes.clean and all(feature.makes_others for feature in self._features):
            from .folding import explain  # pylint: disable=import-outside-toplevel

            explain(self._sides, self._opened.names, self._outcomes, prepared.destination.tree)

    def finish_proven(self) -> None:
        """Give the proven files of an interrupted run their final names."""
        if self._unfinished is not None:
            self._before_step()
            self._unfinished.finish_proven()

    def _before_step(self) -> None:
        """Prepare for a step that cannot be undone."""
        for feature in self._features:
            feature.before_step()
        self._still_ours()

    def _respell(self, actions: Sequence[Write]) -> None:
        """Give entries another spelling of their names."""
        if actions:
            from .folding import respell  # pylint: disable=import-outside-toplevel

            respell(actions, self._sides, self._opened.names, self._outcomes, self._before_step, self._record)

    def _check_names(self, groups: Groups, present: Tree) -> None:
        """Fail the new entries whose names the destination keeps in another form."""

        def new() -> Iterator[Write]:
            made = chain(groups.directories, groups.stores, groups.relocations, groups.links)
            return (action for action in made if action.path not in present)

        if all(feature.checks_names for feature in self._features) and next(new(), None) is not None:
            from .folding import check_names  # pylint: disable=import-outside-toplevel

            check_names(self._destination, self._outcomes, new, present)

    def _open_directories(self, planned: Plan, present: Tree) -> Dict[RelPath, Attributes]:
        """Make read-only directories writable for the owner; return the attributes to restore at the end, by path."""
        changing = _changing(planned, extras=self._outcomes.clean)
        closed: Dict[RelPath, int] = {}
        for path in changing:
            entry = present.get(path)
            if entry is not None and entry.kind == DIRECTORY and entry.mode & OWNER_CHANGES != OWNER_CHANGES:
                closed[path] = entry.mode
        opening = [(path, Attributes(closed[path] | 0o700, None)) for path in sorted(closed)]
        # If that is refused, the changes in the directory fail one by one, each with its own error.
        opened = self._destination.set_attributes(opening) if opening else ()
        return {done.path: Attributes(closed[done.path], None) for done in opened if done.error is None}

    def _clear(self, groups: Groups, removal: Removal) -> None:
        self._before_step()
        removal.remove(groups.clearing)

    def _make_directories(self, actions: Sequence[Write]) -> None:
        of = {action.path: action for action in actions if self._has_room(action)}
        for done in self._destination.make_directories(list(of)) if of else ():
            if done.error is None:
                self._outcomes.succeed(of[done.path])
            elif self._outcomes.possible(of[done.path]):
                self._outcomes.unmade(of[done.path], done.error)

    def _has_room(self, action: Write) -> bool:
        """Return whether the entry in a directory's place was removed."""
        if not self._outcomes.failed(action.path, plan.REMOVE):
            return True
        self._outcomes.unmade(action, OperationFailed(IN_THE_WAY))
        return False

    def _possible(self, actions: Sequence[Write]) -> Sequence[Write]:
        if self._outcomes.all_possible:
            return actions
        return [action for action in actions if self._outcomes.possible(action)]

    def _store(self, actions: Sequence[Write], store: Store) -> None:
        possible = self._possible(actions)
        if not possible:
            return
        with self._sides.progress.transfer(sizes(possible)):
            for batch in batches(possible):
                self._before_step()
                store.files(batch)

    def _copy(self, actions: Sequence[Write], relocation: Relocation) -> List[Write]:
        """Copy files at the destination; return the files to store after all."""
        for batch in relocation.copies(self._possible(actions)):
            self._before_step()
            relocation.copy(batch)
        return relocation.take_left()

    def _move(self, actions: Sequence[Write], relocation: Relocation) -> List[Write]:
        """Move files at the destination; return the files to store after all. A move takes a name away, as a removal
        does, so it needs a run without failures as well."""
        postponed = 0
        for batch in relocation.moves(actions):
            if self._outcomes.clean:
                self._before_step()
                relocation.move(batch)
            else:
                postponed += len(batch)
        if postponed:
            self._outcomes.note(f"{postponed} moves were postponed to the next run, because this run had failures")
        return relocation.take_left()

    def _link(self, actions: Sequence[Write], store: Store) -> None:
        store.links(self._possible(actions))

    def _set_attributes(self, actions: Sequence[Write]) -> None:
        of = {action.path: action for action in actions}
        changes = [(action.path, action.attributes) for action in actions]
        for done in self._destination.set_attributes(changes) if changes else ():
            if done.error is None or self._refused(done):
                self._outcomes.succeed(of[done.path])
            else:
                self._outcomes.fail(of[done.path], done.error)
        self._outcomes.stamps.take(self._sides.stamps_of_changed(of))

    def _convert(self, actions: Sequence[Write], store: Store) -> None:
        for action in self._possible(actions):
            if not self._outcomes.clean:
                self._outcomes.fail(action, OperationFailed(WITHHELD))
                continue
            self._before_step()
            (store.files if action.action == plan.STORE else store.links)([action])

    def _remove_extras(self, actions: Sequence[Remove], removal: Removal) -> None:
        if not actions:
            return
        if self._outcomes.clean:
            self._sides.progress.phase = REMOVING
            self._before_step()
            removal.remove(actions)
        else:
            self._outcomes.note(f"removals postponed to the next run, because this run had failures: {len(actions):,}")

    def _finish_directories(self, opened: Dict[RelPath, Attributes], planned: Plan, groups: Groups) -> None:
        owners: Dict[RelPath, Write] = {}
        wanted = dict(opened)
        for path, attributes in planned.restamp:
            wanted[path] = Attributes(attributes.mode or wanted.get(path, attributes).mode, attributes.mtime)
        for action in groups.directory_attributes + groups.directories:
            owners[action.path] = action
            before = wanted.get(action.path, action.attributes)
            mode = before.mode if action.attributes.mode is None else action.attributes.mode
            wanted[action.path] = Attributes(mode, action.attributes.mtime)
        self._apply_deepest_first(wanted, owners)

    def _apply_deepest_first(self, wanted: Dict[RelPath, Attributes], owners: Dict[RelPath, Write]) -> None:
        changes = [(path, wanted[path]) for path in wanted if self._stands(path)]
        changes.sort(key=lambda change: change[0].depth, reverse=True)
        for done in self._destination.set_attributes(changes) if changes else ():
            owner, error = owners.get(done.path), None if self._refused(done) else done.error
            if owner is None:
                self._outcomes.problems += [error] if error else []
            elif error is not None:
                self._outcomes.fail(owner, error)
            elif owner.action == plan.SET_ATTRIBUTES:
                self._outcomes.succeed(owner)

    def _refused(self, done: Done) -> bool:
        """Return whether the destination refuses to set the attributes of this entry: see `unkept`."""
        return done.error is not None and self._outcomes.refused(done.path, done.error, vague=self._sides.push)

    def _stands(self, path: RelPath) -> bool:
        """Return whether the directory exists after the changes so far."""
        made = self._outcomes.by_item.get((path, plan.CREATE_DIRECTORY))
        if made is not None:
            return made.error is None
        removed = self._outcomes.by_item.get((path, plan.REMOVE))
        return removed is None or removed.error is not None

    def _sync_directories(self, planned: Plan) -> None:
        changed = _changing(planned)
        changed |= {action.path for action in planned.others if action.action == plan.CREATE_DIRECTORY}
        for done in self._destination.sync_directories(sorted(filter(self._stands, changed))):
            if isinstance(done.error, NotSupported):
                self._outcomes.note("the server cannot make directories durable, only files")
            elif done.error is not None:
                self._outcomes.problems.append(done.error)


def _changing(planned: Plan, *, extras: bool = True) -> Set[RelPath]:
    """Return the directories whose entries change. extras: whether the removals that a failure postpones count"""
    postponed = () if extras else {action.path for action in grouped(planned).extras}
    changing = {
        action.path.parent
        for action in planned.others
        if action.action != plan.SET_ATTRIBUTES and action.path not in postponed
    }
    if planned.stores is not None:
        changing.update(path.parent for path in planned.stores.paths)
    left = (action.origin for action in planned.others if action.action == plan.MOVE and isinstance(action, Write))
    return changing | {old.parent for old in left if old is not None}


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
            place=_first(places),
        )

    def store(self, groups: Groups, prepared: Prepared) -> Store:
        """Return the store for the files and links of the plan."""
        if groups.stores or groups.relocations:
            self._peer_hash.foresee()
        self._opened.sides.progress.reads_back = self._peer_hash.reads_back
        return self._new_store(groups, prepared)

    def relocation(self, groups: Groups, prepared: Prepared) -> Relocation:
        """Return the part for files that are moved or copied at the destination."""
        from .relocation import MoveProver, Relocation  # pylint: disable=import-outside-toplevel

        sides, signed = self._opened.sides, _first(feature.equal_proof for feature in self._features)
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
        chosen = _first(feature.store(parts) for feature in self._features)
        if chosen is not None:
            return chosen
        large = any(size >= LARGE for size in sizes(groups.stores))
        if not large or self._request.delta == NEVER or not all(feature.takes_blocks for feature in self._features):
            return Store(parts)
        from .delta_store import DeltaPullStore, DeltaStore  # pylint: disable=import-outside-toplevel

        if not self._opened.sides.push:
            return DeltaPullStore.of(parts, self._peer_hash)
        return DeltaStore.of(self._request, parts, self._peer_hash, self._record, prepared.contents.destination)

    def _prover(self, prepared: Prepared) -> Prover:
        own = _first(feature.prover(prepared.contents) for feature in self._features)
        return own or Prover(self._opened.sides, self._peer_hash, self._request.proof)


def _first(given: Iterable[Optional[T]]) -> Optional[T]:
    """Return the first that is given."""
    return next(filter(None, given), None)
