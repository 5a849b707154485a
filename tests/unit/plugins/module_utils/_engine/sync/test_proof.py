# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proof of temporary files: by each policy, in both directions, and the proofs that are rejected."""

from __future__ import annotations

import hashlib

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotFound, ProofFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.contents import PeerHash
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.progress import Progress
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.proof import Proven, Prover
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.roots import Sides
from support.contracts.transport_contract import transfers_of
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import File

TREE = {b"a": b"first", b"b": b"second"}
SUMS = {path: hashlib.sha256(content).digest() for path, content in TREE.items()}
TRANSFERS = transfers_of({path: File(content) for path, content in TREE.items()})
BOTH = pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])


class Pair:
    """Two trees and a prover between them. far, stages: the peer, and the side where the stages are."""

    def __init__(self, push: bool, policy: str, server_hash: str | None = None) -> None:
        near = MemoryTransport(TREE if push else {})
        far = MemoryTransport({} if push else TREE, server_hash=server_hash)
        self.far, self.stages = far, far if push else near
        self.sides = Sides(push, near, far, Progress())
        self.prover = Prover(self.sides, PeerHash(far, policy), policy)
        self.staged = list(self.sides.move(TRANSFERS))

    def prove(self) -> dict[bytes, Proven]:
        """By final path."""
        found = self.prover.prove(self.staged)
        assert [one.staged for one in found] == self.staged
        return {bytes(one.staged.transfer.path): one for one in found}


@BOTH
@pytest.mark.parametrize(
    ("policy", "server_hash", "proof"),
    [("auto", None, "read_back"), ("auto", "check-file", "server_hash"), ("read_back", "check-file", "read_back")],
)
def test_what_arrived_is_proven(push: bool, policy: str, server_hash: str | None, proof: str) -> None:
    for path, one in Pair(push, policy, server_hash).prove().items():
        assert (one.proof, one.error) == (proof, None)
        assert one.source == one.destination == SUMS[path]


@BOTH
def test_without_proof_the_digest_of_one_end_is_known(push: bool) -> None:
    pair = Pair(push, "none")
    for path, one in pair.prove().items():
        assert (one.proof, one.error) == ("none", None)
        assert (one.source, one.destination) == ((SUMS[path], None) if push else (None, SUMS[path]))
    assert not pair.far.faults.asked("digest")


@BOTH
@pytest.mark.parametrize("policy", ["auto", "read_back"])
def test_a_damaged_stage_is_not_proven(push: bool, policy: str) -> None:
    pair = Pair(push, policy)
    pair.stages.damage(b"a.stage")
    found = pair.prove()
    assert isinstance(found[b"a"].error, ProofFailed)
    assert (found[b"a"].error.path, bool(found[b"a"].error.cure)) == (b"a", True)
    assert found[b"a"].source == SUMS[b"a"] != found[b"a"].destination
    assert found[b"b"].error is None


def test_a_stage_that_turns_out_to_be_longer_is_not_proven() -> None:
    pair = Pair(True, "read_back")
    pair.far.node(b"a.stage").content.extend(b"!")
    error = pair.prove()[b"a"].error
    assert isinstance(error, ProofFailed)
    assert (error.path, bool(error.cure)) == (b"a", True)
    assert error.message == "the stored bytes differ from the bytes of the source: it has more than its 5 bytes"


@BOTH
def test_what_the_server_says_must_be_the_digest_that_is_known_here(push: bool) -> None:
    pair = Pair(push, "server_hash", "check-file")
    pair.far.faults.lie(b"a.stage" if push else b"a", bytes(32))
    found = pair.prove()
    assert isinstance(found[b"a"].error, ProofFailed)
    assert found[b"b"].error is None


@BOTH
@pytest.mark.parametrize("policy", ["auto", "none"])
def test_a_stage_that_went_away_is_not_proven(push: bool, policy: str) -> None:
    pair = Pair(push, policy)
    pair.stages.discard(b"a.stage")
    found = pair.prove()
    # A push without proof needs no request to the peer; the rename that follows reveals a failure.
    assert isinstance(found[b"a"].error, NotFound) is not (push and policy == "none")
    assert found[b"b"].error is None
