# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proof: whether the bytes at the destination are the bytes of the source, for each staged file, by the run's
policy."""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Optional, Sequence

from ..errors import ProofFailed, SourceChanged, SyncError
from ..model.relpath import ROOT, RelPath
from ..model.report import UNPROVEN
from ..model.request import NONE
from ..model.tree import FILE, Attributes, Entry
from ..transport.base import Digested, Staged, Transfer
from .contents import PeerDigest, PeerHash, interleaved
from .roots import Sides

_ENDED = Transfer(ROOT, ROOT, ROOT, Entry(FILE, 0, 0, 0), Attributes())


class Proven(NamedTuple):
    """A staged file and its proof: the digests of both sides (None if unknown), the kind of proof, or the reason
    why it is not proven (ProofFailed, or the error of a digest)."""

    staged: Staged
    source: Optional[bytes]
    destination: Optional[bytes]
    proof: str = UNPROVEN
    error: Optional[SyncError] = None

    def kept(self) -> Proven:
        """Return the parts that the rest of a run needs, in little memory: each stored file keeps them."""
        destination = self.source if self.source == self.destination else self.destination
        return proven_of(self.staged.size, self.source, destination, self.proof)


def proven_of(size: int, source: Optional[bytes], destination: Optional[bytes], proof: str) -> Proven:
    """Return the parts of a stored file's proof that the rest of a run needs."""
    return Proven(Staged(_ENDED, size), source, destination, proof)


class Prover:
    """On a push the source was hashed as it was sent, and the peer's stage is hashed for proof. On a pull the stage
    is hashed here, and the peer's source once more for proof; with the policy none the stage is still hashed, for the
    record."""

    def __init__(self, sides: Sides, peer_hash: PeerHash, policy: str) -> None:
        self._sides = sides
        self._peer_hash = peer_hash
        self._policy = policy
        self._here: Dict[RelPath, Digested] = {}
        self._there: Dict[RelPath, PeerDigest] = {}

    def prove(self, staged: Sequence[Staged]) -> List[Proven]:
        """Return one result for each of `staged`."""
        unknown = [] if self._sides.push else [one.transfer.stage for one in staged if one.digest is None]
        with self._sides.progress.proving(lambda: self._sides.peer.carried):
            self._learn(unknown, self._far_sizes(staged))
        return [self._judged(one) for one in staged]

    def proven(self, staged: Sequence[Staged]) -> List[Proven]:
        """Return the files of `staged` whose proof was complete before `prove` was interrupted."""
        known = [one for one in staged if one.digest is not None or one.transfer.stage in self._here]
        judged = [self._judged(one) for one in known if self._there.keys() >= self._far_sizes([one]).keys()]
        return [one for one in judged if one.error is None]

    def _judged(self, one: Staged) -> Proven:
        return self._judge(one, self._here.get(one.transfer.stage, one), self._there)

    def _far_sizes(self, staged: Sequence[Staged]) -> Dict[RelPath, int]:
        if self._policy == NONE:
            return {}
        return {one.transfer.stage if self._sides.push else one.transfer.source: one.size for one in staged}

    def _learn(self, near: List[RelPath], far: Dict[RelPath, int]) -> None:
        self._here, self._there = {}, {}
        for result in interleaved(self._sides.local.digest(near) if near else (), self._peer_hash.digest(far)):
            if isinstance(result, PeerDigest):
                self._there[result.digested.path] = result
            else:
                self._here[result.path] = result

    def _judge(self, one: Staged, here: Staged | Digested, far: Dict[RelPath, PeerDigest]) -> Proven:
        """here: the value with the digest of this side."""
        transfer, push = one.transfer, self._sides.push
        there = far.get(transfer.stage if push else transfer.source)
        known = (here.digest, None if there is None else there.digested.digest)
        source, destination = known if push else known[::-1]
        error = here.error
        if there is None:
            return Proven(one, source, destination, error=error)
        error = error or there.digested.error
        if push and isinstance(error, SourceChanged):
            # Only this run changes a stage: the bytes read are the stored bytes.
            error = _differs(transfer.path, f": {error.message}")
        if error is None and here.digest != there.digested.digest:
            error = _differs(transfer.path)
        return Proven(one, source, destination, there.proof, error)


def _differs(path: RelPath, fact: str = "") -> ProofFailed:
    return ProofFailed(
        f"the stored bytes differ from the bytes of the source{fact}",
        path=path,
        cure="Run again; if it fails again, look for a faulty disk or a program that changes the file.",
    )
