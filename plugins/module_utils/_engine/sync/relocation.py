# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Relocation: files are moved and copied at the destination, whose content is there under another name. Loaded by such
runs only. CopyStore makes the copies.

A move is proven under the old name, and then is one rename: at each moment the content stands under one of the two
names, and no temporary file can be left behind. Right before the rename the old name is looked at, and after it both
names: a file that is not as it was listed was changed by others, and gets its old name again. Only then a moved file
gets its new mtime, which would hide such a change. A file that cannot be moved, for any reason, is stored like every
other file.
"""

from __future__ import annotations

from typing import Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..errors import ItemError, TooManyDeletions
from ..model import plan
from ..model.plan import Plan, Remove, Write
from ..model.relpath import RelPath
from ..model.report import PROVEN_BY_DELTA, PROVEN_BY_RECORD, PROVING
from ..model.request import READ_BACK, DeleteLimit
from ..model.tree import FILE, Attributes, Digests, Entry, Stamps, Tree, by_directory
from ..planning.compare import representable
from ..planning.removals import check_limit
from ..transport.base import Capabilities, Rename, Staged, Transfer
from .contents import Contents, PeerHash
from .groups import batches
from .outcomes import Outcomes
from .proof import Proven
from .roots import Sides
from .store import Ready, Store


class _Move(NamedTuple):
    """A move that may be carried out. old: the old name. entry: the entry that stands there."""

    action: Write
    old: RelPath
    entry: Entry

    @property
    def narrow_mode(self) -> int:
        """Return the permissions that the file has under both names."""
        wanted = self.action.attributes.mode
        return self.entry.mode if wanted is None else self.entry.mode & wanted


class Relocation:
    """present: the destination's tree as it was planned on
    stamps: on a pull, of its files, if they count
    copies: for COPY actions; None if there are none
    max_delete: the limit of removals
    """

    def __init__(
        self,
        sides: Sides,
        outcomes: Outcomes,
        prover: MoveProver,
        present: Tree,
        *,
        max_delete: DeleteLimit,
        stamps: Optional[Stamps] = None,
        copies: Optional[CopyStore] = None,
    ) -> None:
        self._sides = sides
        self._destination = sides.destination
        self._outcomes = outcomes
        self._prover = prover
        self._present = present
        self._stamps = stamps
        self._copies = copies
        self._max_delete = max_delete
        self._left: List[Write] = []

    def copies(self, actions: Sequence[Write]) -> Iterator[List[Write]]:
        """Yield the COPY actions in the batches in which `copy` is called."""
        copies = [action for action in actions if action.action == plan.COPY]
        replaced = {action.path for action in copies}
        # A copy of a file that another copy replaces is made before the other gets its name.
        first = [action for action in copies if action.origin in replaced]
        if first:
            yield first
        yield from batches([action for action in copies if action.origin not in replaced])

    def moves(self, actions: Sequence[Write]) -> Iterator[List[Write]]:
        """Yield the MOVE actions in the batches in which `move` is called."""
        yield from batches([action for action in actions if action.action == plan.MOVE])

    def take_left(self) -> List[Write]:
        """Return the files that must be stored after all, once."""
        left, self._left = self._left, []
        return left

    def copy(self, actions: Sequence[Write]) -> None:
        """Carry out a batch of COPY actions."""
        if self._copies is not None:
            self._copies.files(actions)
            self._left += self._copies.left

    def move(self, actions: Sequence[Write]) -> None:
        """Carry out a batch of MOVE actions."""
        moves = [_Move(action, old, self._present[old]) for action, old in _with_origins(actions)]
        proven = self._prover.prove(moves)
        possible = self._narrowed(self._unchanged(list(self._unless(moves, proven))))
        right = list(self._still_right(self._rename(possible)))
        for move in self._with_attributes(right):
            one = proven[move.action.path]
            self._outcomes.stored[move.action.path] = one
            self._outcomes.succeed(move.action, one.proof)
            self._outcomes.stats["bytes_saved"] += one.staged.size
        self._outcomes.stamps.take(self._sides.stamps_of_changed(move.action.path for move, _found in right))

    def check_limit(self, planned: Plan) -> None:
        """Check the limit of removals for old names that stayed, together with the removals of the plan. A problem of
        the run prevents all removals."""
        if not self._outcomes.more:
            return
        removals = [action for action in planned.actions if isinstance(action, Remove)]
        try:
            check_limit(self._present, removals + self._outcomes.more, self._max_delete)
        except TooManyDeletions as error:
            self._outcomes.problems.append(error)

    def _unless(self, moves: Sequence[_Move], proven: Dict[RelPath, Proven]) -> Iterator[_Move]:
        for move in moves:
            if move.action.path in proven:
                yield move
            else:
                self._give_up(move)

    def _give_up(self, move: _Move, *, present: Optional[Entry] = None, gone: bool = False) -> None:
        """Let the file be stored. present: the entry under its new name. gone: whether the old name has gone."""
        self._left.append(move.action._replace(action=plan.STORE, origin=None, present=present))
        self._part_with(move, gone=gone)

    def _part_with(self, move: _Move, *, gone: bool) -> None:
        """Let the old name be removed, if it has not gone."""
        if gone:
            self._outcomes.gone.add(move.old)
        else:
            self._outcomes.more.append(Remove(move.old, plan.EXTRA, move.entry))

    def _unchanged(self, moves: Sequence[_Move]) -> List[_Move]:
        """Return the files that are as they were listed, as late as possible."""
        of = {move.old: move for move in moves}
        stamps = self._sides.stamps_of_changed(of) if self._stamps is not None else {}
        unchanged = []
        for old, entry, error in self._destination.look(list(of)) if of else ():
            move = of[old]
            same_stamp = self._stamps is None or stamps.get(old) == self._stamps.get(old)
            if entry is not None and same_stamp and self._is_as_listed(move, entry, (move.entry.mode,)):
                unchanged.append(move)
            else:
                self._give_up(move, gone=entry is None and error is None)
        return unchanged

    def _is_as_listed(self, move: _Move, found: Entry, modes: Sequence[int]) -> bool:
        able, listed = self._capabilities, move.entry
        if found.kind != FILE or found.size != listed.size or (able.stores_mode and found.mode not in modes):
            return False
        return not able.stores_mtime or self._stored(found.mtime) == self._stored(listed.mtime)

    def _narrowed(self, moves: Sequence[_Move]) -> List[_Move]:
        """Take permissions away under the old names: a file is never wider than it will be."""
        of = {move.old: move for move in moves}
        changes = [(old, Attributes(move.narrow_mode)) for old, move in of.items()]
        changes = [(old, narrow) for old, narrow in changes if narrow.mode != of[old].entry.mode]
        for done in self._destination.set_attributes(changes) if changes else ():
            if done.error is not None:
                self._give_up(of.pop(done.path))
        return list(of.values())

    def _rename(self, moves: Sequence[_Move]) -> List[_Move]:
        of = {move.action.path: move for move in moves}
        for done in self._destination.rename([Rename(move.old, path) for path, move in of.items()]) if of else ():
            if done.error is not None:
                self._give_up(of.pop(done.path))
        return list(of.values())

    def _still_right(self, moves: Sequence[_Move]) -> Iterator[Tuple[_Move, Entry]]:
        """Yield the files that are as they were listed, and their entries under the new names."""
        names = [name for move in moves for name in (move.old, move.action.path)]
        seen = {path: (entry, error) for path, entry, error in self._destination.look(names)} if names else {}
        for move in moves:
            left, unseen = seen[move.old]
            gone = left is None and unseen is None
            found, error = seen[move.action.path]
            if error is not None:
                self._outcomes.fail(move.action, error)
                self._part_with(move, gone=gone)
            # A server that does not keep modes acknowledges a change of them.
            elif found is not None and self._is_as_listed(move, found, (move.narrow_mode, move.entry.mode)):
                if not gone:
                    self._part_with(move, gone=False)
                yield move, found
            elif found is not None and gone and self._put_back(move):
                self._give_up(move)
            else:
                self._give_up(move, present=found, gone=gone)

    def _put_back(self, move: _Move) -> bool:
        """Give the file of others its old name again, if nothing has it; return whether that was done."""
        try:
            self._destination.rename_new(move.action.path, move.old)
        except ItemError:
            return False
        return True

    def _with_attributes(self, moves: Sequence[Tuple[_Move, Entry]]) -> List[_Move]:
        """Give the files the attributes that they lack."""
        of = {move.action.path: move for move, _found in moves}
        changes = [(move.action.path, self._lacking(move.action.attributes, found)) for move, found in moves]
        changes = [(path, attributes) for path, attributes in changes if attributes != Attributes()]
        for done in self._destination.set_attributes(changes) if changes else ():
            if done.error is not None and not self._outcomes.refused(done.path, done.error, vague=self._sides.push):
                move = of.pop(done.path)
                self._outcomes.gone.add(move.old)
                self._outcomes.fail(move.action, done.error)
        return list(of.values())

    def _lacking(self, wanted: Attributes, found: Entry) -> Attributes:
        mode, mtime = wanted
        return Attributes(
            None if mode == found.mode else mode,
            None if mtime is None or self._stored(mtime) == self._stored(found.mtime) else mtime,
        )

    def _stored(self, mtime: int) -> int:
        return representable(mtime, self._capabilities)

    @property
    def _capabilities(self) -> Capabilities:
        return self._destination.capabilities


def _with_origins(actions: Sequence[Write]) -> Iterator[Tuple[Write, RelPath]]:
    for action in actions:
        if action.origin is not None:
            yield action, action.origin


class MoveProver:
    """Proves the content of files before they are moved: the content under the old name is hashed once more, or the
    record of this very file counts, as it does for a file that stays where it is.

    contents: the known digests of both sides. policy: of proofs. signed: the proof of a signed source
    """

    def __init__(
        self, sides: Sides, contents: Contents, peer_hash: PeerHash, *, policy: str, signed: Optional[str]
    ) -> None:
        self._sides = sides
        self._wanted: Digests = contents.source
        self._known: Digests = contents.destination
        self._proofs = contents.proofs
        self._by_delta = contents.by_delta
        self._peer_hash = peer_hash
        self._policy = policy
        self._signed = signed

    def prove(self, moves: Sequence[_Move]) -> Dict[RelPath, Proven]:
        """Return the proofs by the new names; without the files that are not proven."""
        self._sides.progress.phase = PROVING
        of = {move.old: move for move in moves}
        proven: Dict[RelPath, Proven] = {}
        for old, digest, proof in self._look({old: of[old].entry.size for old in by_directory(of)}):
            action = of[old].action
            if digest is not None and digest == self._wanted.get(action.path):
                transfer = Transfer(action.path, action.path, old, action.wanted, action.attributes)
                staged = Staged(transfer, action.wanted.size, digest)
                proven[action.path] = Proven(staged, digest, digest, proof or self._proof_of(action.path))
        return proven

    def _look(self, sizes: Mapping[RelPath, int]) -> Iterator[_Seen]:
        """Yield the content under the old names."""
        if not self._sides.push:
            for digested in self._sides.local.digest(sizes):
                yield _Seen(digested.path, digested.digest)
        elif self._policy == READ_BACK or self._peer_hash.server_hashes():
            for digested, proof in self._peer_hash.digest(sizes):
                yield _Seen(digested.path, digested.digest, proof)
        else:
            for path in sizes:
                proof = PROVEN_BY_DELTA if path in self._by_delta else PROVEN_BY_RECORD
                yield _Seen(path, self._known.get(path), proof)

    def _proof_of(self, path: RelPath) -> str:
        """Return how the digest of the source of a pull was learned."""
        return self._signed or self._proofs.get(path, PROVEN_BY_RECORD)


class _Seen(NamedTuple):
    """The content under an old name. proof: on a push, how it was learned."""

    path: RelPath
    digest: Optional[bytes]
    proof: str = ""


class CopyStore(Store):
    """A batch of files is copied by the peer from other files of its tree. The copies are stages: they are proven, and
    get their final names, like stages that were sent. Pushes only.

    present: the destination's tree as it was planned on
    wanted: the known digests of the source
    left: the files that must be stored after all
    """

    present: Tree
    wanted: Digests

    def files(self, actions: Sequence[Write]) -> None:
        """Carry out one batch of COPY actions. All copies are made before a file gets its final name."""
        self.left: List[Write] = []
        ready, unproven = self._prove(actions, self._stage(actions))
        self._commit(self._set_late_modes(ready))
        self._leave([action for action, _error in unproven])

    def _leave(self, actions: Sequence[Write]) -> None:
        self.left += [action._replace(action=plan.STORE, origin=None) for action in actions]

    def _stage(self, actions: Sequence[Write]) -> List[Staged]:
        of = {action.path: action for action in actions}
        staged: List[Staged] = []
        for one in self._sides.peer.copy([self._copy(action, old) for action, old in _with_origins(actions)]):
            path = one.transfer.path
            if one.error is None:
                transfer = one.transfer._replace(source=path, entry=of[path].wanted)
                staged.append(one._replace(transfer=transfer, digest=self.wanted[path]))
            else:
                if not one.error.retryable:  # else the server may hold the stage still: it is removed at the end
                    self._names.release(one.transfer.stage)
                self._leave([of[path]])
        return staged

    def _copy(self, action: Write, old: RelPath) -> Transfer:
        return self._transfer(action)._replace(source=old, entry=self.present[old])

    def _renamed(self, one: Ready) -> None:
        super()._renamed(one)
        self._outcomes.stats["bytes_saved"] += one.action.wanted.size
