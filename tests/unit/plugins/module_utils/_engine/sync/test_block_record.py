# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recorded block digests of large files: found, forgotten, bounded."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.blocks import Blocks
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.changed_blocks import (
    BlockRecord,
    RecordedBlocks,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.record import Record

A, B = RelPath(b"d/a"), RelPath(b"b")
RECORDED = RecordedBlocks(b"d" * 32, 100, 5, Blocks(64, b"x" * 64, True))


def record_in(state: Path, pair: bytes = b"1" * 64) -> Record:
    return Record(os.fsencode(state), pair, "0123456789abcdef")


@pytest.fixture
def record(tmp_path: Path) -> BlockRecord:
    return BlockRecord(record_in(tmp_path / "state"))


def test_kept_and_found(record: BlockRecord, tmp_path: Path) -> None:
    assert record.find(A) is None
    record.keep(A, RECORDED)
    assert record.find(A) == RECORDED
    assert record.find(B) is None
    other = RECORDED._replace(mtime=6)
    record.keep(A, other)
    assert record.find(A) == other
    (file,) = (tmp_path / "state").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


def test_another_pair_of_trees(record: BlockRecord, tmp_path: Path) -> None:
    record.keep(A, RECORDED)
    assert BlockRecord(record_in(tmp_path / "state", b"2" * 64)).find(A) is None


def test_forgotten(record: BlockRecord) -> None:
    record.forget([A])
    record.keep(A, RECORDED)
    record.keep(B, RECORDED)
    record.forget([A, RelPath(b"never")])
    assert (record.find(A), record.find(B)) == (None, RECORDED)


def test_unusable_files_are_no_error(record: BlockRecord, tmp_path: Path) -> None:
    record.keep(A, RECORDED)
    (file,) = (tmp_path / "state").iterdir()
    file.chmod(0o666)
    assert record.find(A) is None
    file.unlink()
    file.mkdir()
    assert record.find(A) is None
    record.keep(A, RECORDED)
    assert record.find(A) is None


def test_the_oldest_go_first(tmp_path: Path) -> None:
    kept = record_in(tmp_path / "state")
    record = BlockRecord(kept, most=2 * 300)
    kept.save_text(b"pairs", b"x" * 1000)
    paths = [RelPath(b"%d" % number) for number in range(4)]
    for number, path in enumerate(paths):
        record.keep(path, RECORDED)
        newest = max((tmp_path / "state").iterdir(), key=lambda file: file.stat().st_mtime_ns)
        os.utime(newest, (1000 + number, 1000 + number))
    record.trim()
    assert [path for path in paths if record.find(path)] == paths[2:]
    assert kept.load_text(b"pairs")
