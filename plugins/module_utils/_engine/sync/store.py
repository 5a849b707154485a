# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Store: a batch of files becomes stages, is proven, and only then gets its final names; links go the same way.
InPlaceStore writes files under their final names at once.
"""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

from ..errors import NoSpace, NotFound, OperationFailed, ProofFailed, QuotaExceeded, SyncError
from ..model.plan import VANISHED, Remove, Skipped, Write
from ..model.relpath import RelPath
from ..model.tree import DIRECTORY, FILE, LINK, Attributes
from ..transport.base import Rename, Staged, Transfer
from .feature import Feature
from .outcomes import Outcomes
from .proof import Proven, Prover
from .removal import LinkMoves, Removal
from .roots import Sides
from .stage_names import StageNames

OWNER_READ = 0o400
NO_ROOM = (NoSpace, QuotaExceeded)


_Failure = Tuple[Write, SyncError]


class Ready(NamedTuple):
    """A stage that may get its final name. proven: for a file, its proof."""

    action: Write
    stage: RelPath
    proven: Optional[Proven] = None


class StoreParts(NamedTuple):
    """The parts of a run that its store works with.

    replaced: for a path that changes its kind, the removals that make way for it
    """

    sides: Sides
    names: StageNames
    prover: Prover
    removal: Removal
    outcomes: Outcomes
    replaced: Dict[RelPath, List[Remove]]
    link_moves: LinkMoves
    features: Sequence[Feature]


class Store:
    """The store of a run, batch by batch."""

    def __init__(self, parts: StoreParts) -> None:
        self._sides = parts.sides
        self._names = parts.names
        self._prover = parts.prover
        self._removal = parts.removal
        self._outcomes = parts.outcomes
        self._replaced = parts.replaced
        self._link_moves = parts.link_moves
        self._features = parts.features
        self._unnamed: Dict[RelPath, Tuple[Write, Staged]] = {}
        """Stages of the batch."""
        self._moving: Dict[RelPath, Ready] = {}
        """Stages that get their final names."""

    def files(self, actions: Sequence[Write]) -> None:
        """Carry out one batch of STORE actions. A file that is not proven is transferred once more, then fails."""
        left = list(actions)
        self._unnamed = {}
        for is_last in (False, True):
            ready, unproven = self._prove(left, self._stage(left))
            self._commit(self._set_late_modes(ready))
            again = [failed for failed in unproven if isinstance(failed[1], ProofFailed) and not is_last]
            self._fail([failed for failed in unproven if failed not in again])
            left = [action for action, _error in again]
            if not left:
                return
            self._sides.progress.moved_in_vain(action.wanted.size for action in left)

    def finish_proven(self) -> None:
        """Give the files of an interrupted batch that are proven their final names, in a new session."""
        moving = {one.stage: one for one in self._moving.values()}
        for stage, entry, error in self._sides.destination.look(list(moving)) if moving else ():
            if entry is None and error is None:
                self._renamed(moving.pop(stage))
        self._rename({one.action.path: one for one in moving.values()})
        of = dict(self._unnamed)
        proven = self._prover.proven([staged for _action, staged in of.values()])
        stages = [one.staged.transfer.stage for one in proven]
        self._commit(self._set_late_modes([Ready(of[each][0], each, one) for each, one in zip(stages, proven)]))

    def links(self, actions: Sequence[Write]) -> None:
        """Carry out LINK actions: make the link under a temporary name, then rename it over the present entry."""
        in_place = bool(actions) and not self._link_moves.safe
        # In place, too: a link that the server does not make removes nothing.
        early = [action for action in actions if action.present is not None or not in_place]
        ready = {self._names.beside(action.path): action for action in early}
        made = [Ready(ready[stage], stage) for stage in self._make_links(ready)]
        if in_place:
            self._discard([one.stage for one in made])
            failed = {ready[stage].path for stage in ready} - {one.action.path for one in made}
            self._links_in_place([action for action in actions if action.path not in failed])
        else:
            self._commit(made)

    def _make_links(self, actions: Dict[RelPath, Write]) -> List[RelPath]:
        """Make the link of each action at its key; return the keys of those that were made."""
        made: List[RelPath] = []
        targets = [(place, action.wanted.target or b"") for place, action in actions.items()]
        for done in self._sides.destination.make_links(targets) if targets else ():
            if done.error is None:
                made.append(done.path)
            else:
                self._names.release(done.path)
                self._outcomes.fail(actions[done.path], done.error)
        return made

    def _links_in_place(self, actions: Sequence[Write]) -> None:
        """Make the links under their final names, after removing the present entries."""
        of: Dict[RelPath, Write] = {}
        for action in actions:
            error = self._keep([action]).get(action.path) or self._make_way(action)
            if error is None:
                of[action.path] = action
            else:
                self._outcomes.fail(action, error)
        for path in self._make_links(of):
            self._succeed(of[path])

    def _stage(self, actions: Sequence[Write]) -> List[Staged]:
        staged, failed = self._move(actions)
        if any(isinstance(error, NO_ROOM) for _action, error in failed):
            failed = self._one_by_one(failed, staged)
        moved = sum(one.size - _saved(one) for one in staged)
        self._outcomes.stats["bytes_sent" if self._sides.push else "bytes_received"] += moved
        self._fail(failed)
        return staged

    def _one_by_one(self, failures: Sequence[_Failure], staged: List[Staged]) -> List[_Failure]:
        """Try again singly, the smallest first, until a file finds no space: large files under way take the space of
        small ones. Staged files are added to `staged`; failures are returned."""
        left: List[_Failure] = []
        full = False
        for failure in sorted(failures, key=lambda failure: failure[0].wanted.size):
            if full or not isinstance(failure[1], (OperationFailed, *NO_ROOM)):
                left.append(failure)
                continue
            made, again = self._move([failure[0]])
            staged += made
            left += again
            full = bool(again)
        return left

    def _move(self, actions: Sequence[Write]) -> Tuple[List[Staged], List[_Failure]]:
        """Return the stages that were made, and the failures."""
        of = {action.path: action for action in actions}
        staged: List[Staged] = []
        failed: List[_Failure] = []
        transfers = [self._transfer(action) for action in actions]
        for feature in self._features:
            transfers = list(map(feature.staged, transfers))
        for one in self._sides.move(transfers):
            if one.error is None:
                staged.append(one)
                self._unnamed[one.transfer.stage] = of[one.transfer.path], one
            else:
                if not one.error.retryable:  # else the server may hold the stage still: it is removed at the end
                    self._names.release(one.transfer.stage)
                failed.append((of[one.transfer.path], one.error))
        return staged, failed

    def _fail(self, failures: Sequence[_Failure]) -> None:
        """Record failures. A source that was removed is not a failure: its destination is kept."""
        absent = {action.path for action, error in failures if isinstance(error, NotFound)}
        found = self._sides.source.look(sorted(absent)) if absent else ()
        vanished = {path for path, entry, error in found if entry is None and error is None}
        for action, error in failures:
            if action.path in vanished:
                self._outcomes.vanished.append(Skipped(action.path, VANISHED))
            else:
                self._outcomes.fail(action, error)

    def _transfer(self, action: Write) -> Transfer:
        attributes = action.attributes
        if _hides_content(attributes):
            # The stage must be readable until it is proven.
            attributes = Attributes(None, attributes.mtime)
        return Transfer(action.path, action.path, self._names.beside(action.path), action.wanted, attributes)

    def _prove(self, actions: Sequence[Write], staged: Sequence[Staged]) -> Tuple[List[Ready], List[_Failure]]:
        of = {action.path: action for action in actions}
        ready: List[Ready] = []
        unproven: List[_Failure] = []
        wrong: List[RelPath] = []
        for proven in self._prover.prove(staged) if staged else ():
            transfer = proven.staged.transfer
            if proven.error is None:
                ready.append(Ready(of[transfer.path], transfer.stage, proven))
            else:
                unproven.append((of[transfer.path], proven.error))
                wrong.append(transfer.stage)
        self._discard(wrong)
        return ready, unproven

    def _set_late_modes(self, ready: List[Ready]) -> List[Ready]:
        late = {one.stage: one for one in ready if _hides_content(one.action.attributes)}
        if not late:
            return ready
        changes = [(stage, Attributes(one.action.attributes.mode, None)) for stage, one in late.items()]
        for done in self._sides.destination.set_attributes(changes):
            action = late[done.path].action
            if done.error is not None and not self._outcomes.refused(action.path, done.error, vague=self._sides.push):
                self._outcomes.fail(action, done.error)
                self._discard([done.path])
                ready.remove(late[done.path])
        return ready

    def _commit(self, ready: List[Ready]) -> None:
        """Keep replaced files in the trash, remove obstacles, rename."""
        failed = self._keep([one.action for one in ready])
        moves: Dict[RelPath, Ready] = {}
        wrong: List[RelPath] = []
        for one in ready:
            error = failed.get(one.action.path) or self._make_way(one.action)
            if error is None:
                moves[one.action.path] = one
            else:
                self._outcomes.fail(one.action, error)
                wrong.append(one.stage)
        wrong += self._rename(moves)
        self._discard(wrong)

    def _rename(self, moves: Dict[RelPath, Ready]) -> List[RelPath]:
        """Give stages their final names; return those that kept their own. An interruption leaves the others in
        `_moving`."""
        wrong: List[RelPath] = []
        self._moving = dict(moves)
        for one in moves.values():
            self._unnamed.pop(one.stage, None)
        renames = [Rename(one.stage, path) for path, one in moves.items()]
        for done in self._sides.destination.rename(renames) if renames else ():
            one = self._moving.pop(done.path)
            if done.error is None:
                self._renamed(one)
            else:
                self._outcomes.fail(one.action, done.error)
                wrong.append(one.stage)
        self._outcomes.unset.update(self._sides.local.unset)
        self._outcomes.stamps.take(self._sides.stamps_of_changed(moves))
        return wrong

    def _keep(self, actions: Sequence[Write]) -> Dict[RelPath, Optional[SyncError]]:
        kept = [one.path for one in actions if one.present is not None and self._removal.keeps(one.present)]
        return {path: done.error for path, done in self._removal.keep_replaced(kept).items()}

    def _make_way(self, action: Write) -> Optional[SyncError]:
        """Remove an entry that a rename cannot replace: a directory; if renames follow links, also a link, and any
        entry that a link replaces."""
        present = action.present
        if present is None:
            return None
        if present.kind == DIRECTORY:
            if self._removal.remove(self._replaced.get(action.path, [])):
                return None
            return OperationFailed("the directory in its place could not be removed")
        if LINK in (present.kind, action.wanted.kind) and not self._link_moves.safe:
            return next((done.error for done in self._sides.destination.remove_files([action.path])), None)
        return None

    def _renamed(self, one: Ready) -> None:
        self._names.release(one.stage)
        if one.proven is not None:
            if one.proven.staged.unset is not None:
                self._outcomes.unset[one.action.path] = one.proven.staged.unset
            self._outcomes.stats["bytes_saved"] += _saved(one.proven.staged)
            self._outcomes.stored[one.action.path] = one.proven
        self._succeed(one.action, "" if one.proven is None else one.proven.proof)

    def _succeed(self, action: Write, proof: str = "") -> None:
        self._outcomes.succeed(action, proof)
        if action.present is not None and action.present.kind != DIRECTORY:
            for removal in self._replaced.get(action.path, ()):
                self._outcomes.succeed(removal)

    def _discard(self, stages: Sequence[RelPath]) -> None:
        """Remove stages that came to nothing; one that stays is removed at the end of the run, or by the next."""
        for stage in stages:
            self._unnamed.pop(stage, None)
        for done in self._sides.destination.remove_files(stages) if stages else ():
            if done.error is None:
                self._names.release(done.path)


def _saved(staged: Staged) -> int:
    """Return the bytes that did not cross the session: from an earlier run, or from the file that is replaced."""
    return staged.transfer.begun + (0 if staged.by_blocks is None else staged.by_blocks.copied)


def _hides_content(attributes: Attributes) -> bool:
    """Return whether the owner may not read a file with these attributes."""
    return attributes.mode is not None and not attributes.mode & OWNER_READ


class InPlaceStore(Store):
    """See Store. Links are not made."""

    def _stage(self, actions: Sequence[Write]) -> List[Staged]:
        return super()._stage([action for action in actions if self._is_free(action)])

    def _is_free(self, action: Write) -> bool:
        """Remove a link or a special file that the listing shows in the place of the file. The transport looks too, but
        ProFTPD shows a link as its target there."""
        if action.present is None or action.present.kind == FILE:
            return True
        errors: List[SyncError] = [
            done.error for done in self._sides.destination.remove_files([action.path]) if done.error is not None
        ]
        for error in errors:
            self._outcomes.fail(action, error)
        return not errors

    def _transfer(self, action: Write) -> Transfer:
        return Transfer(action.path, action.path, action.path, action.wanted, action.attributes, in_place=True)

    def _set_late_modes(self, ready: List[Ready]) -> List[Ready]:
        return ready

    def _commit(self, ready: List[Ready]) -> None:
        for one in ready:
            self._renamed(one)

    def _discard(self, stages: Sequence[RelPath]) -> None:
        """Nothing is removed: the file has its final name."""
