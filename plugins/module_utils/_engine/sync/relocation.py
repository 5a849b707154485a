# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Relocation: files are moved and copied at the destination, whose content is there under another name. Loaded by such
runs only. `copy_store` makes the copies.

A move is proven under the old name, and then is one rename: at each moment the content stands under one of the two
names, and no temporary file can be left behind. After the rename the file is looked at: if another file is there, it
changed in between. A file that cannot be moved, for any reason, is stored like every other file.
"""

from __future__ import annotations

from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ..model import plan
from ..model.plan import Remove, Write
from ..model.progress import PROVING
from ..model.relpath import RelPath
from ..model.report import PROVEN_BY_DELTA, PROVEN_BY_RECORD, PROVEN_BY_SIGNATURE
from ..model.request import READ_BACK
from ..model.tree import FILE, Attributes, Digests, Entry, Tree
from ..planning.compare import representable
from ..transport.base import Capabilities, Rename, Staged, Transfer
from .contents import Contents
from .copy_store import CopyStore
from .groups import batches
from .outcomes import Outcomes
from .peer_hash import PeerHash
from .proof import Proven
from .sides import Sides

__all__ = ["MoveProver", "Relocation"]


class _Move(NamedTuple):
    """A move that may be carried out. old: the old name. entry: the entry that stands there."""

    action: Write
    old: RelPath
    entry: Entry


class Relocation:
    """present: the destination's tree as it was planned on
    copies: for COPY actions; None if there are none

    left: the files that must be stored after all
    staying: their old names, which must be removed after all
    """

    def __init__(
        self, sides: Sides, outcomes: Outcomes, prover: MoveProver, present: Tree, copies: Optional[CopyStore] = None
    ) -> None:
        self._sides = sides
        self._destination = sides.destination
        self._outcomes = outcomes
        self._prover = prover
        self._present = present
        self._copies = copies
        self.left: List[Write] = []
        self.staying: List[Remove] = []

    def batches(self, actions: Sequence[Write]) -> Iterator[List[Write]]:
        """Yield the batches in which `carry_out` is called: copies before moves, which take their sources away."""
        copies = [action for action in actions if action.action == plan.COPY]
        replaced = {action.path for action in copies}
        # A copy of a file that another copy replaces is made before the other gets its name.
        first = [action for action in copies if action.origin in replaced]
        if first:
            yield first
        yield from batches([action for action in copies if action.origin not in replaced])
        yield from batches([action for action in actions if action.action == plan.MOVE])

    def carry_out(self, actions: Sequence[Write]) -> None:
        """Carry out a batch."""
        if actions[0].action == plan.MOVE or self._copies is None:
            self._move(actions)
        else:
            self._copies.files(actions)
            self.left += self._copies.left

    def _move(self, actions: Sequence[Write]) -> None:
        """Carry out a batch of MOVE actions."""
        moves = [_Move(action, old, self._present[old]) for action, old in _with_origins(actions)]
        proven = self._prover.prove(moves)
        possible = self._with_attributes(list(self._unless(moves, proven)))
        renamed = self._rename(possible)
        for move in self._still_right(renamed):
            one = proven[move.action.path]
            self._outcomes.stored[move.action.path] = one
            self._outcomes.succeed(move.action, one.proof)
            self._outcomes.stats["bytes_saved"] += one.staged.size
        self._outcomes.stamps.update(self._sides.stamps_of_changed(move.action.path for move in renamed))

    def _unless(self, moves: Sequence[_Move], proven: Dict[RelPath, Proven]) -> Iterator[_Move]:
        for move in moves:
            if move.action.path in proven:
                yield move
            else:
                self._give_up(move)

    def _give_up(self, move: _Move, *, stays: bool = True) -> None:
        """Let the file be stored. stays: whether the old name is still there."""
        self.left.append(move.action._replace(action=plan.STORE, origin=None))
        if stays:
            self.staying.append(Remove(move.old, plan.EXTRA, move.entry))

    def _with_attributes(self, moves: Sequence[_Move]) -> List[_Move]:
        """Give the files their new attributes under their old names: a file is never wider than it will be."""
        of = {move.old: move for move in moves}
        changes = [(move.old, self._lacking(move)) for move in moves]
        changes = [(old, attributes) for old, attributes in changes if attributes != Attributes()]
        for done in self._destination.set_attributes(changes) if changes else ():
            if done.error is not None:
                self._give_up(of.pop(done.path))
        return list(of.values())

    def _lacking(self, move: _Move) -> Attributes:
        """Return the attributes that the file does not have yet."""
        mode, mtime = move.action.attributes
        return Attributes(
            None if mode == move.entry.mode else mode,
            None if mtime is None or self._stored(mtime) == self._stored(move.entry.mtime) else mtime,
        )

    def _stored(self, mtime: int) -> int:
        return representable(mtime, self._capabilities)

    @property
    def _capabilities(self) -> Capabilities:
        return self._destination.capabilities

    def _rename(self, moves: Sequence[_Move]) -> List[_Move]:
        of = {move.action.path: move for move in moves}
        for done in self._destination.rename([Rename(move.old, path) for path, move in of.items()]) if of else ():
            if done.error is not None:
                self._give_up(of.pop(done.path))
        return list(of.values())

    def _still_right(self, moves: Sequence[_Move]) -> Iterator[_Move]:
        """Yield the files that are as they were when they were proven."""
        of = {move.action.path: move for move in moves}
        for path, entry, _error in self._destination.look(list(of)) if of else ():
            if entry is not None and self._is_right(of[path], entry):
                yield of[path]
            else:
                self._give_up(of[path], stays=False)

    def _is_right(self, move: _Move, found: Entry) -> bool:
        mtime = move.entry.mtime if move.action.attributes.mtime is None else move.action.attributes.mtime
        if found.kind != FILE or found.size != move.entry.size:
            return False
        return not self._capabilities.stores_mtime or self._stored(found.mtime) == self._stored(mtime)


def _with_origins(actions: Sequence[Write]) -> Iterator[Tuple[Write, RelPath]]:
    for action in actions:
        if action.origin is not None:
            yield action, action.origin


class MoveProver:
    """Proves the content of files before they are moved: the content under the old name is hashed once more, or the
    record of this very file counts, as it does for a file that stays where it is.

    contents: the known digests of both sides. policy: of proofs. signed: with `verify`
    """

    def __init__(self, sides: Sides, contents: Contents, peer_hash: PeerHash, *, policy: str, signed: bool) -> None:
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
        for old, digest, proof in self._look(list(of)):
            action = of[old].action
            if digest is not None and digest == self._wanted.get(action.path):
                transfer = Transfer(action.path, action.path, old, action.wanted, action.attributes)
                staged = Staged(transfer, action.wanted.size, digest)
                proven[action.path] = Proven(staged, digest, digest, proof or self._proof_of(action.path))
        return proven

    def _look(self, paths: List[RelPath]) -> Iterator[_Seen]:
        """Yield the content under the old names."""
        if not self._sides.push:
            for digested in self._sides.local.digest(paths):
                yield _Seen(digested.path, digested.digest)
        elif self._policy == READ_BACK or self._peer_hash.server_hashes():
            for digested, proof in self._peer_hash.digest(paths):
                yield _Seen(digested.path, digested.digest, proof)
        else:
            for path in paths:
                proof = PROVEN_BY_DELTA if path in self._by_delta else PROVEN_BY_RECORD
                yield _Seen(path, self._known.get(path), proof)

    def _proof_of(self, path: RelPath) -> str:
        """Return how the digest of the source of a pull was learned."""
        return PROVEN_BY_SIGNATURE if self._signed else self._proofs.get(path, PROVEN_BY_RECORD)


class _Seen(NamedTuple):
    """The content under an old name. proof: on a push, how it was learned."""

    path: RelPath
    digest: Optional[bytes]
    proof: str = ""
