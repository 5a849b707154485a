# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One path at a server in memory: plans, refusals, waits, and lost sessions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import PermissionDenied
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import SyncRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.remote_path import (
    PathChange,
    PathLook,
    PathReport,
    change_path,
    look_at_path,
)
from support.scenes.sync_pair import SyncPair
from support.trees.memory_disk import MemoryDisk
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import Directory, File, Link, TreeSpec

HOME = b"/home/partner"


class _Session(MemoryTransport):
    """A session whose root moves, as in all protocols."""

    def move_root(self, root: bytes) -> bool:
        self.root = _place(root)
        return True


def _place(root: bytes) -> bytes:
    return HOME if root == b"." else root if root.startswith(b"/") else HOME + b"/" + root


@dataclass
class Far:
    """A server whose login directory has these entries. now: the clock; each pause runs one of `events`. lost: the
    operation at which the session ends, and whether it takes effect."""

    tree: TreeSpec
    check_mode: bool = False
    now: float = 0.0
    pauses: list[float] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)
    lost: tuple[int | None, bool] = (None, False)

    def __post_init__(self) -> None:
        self.disk = MemoryDisk()
        self.home = MemoryTransport(self.tree, disk=self.disk, root=HOME)

    def change(self, path: bytes, state: str, **options: Any) -> PathReport:
        return change_path(
            PathChange(self.request(), RelPath(path), state, **options), opener=self.open, sleep=self.wait
        )

    def look(self, path: bytes, **options: Any) -> PathReport:
        wanted = PathLook(self.request(), RelPath(path), **options)
        return look_at_path(wanted, opener=self.open, sleep=self.wait, clock=lambda: self.now)

    def request(self) -> SyncRequest:
        return SyncPair({}, {}).request(check_mode=self.check_mode)._replace(remote_root=b".")

    def open(self, request: SyncRequest) -> MemoryTransport:
        self.session = _Session(disk=self.disk, root=_place(request.remote_root))
        self.session.faults.disconnect_at, self.session.faults.effect_before_loss = self.lost
        return self.session

    def wait(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds
        if self.events:
            self.events.pop(0)()

    def names(self) -> list[bytes]:
        return sorted(self.home.snapshot())


def code(report: PathReport) -> str | None:
    return None if report.error is None else report.error.code


@pytest.mark.parametrize(
    ("path", "state", "options", "refusal"),
    [
        (b"a/b", "directory", {}, "not_found"),
        (b"file", "directory", {}, "kind_conflict"),
        (b"file/b", "directory", {"create_parents": True}, "kind_conflict"),
        (b"link", "directory", {}, "kind_conflict"),
        (b"link", "file", {}, "kind_conflict"),
        (b"missing", "file", {}, "not_found"),
        (b"missing", "file", {"source": RelPath(b"tree")}, "kind_conflict"),
        (b"tree/x", "file", {"source": RelPath(b"file")}, "already_exists"),
        (b"tree", "absent", {"max_delete": 1}, "too_many_deletions"),
        (b"locked", "absent", {"max_delete": 9}, "locked"),
    ],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_refused_changes(path: bytes, state: str, options: dict[str, Any], refusal: str, check_mode: bool) -> None:
    tree: TreeSpec = {b"file": b"1", b"link": Link(b"tree"), b"tree/x": b"2", b"tree/y": b"3"}
    far = Far({**tree, b"locked/.secure_sync.lock": b"{}"}, check_mode=check_mode)
    before = far.home.snapshot()
    report = far.change(path, state, **options)
    assert (code(report), report.changed) == (refusal, False)
    assert far.home.snapshot() == before


def test_check_mode_has_the_plan_of_the_run() -> None:
    tree: TreeSpec = {b"old/a": b"1", b"old/b/c": b"2", b"old/d": Directory(0o700)}
    foreseen, made = (Far(tree, check_mode=mode).change(b"old", "absent", max_delete=2) for mode in (True, False))
    assert (foreseen.plan, foreseen.removed, foreseen.changed) == (made.plan, made.removed, made.changed)
    assert made.removed == (2, 3)
    assert made.entry is None
    assert foreseen.entry is not None


def test_the_login_directory_and_those_above_it_stay() -> None:
    far = Far({b"file": b"1"})
    for path in (HOME, b"/home"):
        wanted = PathChange(far.request()._replace(remote_root=b"/"), RelPath(path[1:]), "absent", max_delete=9)
        report = change_path(wanted, opener=far.open, sleep=far.wait)
        assert report.error is not None
        assert (report.error.code, report.error.path) == ("refused", path)
    assert far.names() == [b"file"]


@pytest.mark.parametrize("done", [False, True], ids=["not done", "done"])
def test_a_session_that_is_lost_at_any_operation(done: bool) -> None:
    number = 0
    for number in range(100):
        far = Far({b"in/file": File(b"1", 0o600)}, lost=(number, done))
        moved = far.change(b"out/file", "file", source=RelPath(b"in/file"), create_parents=True, mode=0o640)
        if far.session.faults.operations <= number:
            break
        assert (code(moved), moved.changed) == (None, True), number
        far.lost = number, done
        removed = far.change(b"in", "absent")
        assert (code(removed), removed.changed) == (None, True), number
        assert (far.names(), far.home.node(b"out/file").mode) == ([b"out", b"out/file"], 0o640)
    assert number > 6


def test_modes_of_new_and_present_entries() -> None:
    far = Far({})
    far.change(b"a/b", "directory", create_parents=True)
    assert [far.home.node(path).mode for path in (b"a", b"a/b")] == [0o700, 0o700]
    assert far.change(b"a/b", "directory", mode=0o750).plan.modes == (b"a/b",)
    assert far.change(b"a/b", "directory", mode=0o750).changed is False
    assert far.home.node(b"a").mode == 0o700


# waiting


def test_pauses_grow() -> None:
    far = Far({}, events=[lambda: None] * 6 + [lambda: far.home.fill({b"late": b"1"})])
    report = far.look(b"late", wait_for="present")
    assert (report.waited, code(report)) == (22.5, None)
    assert far.pauses == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0]


def test_a_wait_ends_at_its_time() -> None:
    far = Far({b"stays": b"1"})
    report = far.look(b"stays", wait_for="absent", wait_timeout=8)
    assert (code(report), far.pauses, report.entry is None) == ("wait_timeout", [0.5, 1.0, 2.0, 4.0, 0.5], False)


def test_each_change_starts_the_stable_time_again() -> None:
    far = Far({b"d/a": b"1"}, events=[lambda: far.home.fill({b"d/a": b"12"}), lambda: far.home.fill({b"d/e/b": b"1"})])
    report = far.look(b"d", wait_for="stable", stable_for=3, recurse=True)
    assert (code(report), report.waited) == (None, 4.5)
    assert sorted(report.entries or ()) == [b"d/a", b"d/e", b"d/e/b"]


def test_a_directory_that_never_rests() -> None:
    far = Far({b"d/a": b"1"})
    far.events = [lambda number=number: far.home.fill({b"d/%d" % number: b"1"}) for number in range(9)]
    report = far.look(b"d", wait_for="stable", stable_for=5.5, wait_timeout=20)
    assert (code(report), report.waited) == ("wait_timeout", 20)


def test_a_listing_that_is_not_whole_is_an_error() -> None:
    far = Far({b"d/a": b"1", b"d/closed/b": b"2"})
    assert sorted(far.look(b"d").entries or ()) == [b"d/a", b"d/closed"]
    assert far.look(b"d/a").entries is None
    denied = PermissionDenied("Permission denied")
    open_one = far.open

    def open_closed(request: SyncRequest) -> MemoryTransport:
        session = open_one(request)
        session.faults.fail("scan", b"closed", denied)
        return session

    far.open = open_closed  # type: ignore[method-assign]
    for report in (far.look(b"d", recurse=True), far.change(b"d", "absent", max_delete=9)):
        assert report.error is not None
        assert (report.error.code, report.error.path, report.changed) == ("permission_denied", b"d/closed", False)
    assert far.names() == [b"d", b"d/a", b"d/closed", b"d/closed/b"]
