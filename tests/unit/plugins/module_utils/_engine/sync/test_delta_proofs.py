# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Digests that rest on copies which were not read."""

from __future__ import annotations

import os
from pathlib import Path
from unittest.mock import Mock

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.integrity.digest import UnusableManifest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync import changed_blocks
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.contents import Contents
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.record import DELTA, Record

PROOFS = {RelPath(b"a\n b\xff"): bytes(range(32)), RelPath(b"c"): bytes(32)}


@pytest.fixture
def record(tmp_path: Path) -> Record:
    return Record(os.fsencode(tmp_path), b"0123456789abcdef" * 4, "0123456789abcdef")


def test_they_are_kept_and_removed(record: Record, tmp_path: Path) -> None:
    assert changed_blocks.load(record) == {}
    changed_blocks.save(record, PROOFS)
    assert changed_blocks.load(record) == PROOFS
    changed_blocks.save(record, {})
    assert changed_blocks.load(record) == {}
    assert list(tmp_path.iterdir()) == []


def test_a_text_that_is_cut_anywhere_is_not_believed(record: Record, tmp_path: Path) -> None:
    changed_blocks.save(record, PROOFS)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    for size in range(1, len(whole)):
        file.write_bytes(whole[:size])
        with pytest.raises(UnusableManifest):
            changed_blocks.load(record)


def test_an_unusable_text_costs_one_comparison(record: Record, tmp_path: Path) -> None:
    """No recorded digest counts then, in the next run all count again."""
    changed_blocks.save(record, PROOFS)
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"cut")
    known = dict(PROOFS)
    assert changed_blocks.settle(record, Mock(direction="push", delta="always"), known) == set()
    assert known == {}
    contents = Contents({}, {RelPath(b"c"): bytes(32), RelPath(b"old"): bytes(32)})
    contents.compared = {RelPath(b"c")}
    after = changed_blocks.proofs_after(record, contents.destination, contents, {})
    assert (after, contents.destination) == ({}, {b"c": bytes(32)})
    changed_blocks.save(record, after)
    assert not record.has_text(DELTA)
