# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches of files: one file that fails, vanishes or finds no space leaves the others as they should be."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    NoSpace,
    OperationFailed,
)
from support.scenes.sync_pair import SyncPair, codes, done

BOTH = pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])


@BOTH
def test_an_error_of_one_item_fails_that_item_and_no_deletion_happens(push: bool) -> None:
    pair = SyncPair({b"a": b"1", b"b": b"2", b"c": b"3"}, {b"old": b"x"}, push=push, delete=True)
    operation = "upload" if push else "download"
    pair.peer.faults.fail(operation, b"b", NoSpace("No space left on device"), times=2)
    report = pair.run()
    assert codes(report) == {"no_space"}
    assert done(report) == [(b"a", "store"), (b"c", "store")]
    assert sorted(pair.destination.snapshot()) == [b"a", b"c", b"old"]
    assert any("1 removals" in note for note in report.notes)
    assert pair.run().error is None
    assert pair.destination.snapshot() == pair.source.snapshot()


@BOTH
def test_small_files_find_the_room_that_large_ones_took_for_a_while(push: bool) -> None:
    pair = SyncPair({b"large": b"1" * 100, b"small": b"2", b"tiny": b""}, {}, push=push)
    operation = "upload" if push else "download"
    pair.peer.faults.fail(operation, b"large", NoSpace("No space left on device"), times=2)
    pair.peer.faults.fail(operation, b"small", OperationFailed("Failure"), times=1)
    report = pair.run()
    assert codes(report) == {"no_space"}
    assert done(report) == [(b"small", "store"), (b"tiny", "store")]


@BOTH
def test_a_source_that_vanishes_leaves_its_destination_and_fails_nothing(push: bool) -> None:
    pair = SyncPair({b"a": b"new1", b"b": b"2"}, {b"a": b"old"}, push=push)
    operation = ("open_source", pair.source) if push else ("download", pair.source)

    def vanish(name: str, path: bytes) -> None:
        if (name, path) == (operation[0], b"a"):
            pair.source.discard(b"a")

    pair.source.faults.on_operation = vanish
    report = pair.run()
    assert codes(report) == set()
    assert done(report) == [(b"b", "store")]
    assert [skipped.path for skipped in report.plan.skipped] == [b"a"]
    assert pair.destination.snapshot()[b"a"].content == b"old"


@BOTH
def test_deleted_and_truncated_meanwhile(push: bool) -> None:
    """Twenty files that go or shrink while the run is on do no harm to the others."""
    tree = {b"f%02d" % number: b"content %02d" % number for number in range(40)}
    pair = SyncPair(tree, {}, push=push)
    pair.source.faults.change_source(lambda path: path < b"f10", times=10)
    count = 0

    def vanish(_name: str, _path: bytes) -> None:
        nonlocal count
        count += 1
        if count > 60 and pair.source.disk.find(pair.source.root + b"/f39") is not None:
            for number in range(30, 40):
                pair.source.discard(b"f%02d" % number)

    pair.source.faults.on_operation = vanish
    pair.run()
    for path, found in pair.destination.snapshot().items():
        assert found.content == tree[path], path
    pair.source.faults.on_operation = None
    assert pair.run(delete=True).error is None
    assert pair.destination.snapshot() == pair.source.snapshot()
