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
    SyncError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.claim import Claim
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.execution import (
    IN_THE_WAY,
    WITHHELD,
    Execution,
)
from support.scenes.sync_pair import SyncPair, done
from support.trees.tree_spec import MTIME, SECOND, Directory, File, Link, TreeSpec

LATER = MTIME + SECOND


class Scene:
    """A push that makes the destination equal to the source, without a lock."""

    def __init__(self, source: TreeSpec, destination: TreeSpec) -> None:
        self.pair = SyncPair(source, destination, compare="size_mtime", delete=True, links="copy", lock=False)
        self.source, self.side = self.pair.source, self.pair.destination
        self.asked: list[tuple[str, bytes]] = []

    def run(self, *, durable: bool = False) -> Scene:
        start = len(self.side.faults.log)
        self.report = self.pair.run(durable=durable)
        self.asked = self.side.faults.log[start:]
        return self

    def error(self, path: bytes, action: str) -> SyncError | None:
        return next(one.error for one in self.report.outcomes if (one.action.path, one.action.action) == (path, action))

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
    assert scene.error(b"d/f", "store") is not None
    assert scene.side.snapshot()[b"d"].mode == 0o555


def test_after_a_failure_nothing_is_removed_and_no_directory_gives_way() -> None:
    scene = Scene({b"a": b"new", b"k": b"file"}, {b"k": Directory(), b"k/x": b"1", b"z": b"extra"})
    scene.side.faults.fail("upload", b"a", PermissionDenied("no"))
    scene.run()
    assert set(scene.side.snapshot()) == {b"k", b"k/x", b"z"}
    assert scene.error(b"k", "store").message == WITHHELD
    assert any("removals postponed to the next run" in note for note in scene.report.notes)


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
    below = [scene.error(path, "create_directory") for path in (b"d", b"d/e")]
    assert [error.message for error in below] == ["no", "its directory could not be made"]


def test_a_directory_whose_name_is_not_free_is_not_tried() -> None:
    scene = Scene({b"k/x": b"x", b"g": b"2"}, {b"k": b"a file"})
    scene.side.faults.fail("remove_files", b"k", PermissionDenied("no"))
    scene.run()
    assert scene.side.faults.asked("make_directories") == []
    assert scene.error(b"k", "create_directory").message == IN_THE_WAY
    assert set(scene.side.snapshot()) == {b"k", b"g"}


@pytest.mark.parametrize("calls", [1, 2, 3])
def test_a_run_that_lost_its_lock_does_nothing_more(calls: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first question is asked before leftovers are removed."""
    scene = Scene({b"a": b"new"}, {b"z": b"extra"})
    left = [calls]

    def still_ours(claim: Claim) -> None:
        if not left[0]:
            raise Locked("taken over")
        left[0] -= 1

    monkeypatch.setattr(Claim, "still_ours", still_ours)
    assert isinstance(scene.run().report.error, Locked)
    assert set(scene.side.snapshot()) == {b"z"} | ({b"a"} if calls == 3 else set())


def test_directories_are_made_durable_or_it_is_told() -> None:
    scene = Scene({b"d/f": b"1"}, {b"same": Directory()}).run(durable=True)
    assert sorted(scene.side.faults.asked("sync_directories")) == [b"", b"d"]
    scene = Scene({b"d/f": b"1"}, {})
    scene.side.faults.fail("sync_directories", None, NotSupported("no"))
    scene.run(durable=True)
    assert scene.report.error is None
    assert not scene.report.problems
    assert any("durable" in note for note in scene.report.notes)


@pytest.fixture
def executions(monkeypatch: pytest.MonkeyPatch) -> list[Execution]:
    """All that are put together in a test."""
    made: list[Execution] = []
    run = Execution.run

    def noted(execution: Execution, *args: object, **options: object) -> None:
        made.append(execution)
        run(execution, *args, **options)

    monkeypatch.setattr(Execution, "run", noted)
    return made


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_files_removals_and_the_trash(executions: list[Execution], push: bool) -> None:
    pair = SyncPair({b"new": b"1"}, {b"old": b"2"}, push=push)
    report = pair.run(delete=True, trash=b".trash")
    assert done(report) == [(b"new", "store"), (b"old", "remove")]
    assert pair.destination.snapshot()[b".trash/old"].content == b"2"
    assert len(executions) == 1


def test_nothing_is_put_together_for_a_run_without_work(executions: list[Execution]) -> None:
    pair = SyncPair({b"a": b"1"}, {})
    pair.run()
    executions.clear()
    assert done(pair.run()) == []
    assert executions == []
