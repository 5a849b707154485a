# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proof by the signed digest: the peer is not asked."""

from __future__ import annotations

import hashlib

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import PROVEN_BY_SIGNATURE
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import NONE
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, Attributes, Entry
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.contents import PeerHash
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.progress import Progress
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.proof import Proven
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.roots import Sides
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.signed_source import SignedProver
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Staged, Transfer
from support.trees.memory_transport import MemoryTransport

CONTENT = b"alpha"
DIGEST = hashlib.sha256(CONTENT).digest()


def proven(signed: bytes | None, *, hashed: bytes | None) -> tuple[Proven, MemoryTransport]:
    """Prove one stage. hashed: the digest that was made while it was written."""
    here, peer = MemoryTransport({b"stage": CONTENT}), MemoryTransport({b"a": CONTENT})
    transfer = Transfer(RelPath(b"a"), RelPath(b"a"), RelPath(b"stage"), Entry(FILE, 5, 0, 0o644), Attributes())
    sides = Sides(False, here, peer, progress=Progress())
    prover = SignedProver(sides, PeerHash(peer, NONE), {} if signed is None else {b"a": signed})
    (result,) = prover.prove([Staged(transfer, 5, hashed)])
    assert peer.faults.asked("digest") == []
    return result, here


def test_the_signed_digest_is_the_proof() -> None:
    result, _here = proven(DIGEST, hashed=DIGEST)
    assert (result.proof, result.error) == (PROVEN_BY_SIGNATURE, None)
    assert result.source == result.destination == DIGEST


def test_a_stage_that_was_not_hashed_is_hashed_here() -> None:
    result, here = proven(DIGEST, hashed=None)
    assert result.error is None
    assert here.faults.asked("digest") == [b"stage"]


def test_other_content_and_unsigned_content_is_refused() -> None:
    for signed in (hashlib.sha256(b"omega").digest(), None):
        result, _here = proven(signed, hashed=DIGEST)
        assert result.error is not None
        assert result.error.code == "digest_mismatch"
