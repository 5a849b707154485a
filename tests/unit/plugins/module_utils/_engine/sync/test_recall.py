# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded digests are found alike, whether the record was read during a scan or afterwards."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.filters import Filters
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.progress import Progress
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.recall import Recall
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.record import LOCAL, PEER, Record
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.scan import (
    Scanned,
    SideScan,
    scan_both,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.selection import SideSelection
from support.trees.memory_transport import MemoryTransport

DIGEST = bytes(range(32))

PAIR = b"0123456789abcdef" * 4


def scan(side: MemoryTransport) -> SideScan:
    return SideScan(side, SideSelection(Filters((), ()), None), is_stage=lambda path: False, read_links=False)


@pytest.mark.parametrize("early", [True, False])
def test_what_is_as_it_was_recorded_is_known(tmp_path: Path, early: bool) -> None:
    record = Record(os.fsencode(tmp_path), PAIR, "0123456789abcdef")
    here, there = scan(MemoryTransport({b"a": b"1", b"b": b"2"})), scan(MemoryTransport({b"a": b"1", b"b": b"22"}))
    scan_both(here, there, Progress())
    tree = here.result.tree
    for side in (LOCAL, PEER):
        record.save(side, tree, dict.fromkeys(tree, DIGEST))
    recall = Recall(record, stamped=False)
    if early:
        assert len(list(recall.steps(here))) == 2
        record.save(LOCAL, {}, {})
        record.save(PEER, {}, {})
    local, peer = recall.digests(here.result, there.result.tree)
    assert local == {b"a": DIGEST, b"b": DIGEST}
    assert peer == {b"a": DIGEST}, "b is larger now"


def test_a_side_that_was_not_scanned_has_its_record_read_all_the_same(tmp_path: Path) -> None:
    record = Record(os.fsencode(tmp_path), PAIR, "0123456789abcdef")
    record.save(PEER, {}, {})
    (tmp_path / (PAIR[:32].decode() + ".peer.mtree")).write_bytes(b"cut")
    assert Recall(record, stamped=False).digests(Scanned(), {}) == ({}, {})
    assert len(record.notes) == 1
