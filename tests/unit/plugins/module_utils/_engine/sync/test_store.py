# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches of files: one file that fails, vanishes or finds no space leaves the others as they should be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    NoSpace,
    OperationFailed,
    PermissionDenied,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Done, Rename
from support.scenes.sync_pair import SyncPair, codes, done
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import Directory, File, Link

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
    assert any(note.endswith("failures: 1") for note in report.notes)
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


DENIED = PermissionDenied("Permission denied")
LINKS = {b"new": Link(b"f"), b"was_file": Link(b"f"), b"was_link": Link(b"f"), b"f": b"x"}
BEFORE = {b"was_file": b"old", b"was_link": Link(b"g"), b"f": b"x"}


@BOTH
def test_a_link_that_cannot_be_made_leaves_its_place_as_it_was(push: bool) -> None:
    pair = SyncPair(LINKS, BEFORE, push=push, links="copy")
    pair.destination.faults.fail("make_links", None, DENIED)
    assert codes(pair.run()) == {"permission_denied"}
    assert {path: pair.destination.snapshot().get(path) for path in LINKS} == {
        path: SyncPair(BEFORE, {}).source.snapshot().get(path) for path in LINKS
    }
    pair.destination.faults.forget()
    assert pair.run().error is None
    assert pair.destination.snapshot() == pair.source.snapshot()


@BOTH
def test_a_stage_that_cannot_get_its_name_is_removed(push: bool) -> None:
    pair = SyncPair({b"a": b"new", b"b": b"2", b"l": Link(b"a")}, {b"a": b"old"}, push=push, delete=True, links="copy")
    pair.destination.faults.fail("rename", lambda path: path in (b"a", b"l"), DENIED)
    report = pair.run()
    assert codes(report) == {"permission_denied"}
    assert done(report) == [(b"b", "store")]
    assert sorted(pair.destination.snapshot()) == [b"a", b"b"]
    assert pair.destination.snapshot()[b"a"].content == b"old"


@BOTH
def test_a_mode_that_hides_content_is_set_after_the_proof(push: bool) -> None:
    tree = {b"hidden": File(b"1", 0o200), b"plain": File(b"2", 0o644)}
    pair = SyncPair(tree, {}, push=push)
    pair.destination.faults.fail("set_attributes", lambda path: b"plain" not in path, DENIED)
    report = pair.run()
    assert report.error is None
    assert any("hidden" in note for note in report.notes), report.notes
    assert sorted(pair.destination.snapshot()) == [b"hidden", b"plain"]
    assert pair.destination.snapshot()[b"hidden"].mode != 0o200
    pair.destination.faults.forget()
    assert pair.run().error is None
    assert pair.destination.snapshot()[b"hidden"].mode == 0o200


class Following(MemoryTransport):
    """A rename of a link moves its target, as at ProFTPD."""

    def rename(self, moves: Sequence[Rename]) -> Iterator[Done]:
        links = {path: each.target for page in self.scan(read_links=True) for path, each in page.entries if each.target}
        return super().rename([each._replace(stage=RelPath(links.get(each.stage, each.stage))) for each in moves])


def test_where_renames_follow_links_a_link_is_made_under_its_name() -> None:
    pair = SyncPair(
        {**LINKS, b"d": Link(b"f")},
        Following({**BEFORE, b"d": Directory(), b"d/deep": b"1"}),
        delete=True,
        links="copy",
    )
    assert pair.run().error is None
    assert pair.destination.snapshot() == pair.source.snapshot()
    again = SyncPair(LINKS, Following(BEFORE), links="copy")
    again.destination.faults.fail("make_links", lambda path: b"was_" not in path and path != b"new", DENIED)
    again.run()
    assert again.destination.snapshot()[b"was_file"].content == b"old"
    assert again.destination.snapshot()[b"was_link"].target == b"g"


def test_where_renames_follow_links_an_entry_that_stays_is_an_error() -> None:
    pair = SyncPair(LINKS, Following(BEFORE), links="copy")
    pair.destination.faults.fail("remove_files", b"was_file", DENIED)
    report = pair.run()
    assert codes(report) == {"permission_denied"}
    assert pair.destination.snapshot()[b"was_file"].content == b"old"
    assert sorted(done(report)) == [(b"new", "link"), (b"was_link", "link")]


@BOTH
def test_a_directory_in_the_way_that_stays_is_an_error(push: bool) -> None:
    pair = SyncPair({b"a": b"1", b"b": b"2"}, {b"a/deep": b"x"}, push=push, delete=True)
    pair.destination.faults.fail("remove_directories", b"a", DENIED)
    report = pair.run()
    assert "permission_denied" in codes(report)
    assert done(report) == [(b"a/deep", "remove"), (b"b", "store")]
    assert not [path for path in pair.destination.snapshot() if b".tmp" in path]
