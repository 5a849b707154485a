# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Known content at both ends, and the files that are hashed to determine the rest."""

from __future__ import annotations

import hashlib

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotFound, PermissionDenied
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.contents import Contents, PeerHash
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.progress import Progress
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.roots import Sides
from support.trees.memory_transport import MemoryTransport

A, B, C = (RelPath(name) for name in (b"a", b"b", b"c"))
SOURCE = {A: b"same", B: b"left", C: b"longer than there"}
DESTINATION = {A: b"same", B: b"rigt", C: b"short"}
BOTH = pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])


def digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


class Scene:
    def __init__(self, *, push: bool, source: dict | None = None, destination: dict | None = None) -> None:
        self.source, self.destination = MemoryTransport(SOURCE), MemoryTransport(DESTINATION)
        ends = (self.source, self.destination) if push else (self.destination, self.source)
        self.contents = Contents(dict(source or {}), dict(destination or {}))
        self.peer_hash = PeerHash(ends[1], "auto")
        self.sides = Sides(push, *ends, Progress())

    def settle(self) -> Contents:
        trees = [{path: side.node(path).entry() for path in SOURCE} for side in (self.source, self.destination)]
        self.contents.settle(self.sides, *trees, self.peer_hash)
        return self.contents


@BOTH
def test_only_what_could_be_equal_is_hashed(push: bool) -> None:
    scene = Scene(push=push)
    found = scene.settle()
    assert found.source == {path: digest(SOURCE[path]) for path in (A, B)}
    assert found.destination == {path: digest(DESTINATION[path]) for path in (A, B)}
    assert found.compared == {A, B}
    assert found.proofs == {A: "read_back", B: "read_back"}
    assert scene.peer_hash.read == 8


@BOTH
def test_what_is_recorded_is_not_hashed_again(push: bool) -> None:
    known = digest(b"same")
    scene = Scene(push=push, source={A: known, B: digest(b"left")}, destination={A: known})
    found = scene.settle()
    assert found.compared == {B}
    assert scene.source.content_read == 0
    assert scene.destination.content_read == 4
    assert found.destination[B] == digest(b"rigt")


@BOTH
def test_a_source_that_cannot_be_read_is_a_problem_and_left_alone(push: bool) -> None:
    scene = Scene(push=push)
    scene.source.faults.fail("digest", A, PermissionDenied("no"))
    found = scene.settle()
    assert [problem.path for problem in found.problems] == [A]
    assert found.unreadable == {A}


@BOTH
def test_a_source_that_is_gone_is_no_problem(push: bool) -> None:
    scene = Scene(push=push)
    scene.source.faults.fail("digest", A, NotFound("gone"))
    found = scene.settle()
    assert found.problems == []
    assert found.unreadable == {A}
    assert [skipped.path for skipped in found.vanished] == [A]


@BOTH
def test_a_destination_that_cannot_be_read_or_grew_is_unknown(push: bool) -> None:
    scene = Scene(push=push)
    scene.destination.faults.fail("digest", A, PermissionDenied("no"))
    scene.destination.faults.on_operation = lambda operation, path: (
        operation == "digest" and path == B and scene.destination.node(B).content.extend(b"!")
    )
    found = scene.settle()
    assert found.problems == []
    assert found.destination == {}


@BOTH
def test_a_file_that_is_seen_to_differ_is_not_hashed(push: bool) -> None:
    """Only files here that are known at the peer are asked for."""
    known = {A: digest(b"same"), B: digest(b"rigt")}
    scene = Scene(push=push, **({"destination": known} if push else {"source": known}))
    asked: list[RelPath] = []

    def differing(paths: list[RelPath]) -> set[RelPath]:
        asked.extend(paths)
        return {B}

    trees = [{path: side.node(path).entry() for path in SOURCE} for side in (scene.source, scene.destination)]
    scene.contents.settle(scene.sides, *trees, scene.peer_hash, differing)
    assert asked == [A, B]
    assert scene.contents.differing == {B}
    assert scene.contents.compared == {A, B}
    local = scene.source if push else scene.destination
    assert local.content_read == len(b"same")
