# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entries that a scan leaves out of a tree."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotFound, PermissionDenied
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import ROOT, RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, Entry, Tree
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.filters import Filters
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.lock import LOCK_NAME
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.progress import Progress
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.scan import (
    Scanned,
    SharedEntries,
    SideScan,
    scan_both,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.selection import SideSelection
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Page
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import TreeSpec


def scan(side: MemoryTransport, *, exclude: tuple[str, ...] = (), trash: bytes | None = None) -> Scanned:
    selection = SideSelection(Filters((), exclude), RelPath(trash) if trash else None)
    one = SideScan(side, selection, is_stage=lambda path: path.endswith(b".tmp"), read_links=False)
    scan_both(one, None, Progress())
    return one.result


class Slow(MemoryTransport):
    """Has its next page only when it was asked for it so often."""

    patience = 5

    def __init__(self, tree: TreeSpec, steps: list[str]) -> None:
        super().__init__(tree)
        self.left, self.steps = self.patience, steps

    def advance(self) -> bool:
        self.left -= 1
        if self.left:
            return False
        self.left = self.patience
        self.steps.append("slow")
        return True


def test_a_side_without_a_page_is_passed_over_while_the_other_goes_on() -> None:
    steps: list[str] = []
    quick, slow = MemoryTransport({b"d%d/f" % number: b"1" for number in range(7)}), Slow({b"a/x": b"1"}, steps)
    selection = SideSelection(Filters((), ()), None)
    one, two = (SideScan(side, selection, is_stage=lambda path: False, read_links=False) for side in (quick, slow))
    one.steps = chain(one.steps, _told(steps))
    scan_both(one, two, Progress())
    assert len(one.result.tree) == 14
    assert sorted(two.result.tree) == [b"a", b"a/x"]
    assert steps.index("then") < len(steps) - 1, "the slow side's last page came after the quick one's end"
    assert steps.count("slow") == 2


def _told(steps: list[str]) -> Iterator[None]:
    steps.append("then")
    yield


def test_ours_is_in_no_tree() -> None:
    side = MemoryTransport(
        {b"a": b"1", LOCK_NAME: b"", b"d/" + LOCK_NAME: b"", b"d/.secure_sync-x.tmp": b"", b"x.tmp": b"2"}
    )
    found = scan(side, exclude=(".*",))
    assert sorted(found.tree) == [b"a", b"d", b"x.tmp"]
    assert sorted(found.locks) == [LOCK_NAME, b"d/" + LOCK_NAME]
    assert list(found.stages) == [b"d/.secure_sync-x.tmp"]
    assert found.holding == {b"", b"d"}
    assert found.complete


def test_what_is_held_back_is_not_entered() -> None:
    side = MemoryTransport({b"a/skip/x": b"1", b"t/rash/y": b"2", b"t/z": b"3"})
    found = scan(side, exclude=("skip/",), trash=b"t/rash")
    assert sorted(found.tree) == [b"a", b"t", b"t/z"]
    assert found.holding == {b"a", b"t"}
    assert sorted(side.faults.asked("scan")) == [b"", b"a", b"t"]


def test_problems_and_directories_that_vanish() -> None:
    side = MemoryTransport({b"a/x": b"1", b"b/y": b"2", b"c/z": b"3"})
    side.faults.fail("scan", b"a", PermissionDenied("no"))
    side.faults.fail("scan", b"b", NotFound("gone"))
    side.look = lambda paths: iter([(path, None, None) for path in paths])  # type: ignore[method-assign]
    found = scan(side)
    assert sorted(found.tree) == [b"a", b"c", b"c/z"]
    assert [problem.path for problem in found.problems] == [b"a"]
    assert found.vanished == {b"b"}
    assert found.unlisted == {b"a"}
    assert not found.complete
    side = MemoryTransport({b"a": b"1"})
    side.faults.fail("scan", b"", NotFound("gone"))
    assert not scan(side).complete, "a root that vanishes is no directory that went away"


def test_a_directory_that_exists_has_not_vanished() -> None:
    side = MemoryTransport({b"a/x": b"1", b"b/y": b"2"})
    side.faults.fail("scan", b"b", NotFound("gone"))
    found = scan(side)
    assert [problem.path for problem in found.problems] == [b"b"]
    assert (found.vanished, found.unlisted) == (set(), {b"b"})


def test_a_directory_that_may_have_vanished_is_a_problem() -> None:
    side = MemoryTransport({b"a/x": b"1", b"b/y": b"2"})
    side.faults.fail("scan", b"b", NotFound("gone"))
    side.faults.fail("look", b"b", PermissionDenied("no"))
    found = scan(side)
    assert [(problem.path, problem.code) for problem in found.problems] == [(b"b", "permission_denied")]
    assert found.vanished == set()


def test_a_directory_that_is_listed_in_part_is_unlisted() -> None:
    """So is a directory with an entry that could not be taken in: others may be lacking, too."""
    side = MemoryTransport({b"a/x": b"1", b"b/y": b"2", b"b/z": b"3"})
    side.faults.cut_listing(b"b", 1, PermissionDenied("no").at(RelPath(b"b/z")))
    found = scan(side)
    assert b"b/y" in found.tree
    assert [problem.path for problem in found.problems] == [b"b/z"]
    assert found.unlisted == {b"b"}


def file_of(size: int) -> Entry:
    return Entry(FILE, size, 5, 0o644)


def page(directory: bytes, sizes: dict[bytes, int]) -> Page:
    return Page(RelPath(directory), [(RelPath(path), file_of(size)) for path, size in sizes.items()])


def test_equal_entries_are_the_entries_of_the_other_side() -> None:
    first = dict(page(b"", {b"a": 1, b"b": 2}).entries)
    listed: dict = {ROOT: list(first)}
    shared = SharedEntries()
    found = dict(shared.of(page(b"", {b"a": 1, b"b": 3, b"c": 4}), listed, first))
    assert found == {b"a": file_of(1), b"b": file_of(3), b"c": file_of(4)}
    assert found[RelPath(b"a")] is first[RelPath(b"a")]
    keys = {path: path for path in found}
    assert all(keys[path] is path for path in first)
    assert listed == {}
    assert shared.found


def test_a_long_directory_comes_in_pages() -> None:
    tree: Tree = {}
    listed: dict = {}
    shared = SharedEntries()
    for part in ({b"a": 1}, {b"b": 2}):
        tree.update(page(b"", part).entries)
        listed[ROOT] = [path for path in tree if path in part]
        found = dict(shared.of(page(b"", part), listed, tree))
        assert all(found[path] is tree[path] for path in found)
    again = dict(shared.of(page(b"", {b"a": 1}), listed, tree))
    assert again[RelPath(b"a")] is tree[RelPath(b"a")], "of an earlier page"
    assert not SharedEntries().of(page(b"d", {}), listed, tree)
    shared.of(page(b"d", {b"d/x": 1}), listed, tree)
    assert not shared.found


@pytest.mark.parametrize("files", [{}, {b"a": b"1"}, {b"a": b"1", b"d/b": b"2", b"d/e/c": b"3"}])
def test_both_sides_hold_one_object_for_equal_entries(files: dict) -> None:
    sides = [MemoryTransport(files) for _side in range(2)]
    selection = SideSelection(Filters((), ()), None)
    scans = [SideScan(side, selection, is_stage=lambda path: False, read_links=False) for side in sides]
    scan_both(scans[0], scans[1], Progress())
    one, other = (each.result for each in scans)
    assert one.tree == other.tree
    assert len(one.tree) >= len(files)
    keys = {id(path) for path in one.tree}
    assert all(id(path) in keys for path in other.tree)
    assert all(other.tree[path] is found for path, found in one.tree.items())
    assert one.listed_alone == other.listed_alone == Scanned().listed_alone == {}
