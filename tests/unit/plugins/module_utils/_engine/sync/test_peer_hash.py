# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hashing of the peer's files: by policy, by the server's abilities, and file by file if it refuses."""

from __future__ import annotations

import hashlib

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    NotFound,
    NotSupported,
    PermissionDenied,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.contents import PeerHash
from support.trees.memory_transport import MemoryTransport

TREE = {b"a": b"first", b"b": b"second one"}
SIZES = {RelPath(path): len(content) for path, content in TREE.items()}
SUMS = {path: hashlib.sha256(content).digest() for path, content in TREE.items()}


@pytest.mark.parametrize(
    ("policy", "server_hash", "proof"),
    [
        ("auto", "check-file", "server_hash"),
        ("auto", None, "read_back"),
        ("server_hash", "check-file", "server_hash"),
        ("read_back", "check-file", "read_back"),
        ("none", "check-file", "read_back"),  # for comparing only: nothing is hashed for proof
    ],
)
def test_who_hashes(policy: str, server_hash: str | None, proof: str) -> None:
    peer = MemoryTransport(TREE, server_hash=server_hash)
    peer_hash = PeerHash(peer, policy)
    peer_hash.require()
    found = list(peer_hash.digest(SIZES))
    assert {one.digested.path: one.digested.digest for one in found} == SUMS
    assert {one.proof for one in found} == {proof}
    assert peer_hash.read == (15 if proof == "read_back" else 0)


def test_what_the_policy_demands_must_be_there() -> None:
    with pytest.raises(NotSupported) as caught:
        PeerHash(MemoryTransport(TREE), "server_hash").require()
    assert caught.value.cure


def test_a_file_that_the_server_does_not_hash_is_read_with_auto_alone() -> None:
    for policy in ("auto", "server_hash"):
        peer = MemoryTransport(TREE, server_hash="check-file")
        peer.faults.fail("digest_by_server", b"a", PermissionDenied("no"))
        found = {one.digested.path: one for one in PeerHash(peer, policy).digest(SIZES)}
        assert found[RelPath(b"b")].proof == "server_hash"
        if policy == "auto":
            assert found[RelPath(b"a")].proof == "read_back"
            assert found[RelPath(b"a")].digested.digest == SUMS[b"a"]
        else:
            assert isinstance(found[RelPath(b"a")].digested.error, PermissionDenied)


def test_a_missing_file_is_an_error_of_that_file() -> None:
    (found,) = PeerHash(MemoryTransport({}), "auto").digest({RelPath(b"a"): 1})
    assert isinstance(found.digested.error, NotFound)
    assert found.digested.digest is None


def test_the_server_is_asked_once_and_for_nothing_not_at_all() -> None:
    peer = MemoryTransport(TREE, server_hash="check-file")
    peer_hash = PeerHash(peer, "auto")
    assert list(peer_hash.digest({})) == []
    assert peer.faults.operations == 0
    for _time in range(2):
        assert len(list(peer_hash.digest(SIZES))) == 2
    assert len(peer.faults.asked("server_hash")) == 1


@pytest.mark.parametrize(
    ("policy", "asked"), [("auto", True), ("server_hash", True), ("read_back", False), ("none", False)]
)
def test_the_server_is_told_early_where_it_will_hash(policy: str, asked: bool) -> None:
    class Foreseeing(MemoryTransport):
        told = False

        def foresee_server_hash(self) -> None:
            self.told = True

    peer = Foreseeing(TREE, server_hash="check-file")
    PeerHash(peer, policy).foresee()
    assert peer.told is asked
