# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Large files that are seen to differ by their recorded blocks, and how much of them is read for that."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import PermissionDenied
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.blocks import Blocks, checksum
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync import changed_blocks
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.changed_blocks import (
    BlockRecord,
    RecordedBlocks,
    differing,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.record import Record
from support.trees.memory_transport import MemoryTransport

A = RelPath(b"a")
BLOCK = 4
OLD = bytes(range(256)) * 4
DIGEST = hashlib.sha256(OLD).digest()


@pytest.fixture(autouse=True)
def _small_files_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changed_blocks, "LARGE", len(OLD))


class Scene:
    def __init__(self, state: Path, *, strong: bool) -> None:
        self.record = Record(os.fsencode(state), b"1" * 64, "0123456789abcdef")
        sums = b"".join(checksum(OLD[at : at + BLOCK], strong=strong) for at in range(0, len(OLD), BLOCK))
        BlockRecord(self.record).keep(A, RecordedBlocks(DIGEST, len(OLD), 5, Blocks(BLOCK, sums, strong)))
        self.local = MemoryTransport({A: OLD})

    def differs(self, content: bytes, known: bytes | None = DIGEST) -> bool:
        self.local.fill({A: content})
        tree = {A: self.local.node(A).entry()}
        return bool(differing(self.record, self.local, tree, {} if known is None else {A: known}, [A]))


@pytest.fixture(params=[True, False], ids=["sha-256", "crc-32"])
def scene(tmp_path: Path, request: pytest.FixtureRequest) -> Scene:
    return Scene(tmp_path / "state", strong=request.param)


def test_one_block_is_enough(scene: Scene) -> None:
    assert scene.differs(OLD[:9] + b"x" + OLD[10:])
    assert scene.differs(b"x" + OLD[1:])


def test_equal_blocks_prove_nothing(scene: Scene) -> None:
    assert not scene.differs(OLD)


def test_only_the_first_eighth_is_read(scene: Scene) -> None:
    eighth = len(OLD) // 8
    assert scene.differs(OLD[: eighth - 1] + b"x" + OLD[eighth:])
    assert not scene.differs(OLD[:eighth] + b"x" + OLD[eighth + 1 :])


@pytest.mark.parametrize("known", [None, b"d" * 32], ids=["unknown", "another"])
def test_blocks_of_another_content_do_not_count(scene: Scene, known: bytes | None) -> None:
    assert not scene.differs(b"x" + OLD[1:], known)


def test_files_of_another_size_and_small_files_are_left_to_others(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not scene.differs(b"x" + OLD)
    monkeypatch.setattr(changed_blocks, "LARGE", len(OLD) + 1)
    assert not scene.differs(b"x" + OLD[1:])


def test_a_file_that_became_shorter_since_it_was_listed(scene: Scene) -> None:
    tree = {A: scene.local.node(A).entry()}
    scene.local.fill({A: b""})
    assert differing(scene.record, scene.local, tree, {A: DIGEST}, [A]) == set()


def test_a_file_that_cannot_be_read_is_reported_when_it_is_hashed(scene: Scene) -> None:
    scene.local.faults.fail("open_source", A, PermissionDenied("no"))
    assert not scene.differs(b"x" + OLD[1:])
