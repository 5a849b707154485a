# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order in which a plan is executed, and the state after a failure."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    Locked,
    NotSupported,
    OperationFailed,
    PermissionDenied,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import DeleteLimit
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import Tree
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.planner import (
    PlanPolicy,
    make_plan,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.executor import (
    IN_THE_WAY,
    WITHHELD,
    Executor,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.groups import grouped
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.link_moves import LinkMoves
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.outcomes import Outcomes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.peer_hash import PeerHash
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.progress import Progress
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.proof import Prover
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.removal import Removal
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.sides import Sides
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.stage_names import StageNames
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.store import Store, StoreParts
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import MTIME, SECOND, Directory, File, Link, TreeSpec

MIRROR = PlanPolicy(compare="size_mtime", delete=True, max_delete=DeleteLimit(100, True), links="copy")
LATER = MTIME + SECOND


def tree_of(side: MemoryTransport) -> Tree:
    return {path: entry for page in side.scan(read_links=True) for path, entry in page.entries}


class Scene:
    def __init__(self, source: TreeSpec, destination: TreeSpec) -> None:
        self.source, self.side = MemoryTransport(source), MemoryTransport(destination)
        self.outcomes = Outcomes()
        self.asked: list[tuple[str, bytes]] = []

    def run(self, *, durable: bool = False, still_ours: object = lambda: None) -> Scene:
        before = tree_of(self.side)
        planned = make_plan(tree_of(self.source), before, MIRROR, capabilities=self.side.capabilities)
        start = len(self.side.faults.log)
        sides, names, groups = (
            Sides(True, self.source, self.side, Progress()),
            StageNames(b"/", "0" * 16),
            grouped(planned),
        )
        moves = LinkMoves(sides, names, self.outcomes)
        removal = Removal(self.side, None, self.outcomes, moves)
        prover = Prover(sides, PeerHash(self.side, "auto"), "auto")
        store = Store(StoreParts(sides, names, prover, removal, self.outcomes, groups.replaced, moves))
        executor = Executor(sides, before, self.outcomes, still_ours=still_ours, durable=durable)
        try:
            executor.run(planned, groups, store, removal)
        finally:
            self.asked = self.side.faults.log[start:]
        return self

    def first(self, operation: str, path: bytes) -> int:
        return self.asked.index((operation, path))

    def last(self, operation: str, path: bytes) -> int:
        return len(self.asked) - 1 - self.asked[::-1].index((operation, path))

    @property
    def equal(self) -> bool:
        return self.side.snapshot() == self.source.snapshot()


def test_the_one_safe_order() -> None:
    scene = Scene(
        {b"d/e/f": b"new", b"l": Link(b"d"), b"m": File(b"m", 0o600), b"k": Directory(), b"k/x": b"x"},
        {b"m": b"m", b"k": b"a file", b"z/y": b"extra", b"z": Directory()},
    ).run()
    assert scene.equal
    order = [
        scene.first("remove_files", b"k"),
        scene.first("make_directories", b"d"),
        scene.first("make_directories", b"d/e"),
        scene.first("rename", b"d/e/f"),
        scene.first("rename", b"l"),
        scene.first("set_attributes", b"m"),
        scene.first("remove_files", b"z/y"),
        scene.first("remove_directories", b"z"),
        scene.last("set_attributes", b"d/e"),
        scene.last("set_attributes", b"d"),
    ]
    assert order == sorted(order)


def test_a_read_only_directory_is_opened_and_given_back() -> None:
    scene = Scene(
        {b"d": Directory(0o555, LATER), b"d/f": b"new", b"e": Directory(0o500), b"e/g": b"1"},
        {b"d": Directory(0o555), b"e": Directory(0o500), b"e/g": b"1"},
    ).run()
    assert scene.equal
    assert scene.first("set_attributes", b"d") < scene.first("upload", b"d/f") < scene.last("set_attributes", b"d")
    assert ("set_attributes", b"e") not in scene.asked, "nothing changes in it"


def test_a_directory_is_given_back_also_where_what_is_in_it_failed() -> None:
    scene = Scene({b"d": Directory(0o555), b"d/f": b"new"}, {b"d": Directory(0o555)})
    scene.side.faults.fail("upload", b"d/f", OperationFailed("no"))
    scene.run()
    assert not scene.outcomes.clean
    assert scene.side.snapshot()[b"d"].mode == 0o555


def test_after_a_failure_nothing_is_removed_and_no_directory_gives_way() -> None:
    scene = Scene({b"a": b"new", b"k": b"file"}, {b"k": Directory(), b"k/x": b"1", b"z": b"extra"})
    scene.side.faults.fail("upload", b"a", PermissionDenied("no"))
    scene.run()
    assert set(scene.side.snapshot()) == {b"k", b"k/x", b"z"}
    assert scene.outcomes.by_item[RelPath(b"k"), "store"].error.message == WITHHELD
    assert any("removals were postponed" in note for note in scene.outcomes.notes)


def test_what_belongs_in_a_directory_that_is_not_made_is_not_tried() -> None:
    scene = Scene({b"d/f": b"1", b"g": b"2"}, {})
    scene.side.faults.fail("make_directories", b"d", PermissionDenied("no"))
    scene.run()
    assert set(scene.side.snapshot()) == {b"g"}
    assert scene.side.faults.asked("upload") == [b"g"]


def test_a_directory_below_one_that_is_not_made_fails_with_it() -> None:
    scene = Scene({b"d/e/f": b"1"}, {})
    scene.side.faults.fail("make_directories", b"d", PermissionDenied("no"))
    scene.run()
    below = [scene.outcomes.by_item[RelPath(path), "create_directory"].error for path in (b"d", b"d/e")]
    assert [error.message for error in below] == ["no", "its directory could not be made"]


def test_a_directory_whose_name_is_not_free_is_not_tried() -> None:
    scene = Scene({b"k/x": b"x", b"g": b"2"}, {b"k": b"a file"})
    scene.side.faults.fail("remove_files", b"k", PermissionDenied("no"))
    scene.run()
    assert scene.side.faults.asked("make_directories") == []
    assert scene.outcomes.by_item[RelPath(b"k"), "create_directory"].error.message == IN_THE_WAY
    assert set(scene.side.snapshot()) == {b"k", b"g"}


@pytest.mark.parametrize("calls", [0, 1, 2])
def test_a_run_that_lost_its_lock_does_nothing_more(calls: int) -> None:
    scene = Scene({b"a": b"new"}, {b"z": b"extra"})
    left = [calls]

    def still_ours() -> None:
        if not left[0]:
            raise Locked("taken over")
        left[0] -= 1

    with pytest.raises(Locked):
        scene.run(still_ours=still_ours)
    assert set(scene.side.snapshot()) == {b"z"} | ({b"a"} if calls == 2 else set())


def test_directories_are_made_durable_or_it_is_told() -> None:
    scene = Scene({b"d/f": b"1"}, {b"same": Directory()}).run(durable=True)
    assert sorted(scene.side.faults.asked("sync_directories")) == [b"", b"d"]
    scene = Scene({b"d/f": b"1"}, {})
    scene.side.faults.fail("sync_directories", None, NotSupported("no"))
    scene.run(durable=True)
    assert scene.outcomes.clean
    assert any("durable" in note for note in scene.outcomes.notes)
