# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
import os
import random
import threading
from pathlib import Path
from typing import Iterator, List, Tuple

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import Attributes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import StageFile
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local.files import Follower
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.local.transport import (
    LocalTransport,
)

PIECE = 255 * 1024
CONTENT = random.Random(1).randbytes(20 << 20)
DIGEST = hashlib.sha256(CONTENT).digest()
PIECES = [(offset, CONTENT[offset : offset + PIECE]) for offset in range(0, len(CONTENT), PIECE)]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[StageFile]:
    """A new file; no thread is left when it is closed."""
    side = LocalTransport(os.fsencode(tmp_path))
    stage = side.create_stage(RelPath(b"s"))
    yield stage
    stage.abandon()
    side.close()
    assert "digest of a stage" not in [thread.name for thread in threading.enumerate()]


def write(stage: StageFile, pieces: List[Tuple[int, bytes]]) -> None:
    for offset, data in pieces:
        stage.write_at(data, offset)


def test_what_is_written_in_order_is_hashed(stage: StageFile, tmp_path: Path) -> None:
    write(stage, PIECES)
    assert stage.followed_digest(len(CONTENT)) == DIGEST
    stage.finish(Attributes(0o644))
    assert (tmp_path / "s").read_bytes() == CONTENT


@pytest.mark.parametrize("seed", range(5))
def test_what_is_written_out_of_order_is_hashed(stage: StageFile, seed: int) -> None:
    pieces = list(PIECES)
    for start in range(0, len(pieces), 8):  # as several sessions answer: never far from their order
        window = pieces[start : start + 8]
        random.Random(seed).shuffle(window)
        pieces[start : start + 8] = window
    write(stage, pieces)
    assert stage.followed_digest(len(CONTENT)) == DIGEST


def test_it_is_of_what_the_file_holds(stage: StageFile, tmp_path: Path) -> None:
    write(stage, PIECES[:-1])
    with open(tmp_path / "s", "r+b") as file:
        file.seek(len(CONTENT) - PIECE // 2)
        file.write(b"x" * (PIECE // 2))
    offset, data = PIECES[-1]
    changed = data[: len(data) // 2] + bytes(len(data) - len(data) // 2)
    stage.write_at(changed, offset)
    assert stage.followed_digest(len(CONTENT)) == hashlib.sha256((tmp_path / "s").read_bytes()).digest() != DIGEST


def test_small_files_are_for_later(stage: StageFile) -> None:
    write(stage, PIECES[:10])
    assert stage.followed_digest(10 * PIECE) is None


@pytest.mark.parametrize(
    "more",
    [
        pytest.param([PIECES[3]], id="written twice"),
        pytest.param([(len(CONTENT) + 1, b"x")], id="a gap"),
        pytest.param([(len(CONTENT), b"x")], id="too long"),
    ],
)
def test_what_is_not_sure_is_for_later(stage: StageFile, more: List[Tuple[int, bytes]]) -> None:
    write(stage, PIECES + more)
    assert stage.followed_digest(len(CONTENT)) is None


def test_a_file_that_somebody_shortens_or_lengthens_is_for_later(stage: StageFile, tmp_path: Path) -> None:
    write(stage, PIECES)
    os.truncate(tmp_path / "s", len(CONTENT) + 1)
    assert stage.followed_digest(len(CONTENT)) is None


def test_a_file_that_is_shorter_than_told(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(CONTENT[:1000])
    with open(tmp_path / "f", "rb") as file:
        assert Follower(file.fileno()).digest(2000) is None


def test_an_abandoned_stage_leaves_nothing(stage: StageFile, tmp_path: Path) -> None:
    write(stage, PIECES)
    stage.abandon()
    assert os.listdir(tmp_path) == []


def test_an_error_of_the_disk_is_told(stage: StageFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails cannot be had here: the call is replaced."""

    def fail(*_arguments: object) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "preadv", fail)
    write(stage, PIECES)
    with pytest.raises(OperationFailed) as caught:
        stage.followed_digest(len(CONTENT))
    assert caught.value.path == b"s"
