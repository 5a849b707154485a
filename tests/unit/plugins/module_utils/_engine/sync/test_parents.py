# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Missing directories above the destination: which are made, and which of them a run counts."""

from __future__ import annotations

import pytest
from support.scenes.sync_pair import SyncPair
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import Directory, TreeSpec

DEEP = b"/memory/new/deep/tree"
BOTH = pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])


class Moving(MemoryTransport):
    """A tree whose parents are missing; as a peer it goes to another root in its session."""

    def move_root(self, root: bytes) -> bool:
        self.root = root
        return True


def deep(push: bool, above: TreeSpec | None = None) -> SyncPair:
    side = Moving(root=b"/memory/tree")
    side.disk.fill(b"/memory", above or {})
    side.root = DEEP
    return SyncPair({b"a": b"1"}, side, push=push, create_parents=True)


def made(pair: SyncPair, **options: object) -> list[bytes]:
    report = pair.run(**options)
    assert report.error is None, report.error
    actions = report.plan.actions if options.get("check_mode") else [done.action for done in report.outcomes]
    return [bytes(action.path) for action in actions if action.action == "create_directory"]


@BOTH
def test_the_missing_parents_are_made_and_counted(push: bool) -> None:
    pair = deep(push)
    names = sorted(pair.destination.disk.snapshot(b"/memory"))
    assert made(pair, check_mode=True) == [b"../..", b"..", b""]
    assert sorted(pair.destination.disk.snapshot(b"/memory")) == names
    assert made(pair) == [b"../..", b"..", b""]
    assert pair.destination.snapshot() == pair.source.snapshot()
    assert pair.destination.disk.get(b"/memory/new/deep").mode == 0o755
    assert made(pair) == []


@BOTH
def test_the_record_of_the_tree_has_no_parents(push: bool) -> None:
    """The next run reads no content: the entries of the first are recorded, and none outside the tree."""
    pair = deep(push)
    made(pair)
    before = pair.content_moved()
    assert pair.run().stats["files_compared"] == 0
    assert pair.content_moved() == before


def test_parents_that_another_run_made_are_not_counted() -> None:
    pair = deep(True)
    disk = pair.destination.disk

    def meanwhile(operation: str, _path: bytes) -> None:
        if operation == "create_root" and disk.find(b"/memory/new") is None:
            disk.fill(b"/memory", {b"new": Directory()})

    pair.destination.faults.on_operation = meanwhile
    assert made(pair) == [b"..", b""]


def test_a_file_in_the_place_of_a_parent() -> None:
    error = deep(True, {b"new": b"a file"}).run().error
    assert error is not None
    assert (error.code, error.cure) == ("kind_conflict", "Move it away, or correct dest.")
    assert "'/memory/new' is not a directory" in error.message
