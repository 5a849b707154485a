# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that move files: nothing is sent twice, and no file leaves the source that was not delivered and proven."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import PermissionDenied
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import SyncReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    ARCHIVE,
    CHECKSUM,
    COMPARES,
    DELETE,
    RECORDED,
    SIZE_MTIME,
    DropBoxRequest,
    FileLimits,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync import sealed_listing
from support.scenes.sealed_pair import SealedPair, age_key
from support.scenes.sync_pair import SyncPair, codes, done
from support.trees.tree_spec import MTIME, SECOND, File, Link, normal

ONCE = DropBoxRequest(deliver_once=True)
DELETING = DropBoxRequest(after_transfer=DELETE)
ARCHIVING = DropBoxRequest(after_transfer=ARCHIVE, archive=b".sent")
SIDES = pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
LEAVING = pytest.mark.parametrize("drop_box", [DELETING, ARCHIVING], ids=["delete", "archive"])


def contents(tree: dict[bytes, Any]) -> dict[bytes, bytes]:
    return {path: entry.content for path, entry in tree.items() if isinstance(entry, File)}


def stored(report: SyncReport) -> list[bytes]:
    return [path for path, action in done(report) if action == "store"]


class TestDeliverOnce:
    @SIDES
    @pytest.mark.parametrize("compare", COMPARES)
    def test_a_delivered_file_is_not_sent_again_though_the_partner_took_it(self, push: bool, compare: str) -> None:
        pair = SyncPair({b"a": b"1", b"d/b": b"2"}, {}, push=push, compare=compare, drop_box=ONCE)
        assert stored(pair.run()) == [b"a", b"d/b"]
        pair.destination.discard(b"d")
        pair.destination.discard(b"a")
        report = pair.run()
        assert done(report) == []
        assert report.stats["files_delivered_before"] == 2
        assert pair.destination.snapshot() == {}

    @SIDES
    def test_a_file_that_the_partner_changed_stays_as_it_is(self, push: bool) -> None:
        pair = SyncPair({b"a": b"1"}, {}, push=push, drop_box=ONCE)
        pair.run()
        pair.destination.fill({b"a": b"taken"})
        assert done(pair.run()) == []
        assert contents(pair.destination.snapshot()) == {b"a": b"taken"}

    @SIDES
    @pytest.mark.parametrize("compare", [RECORDED, CHECKSUM])
    def test_new_content_is_sent_and_a_new_time_alone_is_not(self, push: bool, compare: str) -> None:
        pair = SyncPair({b"a": b"1", b"b": b"2"}, {}, push=push, compare=compare, drop_box=ONCE)
        pair.run()
        pair.destination.discard(b"a")
        pair.destination.discard(b"b")
        pair.source.node(b"a").mtime += 10**10
        pair.source.node(b"b").content[:] = b"3"
        pair.source.node(b"b").mtime += 10**10
        assert stored(pair.run()) == [b"b"]
        assert contents(pair.destination.snapshot()) == {b"b": b"3"}

    def test_a_server_that_changes_its_answer_about_dest_gets_a_file_once(self) -> None:
        """A single file is first delivered into the directory dest, and then dest is missing: it would be the file."""
        pair = SyncPair({b"a": b"1"}, {}, drop_box=ONCE, local_root=b"/memory/tree/a")
        assert stored(pair.run()) == [b"a"]
        del pair.peer.disk.get(b"/memory").children[b"tree"]
        assert done(pair.run()) == []

    def test_content_that_changed_without_a_new_time_is_found_by_checksum(self) -> None:
        pair = SyncPair({b"a": b"1"}, {}, compare=CHECKSUM, drop_box=ONCE)
        pair.run()
        pair.source.node(b"a").content[:] = b"2"
        assert stored(pair.run()) == [b"a"]

    def test_a_file_that_was_removed_and_made_again_is_sent(self) -> None:
        pair = SyncPair({b"a": b"1"}, {}, drop_box=ONCE)
        pair.run()
        pair.source.discard(b"a")
        pair.run()
        pair.destination.discard(b"a")
        pair.source.fill({b"a": b"1"})
        assert stored(pair.run()) == [b"a"]

    def test_other_filters_do_not_send_a_file_again(self) -> None:
        pair = SyncPair({b"a": b"1"}, {}, drop_box=ONCE)
        pair.run()
        pair.destination.discard(b"a")
        assert done(pair.run(exclude=("a",))) == []
        assert done(pair.run(exclude=("b",))) == []

    def test_a_file_outside_the_limits_is_not_looked_at_again(self) -> None:
        pair = SyncPair({b"a": b"1", b"b": b"22"}, {}, drop_box=ONCE)
        pair.run()
        pair.source.faults.log.clear()
        pair.run(limits=FileLimits(max_size=1))
        assert b"b" not in pair.source.faults.asked("look")
        pair.destination.discard(b"b")
        assert done(pair.run()) == []

    def test_a_file_that_both_have_counts_as_delivered(self) -> None:
        pair = SyncPair({b"a": b"1"}, {b"a": b"1"}, drop_box=ONCE)
        assert done(pair.run()) == []
        pair.destination.discard(b"a")
        assert done(pair.run()) == []

    def test_an_interrupted_run_remembers_the_files_that_it_delivered(self) -> None:
        pair = SyncPair({b"a": b"1", b"b": b"2"}, {}, drop_box=ONCE)

        def interrupt(operation: str, path: bytes) -> None:
            if (operation, path) == ("rename", b"b"):
                raise KeyboardInterrupt

        pair.peer.faults.on_operation = interrupt
        assert pair.run().error.code == "interrupted"
        pair.peer.faults.on_operation = None
        pair.destination.discard(b"a")
        assert stored(pair.run()) == [b"b"]

    def test_two_runs_at_once_on_one_host_are_refused(self) -> None:
        pair = SyncPair({b"a": b"1"}, {}, drop_box=ONCE, lock=False)
        inner: list[SyncReport] = []

        def second(operation: str, _path: bytes) -> None:
            if operation == "upload":
                pair.peer.faults.on_operation = None
                inner.append(pair.run())

        pair.peer.faults.on_operation = second
        assert pair.run().error is None
        assert inner[0].error.code == "locked"

    def test_check_mode_records_nothing(self) -> None:
        pair = SyncPair({b"a": b"1"}, {}, drop_box=ONCE)
        assert [action.path for action in pair.run(check_mode=True).plan.actions] == [b"a"]
        assert stored(pair.run()) == [b"a"]
        assert pair.run(check_mode=True).plan.actions == ()
        pair.source.discard(b"a")
        assert pair.run(check_mode=True).error is None
        pair.source.fill({b"a": b"1"})
        assert pair.run(check_mode=True).plan.actions == ()

    @pytest.mark.parametrize("compare", COMPARES)
    def test_other_recipients_send_no_file_again(self, compare: str) -> None:
        scene = SealedPair({b"a": b"1", b"b": b"2"}, compare=compare, drop_box=ONCE)
        scene.push()
        scene.pair.peer.discard(b"a.age")
        scene.keys.append(age_key())
        report = scene.push()
        assert done(report) == []
        assert sealed_listing.KEPT % 1 in report.notes
        scene.pair.source.fill({b"a": File(b"3", mtime=MTIME + SECOND)})
        assert stored(scene.push()) == [b"a.age"]

    def test_no_encrypted_file_is_sent_again_because_its_pair_is_lost(self) -> None:
        scene = SealedPair({b"a": b"1", b"b": b"2"}, drop_box=ONCE)
        scene.push()
        scene.push(exclude=("a",))
        scene.pair.peer.discard(b"a.age")
        assert done(scene.push()) == []

    def test_an_encrypted_file_that_both_have_counts_as_delivered(self) -> None:
        scene = SealedPair({b"a": b"1"})
        scene.push()
        assert done(scene.push(drop_box=ONCE)) == []
        scene.pair.peer.discard(b"a.age")
        assert done(scene.push(drop_box=ONCE)) == []

    @pytest.mark.parametrize("drop_box", [ONCE, DELETING], ids=["once", "delete"])
    def test_a_partner_may_take_a_file_as_soon_as_it_has_its_name(self, drop_box: DropBoxRequest) -> None:
        pair = SyncPair({b"a": b"1", b"d/b": b"2"}, {}, drop_box=drop_box)

        def take(_operation: str, _path: bytes) -> None:
            for path in {b"a", b"d/b"} & pair.peer.snapshot().keys():
                pair.peer.discard(path)

        pair.peer.faults.on_operation = take
        report = pair.run()
        assert codes(report) == set()
        assert stored(report) == [b"a", b"d/b"]
        assert stored(pair.run()) == []

    def test_an_empty_directory_is_not_made(self) -> None:
        pair = SyncPair({b"a": b"1", **normal({b"e/f/x": b""})}, {}, drop_box=ONCE)
        pair.source.discard(b"e/f/x")
        pair.run()
        assert list(pair.destination.snapshot()) == [b"a"]

    @pytest.mark.parametrize("drop_box", [ONCE, DropBoxRequest(in_place=True, deliver_once=True)], ids=["", "in place"])
    @pytest.mark.parametrize("closed", [b"", b"d"], ids=["the root", "a directory"])
    def test_a_partner_may_refuse_to_list(self, closed: bytes, drop_box: DropBoxRequest) -> None:
        """The files are delivered, and the run fails for the listing."""
        pair = SyncPair({b"a": b"1", b"d/b": b"2"}, {b"d/c": b"3"}, push=True, drop_box=drop_box)
        pair.destination.faults.fail("scan", closed, PermissionDenied("no"))
        report = pair.run()
        assert codes(report) == {"permission_denied"}
        assert stored(report) == [b"a", b"d/b"]
        assert stored(pair.run()) == []


class TestAfterTransfer:
    def test_a_file_that_cannot_be_looked_at_before_it_leaves_is_a_failure(self) -> None:
        pair = SyncPair({b"a": b"1", b"b": b"2"}, {}, drop_box=DELETING)
        pair.source.faults.fail("look", b"a", PermissionDenied("no"))
        report = pair.run()
        assert codes(report) == {"permission_denied"}
        assert contents(pair.source.snapshot()) == {b"a": b"1"}

    @LEAVING
    def test_a_file_stays_if_the_directory_for_it_here_is_not_listed(self, drop_box: DropBoxRequest) -> None:
        pair = SyncPair({b"a": b"1", b"d/b": b"2"}, {b"d/b": b"mine"}, push=False, drop_box=drop_box)
        pair.destination.faults.fail("scan", b"d", PermissionDenied("no"))
        report = pair.run()
        assert codes(report) == {"permission_denied"}
        assert stored(report) == [b"a"]
        assert contents(pair.destination.snapshot()) == {b"a": b"1", b"d/b": b"mine"}
        assert b"d/b" in pair.source.snapshot()
        assert b"a" not in pair.source.snapshot()

    @SIDES
    def test_a_delivered_file_is_deleted_at_the_source(self, push: bool) -> None:
        pair = SyncPair({b"a": b"1", b"d/b": b"2"}, {}, push=push, drop_box=DELETING)
        report = pair.run()
        assert contents(pair.source.snapshot()) == {}
        assert contents(pair.destination.snapshot()) == {b"a": b"1", b"d/b": b"2"}
        assert done(report)[-2:] == [(b"a", "delete_source"), (b"d/b", "delete_source")]
        assert done(pair.run()) == []

    @SIDES
    @pytest.mark.parametrize("other", [File(b"x"), Link(b"/tmp")], ids=["file", "link"])
    def test_an_archive_that_is_no_directory_ends_the_run_before_any_file_is_sent(self, push: bool, other: Any) -> None:
        pair = SyncPair({b"a": b"1", b".sent": other}, {}, push=push, drop_box=ARCHIVING)
        report = pair.run()
        assert (report.error.code, report.error.path) == ("kind_conflict", b".sent")
        assert pair.destination.snapshot() == {}

    @SIDES
    def test_a_delivered_file_moves_into_the_archive_and_replaces_nothing(self, push: bool) -> None:
        pair = SyncPair({b"a": b"1", b".sent/a": b"0"}, {}, push=push, drop_box=ARCHIVING)
        pair.run()
        assert contents(pair.source.snapshot()) == {b".sent/a": b"0", b".sent/a.1": b"1"}
        assert contents(pair.destination.snapshot()) == {b"a": b"1"}
        assert done(pair.run()) == []

    @LEAVING
    def test_a_file_of_the_same_name_and_content_is_sent_again(self, drop_box: DropBoxRequest) -> None:
        pair = SyncPair({b"a": b"1"}, {}, drop_box=drop_box)
        pair.run()
        pair.destination.discard(b"a")
        pair.source.fill({b"a": b"1"})
        assert stored(pair.run()) == [b"a"]

    @SIDES
    @LEAVING
    def test_a_file_that_was_not_delivered_stays(self, push: bool, drop_box: DropBoxRequest) -> None:
        pair = SyncPair({b"a": b"1", b"b": b"2"}, {}, push=push, drop_box=drop_box)
        pair.destination.faults.fail("rename", b"a", PermissionDenied("no"))
        assert codes(pair.run()) == {"permission_denied"}
        assert b"a" in pair.source.snapshot()
        assert b"b" not in pair.source.snapshot()

    @LEAVING
    def test_a_file_that_differs_at_the_destination_stays(self, drop_box: DropBoxRequest) -> None:
        pair = SyncPair({b"a": b"1"}, {}, drop_box=drop_box)
        pair.peer.faults.flip(b"a")
        assert codes(pair.run()) == {"proof_failed"}
        assert contents(pair.source.snapshot()) == {b"a": b"1"}

    @SIDES
    @LEAVING
    def test_a_file_that_changed_after_the_listing_stays(self, push: bool, drop_box: DropBoxRequest) -> None:
        pair = SyncPair({b"a": b"1"}, {}, push=push, drop_box=drop_box)

        def change(operation: str, path: bytes) -> None:
            if operation == "rename":
                pair.source.node(b"a").mtime += 10**9

        pair.destination.faults.on_operation = change
        report = pair.run()
        assert report.error is None
        assert [skipped.reason.split(":")[0] for skipped in report.plan.skipped] == [
            "it was delivered, and changed since"
        ]
        pair.destination.faults.on_operation = None
        assert b"a" in pair.source.snapshot()
        assert done(pair.run())[-1][1] in ("delete_source", "archive_source")
        assert b"a" not in pair.source.snapshot()

    @LEAVING
    def test_a_file_that_changed_just_before_stays_until_the_next_run(self, drop_box: DropBoxRequest) -> None:
        young = {b"a": File(b"1", mtime=time.time_ns() + 10**9)}
        pair = SyncPair(young, {}, drop_box=drop_box)
        report = pair.run()
        assert stored(report) == [b"a"]
        assert len(report.plan.skipped) == 1
        assert b"a" in pair.source.snapshot()
        pair.destination.discard(b"a")
        pair.source.node(b"a").mtime -= 10**12
        assert done(pair.run()) == [(b"a", _verb(drop_box))]

    @SIDES
    @LEAVING
    def test_the_next_run_finishes_after_an_interruption(self, push: bool, drop_box: DropBoxRequest) -> None:
        pair = SyncPair({b"a": b"1"}, {}, push=push, drop_box=drop_box)

        def interrupt(operation: str, path: bytes) -> None:
            if operation in ("remove_files", "keep_in") and path == b"a":
                pair.source.faults.on_operation = None
                raise KeyboardInterrupt

        pair.source.faults.on_operation = interrupt
        assert pair.run().error.code == "interrupted"
        assert b"a" in pair.source.snapshot()
        pair.destination.discard(b"a")
        assert done(pair.run()) == [(b"a", _verb(drop_box))]
        assert b"a" not in pair.source.snapshot()
        assert contents(pair.destination.snapshot()) == {}

    @SIDES
    @LEAVING
    def test_a_file_that_both_have_leaves_the_source(self, push: bool, drop_box: DropBoxRequest) -> None:
        pair = SyncPair({b"a": b"1"}, {b"a": b"1"}, push=push, drop_box=drop_box)
        assert done(pair.run()) == [(b"a", _verb(drop_box))]

    @LEAVING
    def test_size_and_time_alone_prove_nothing(self, drop_box: DropBoxRequest) -> None:
        pair = SyncPair({b"a": b"1"}, {b"a": b"2"}, drop_box=drop_box, compare=SIZE_MTIME)
        assert done(pair.run()) == []
        assert contents(pair.source.snapshot()) == {b"a": b"1"}

    @LEAVING
    def test_a_content_that_was_not_delivered_never_leaves_by_size_and_time(self, drop_box: DropBoxRequest) -> None:
        pair = SyncPair({b"a": b"1"}, {}, drop_box=ONCE, compare=SIZE_MTIME)
        pair.run()
        pair.source.node(b"a").content[:] = b"2"
        pair.destination.discard(b"a")
        assert done(pair.run(drop_box=drop_box)) == [(b"a", "store"), (b"a", _verb(drop_box))]
        assert contents(pair.destination.snapshot()) == {b"a": b"2"}

    @LEAVING
    def test_a_file_that_was_delivered_without_a_proof_stays(self, drop_box: DropBoxRequest) -> None:
        pair = SyncPair({b"a": b"1"}, {}, proof="none", drop_box=ONCE)
        pair.run()
        pair.destination.discard(b"a")
        assert done(pair.run(proof="auto", drop_box=drop_box)) == []
        assert contents(pair.source.snapshot()) == {b"a": b"1"}

    @SIDES
    def test_check_mode_shows_the_files_that_would_leave(self, push: bool) -> None:
        pair = SyncPair({b"a": b"1", b"b": b"2"}, {b"b": b"2"}, push=push, drop_box=DELETING)
        planned = pair.run(check_mode=True).plan.actions
        assert [(action.path, action.action) for action in planned] == [
            (b"a", "store"),
            (b"a", "delete_source"),
            (b"b", "delete_source"),
        ]
        assert contents(pair.source.snapshot()) == {b"a": b"1", b"b": b"2"}

    def test_a_file_that_a_filter_hides_stays(self) -> None:
        pair = SyncPair({b"a": b"1", b"b": b"22"}, {}, drop_box=DELETING, limits=FileLimits(max_size=1))
        pair.run()
        assert contents(pair.source.snapshot()) == {b"b": b"22"}


def _verb(drop_box: DropBoxRequest) -> str:
    return "archive_source" if drop_box is ARCHIVING else "delete_source"


class TestInPlace:
    IN_PLACE = DropBoxRequest(in_place=True, deliver_once=True)

    def test_nothing_but_the_files_is_made(self) -> None:
        pair = SyncPair({b"a": b"1", b"d/b": b"2", b"e": b""}, {}, lock=False, proof="none", drop_box=self.IN_PLACE)
        pair.run()
        assert {path for _name, path in pair.peer.faults.log if b".secure_sync" in path} == set()
        assert contents(pair.destination.snapshot()) == {b"a": b"1", b"d/b": b"2", b"e": b""}
        assert pair.peer.faults.asked("rename") == pair.peer.faults.asked("digest") == []

    def test_a_file_that_the_server_takes_at_once_is_delivered(self) -> None:
        pair = SyncPair({b"a": b"1", b"b": b"2"}, {}, lock=False, proof="none", drop_box=self.IN_PLACE)
        taken: dict[bytes, bytes] = {}

        def take(_operation: str, _path: bytes) -> None:
            for path, content in contents(pair.peer.snapshot()).items():
                if len(content) == 1:
                    taken[path] = content
                    pair.peer.discard(path)

        pair.peer.faults.on_operation = take
        report = pair.run()
        assert codes(report) == set()
        assert report.proofs["none"] == 2
        assert done(pair.run()) == []
        take("", b"")
        assert taken == {b"a": b"1", b"b": b"2"}

    def test_new_content_is_written_over_the_old(self) -> None:
        pair = SyncPair({b"a": b"new"}, {b"a": b"older"}, lock=False, proof="none", drop_box=self.IN_PLACE)
        pair.run()
        assert contents(pair.destination.snapshot()) == {b"a": b"new"}

    def test_a_lost_session_is_continued_under_the_same_name(self) -> None:
        pair = SyncPair({b"a": b"x" * 200_000}, {}, lock=False, proof="none", drop_box=self.IN_PLACE)
        pair.run(check_mode=True)
        before = pair.peer.faults.operations
        pair.peer.faults.disconnect_at = before + 4
        assert codes(pair.run(retries=3)) == set()
        assert contents(pair.destination.snapshot()) == {b"a": b"x" * 200_000}
