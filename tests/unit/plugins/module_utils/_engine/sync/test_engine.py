# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs over two trees in memory, in both directions."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import ANY

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AuthenticationFailed,
    ConnectionFailed,
    NoSpace,
    OperationFailed,
    PermissionDenied,
    ProtocolViolation,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import DeleteLimit
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import Entry
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync import account
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.lock import LOCK_NAME
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.progress import Progress
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.stage_names import StageNames
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Capabilities
from support.scenes.sync_pair import SyncPair, codes, done
from support.trees.memory_disk import MemoryDisk
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import MTIME, SECOND, Directory, File, Link, Special

BOTH = pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
LATER = MTIME + 1000 * SECOND


@BOTH
@pytest.mark.parametrize("compare", ["recorded", "checksum", "size_mtime"])
@pytest.mark.parametrize("proof", ["auto", "server_hash", "read_back", "none"])
def test_makes_the_destination_equal_and_then_rests(push: bool, compare: str, proof: str) -> None:
    source = {b"a": b"1", b"d/b": File(b"2" * 100000, 0o600, LATER), b"e/empty": Directory(0o700), b"zero": b""}
    pair = SyncPair(
        source, {b"a": b"0", b"x": b"stays"}, push=push, server_hash="check-file", compare=compare, proof=proof
    )
    foreseen = pair.run(check_mode=True)
    report = pair.run()
    assert report.error is None
    assert [outcome.action for outcome in report.outcomes] == list(foreseen.plan.actions) == list(report.plan.actions)
    found = pair.destination.snapshot()
    assert found.pop(b"x").content == b"stays"
    if compare == "size_mtime":
        assert found.pop(b"a").content == b"0"
        assert {**found, b"a": File(b"1")} == pair.source.snapshot()
    else:
        assert found == pair.source.snapshot()
    transfers = pair.peer.content_sent + pair.peer.content_received
    again = pair.run()
    assert again.plan.actions == again.outcomes == ()
    assert pair.peer.content_sent + pair.peer.content_received == transfers


class LeavesOut(MemoryTransport):
    """A side whose listings lack some names."""

    left_out: frozenset[bytes] = frozenset()

    def _list(self, directory: RelPath, *, read_links: bool) -> list[tuple[RelPath, Entry]]:
        return [each for each in super()._list(directory, read_links=read_links) if each[0] not in self.left_out]


@BOTH
@pytest.mark.parametrize("left", [b"0", b"d/0", b"e"])
def test_nothing_is_removed_that_the_source_has_under_its_name(push: bool, left: bytes) -> None:
    tree = {b"0": b"1", b"d/0": b"2", b"d/x": b"3", b"e/f/g": b"4"}
    source, there = LeavesOut(tree), {**tree, b"extra": b"5", b"gone/h": b"6"}
    source.left_out = frozenset((left,))
    pair = SyncPair(source, there, push=push, delete=True, max_delete=DeleteLimit(100, True))
    before = pair.destination.snapshot()
    for check_mode in (True, False):
        report = pair.run(check_mode=check_mode)
        assert [(error.path, error.code) for error in report.problems] == [(left, "source_changed")]
        assert pair.destination.snapshot() == before
    source.left_out = frozenset()
    source.faults.log.clear()
    assert pair.run().error is None
    assert pair.destination.snapshot() == pair.source.snapshot()
    assert [path for path in source.faults.asked("look") if b".secure" not in path] == [b"extra", b"gone"], (
        "no more than the topmost entries that it removes"
    )


def test_a_source_without_regard_to_case_has_removed_names_too() -> None:
    source = MemoryTransport({b"README": b"1"}, disk=MemoryDisk(fold=bytes.lower))
    pair = SyncPair(source, {b"readme": b"1"}, push=False, delete=True, max_delete=DeleteLimit(100, True))
    assert pair.run().error is None
    assert pair.destination.snapshot() == {b"README": File(b"1")}


@BOTH
def test_check_mode_writes_nothing(push: bool) -> None:
    pair = SyncPair({b"a": b"1", b"l": Link(b"a")}, {b"a": b"2", b"b": b"3"}, push=push, delete=True, links="copy")
    before = pair.source.snapshot(), pair.destination.snapshot()
    report = pair.run(check_mode=True)
    assert len(report.plan.actions) == 3
    assert report.outcomes == ()
    assert (pair.source.snapshot(), pair.destination.snapshot()) == before
    written = {"create_file", "upload", "download", "rename", "set_attributes", "make_directories", "keep_in"}
    assert not written & {name for name, _path in pair.source.faults.log + pair.destination.faults.log}
    assert not os.path.exists(pair.state_dir)


@BOTH
@pytest.mark.parametrize("compare", ["recorded", "checksum"])
def test_new_mtime_same_content_moves_nothing(push: bool, compare: str) -> None:
    pair = SyncPair({b"a": File(b"same", mtime=LATER)}, {b"a": b"same"}, push=push, compare=compare)
    report = pair.run()
    assert done(report) == [(b"a", "set_attributes")]
    assert report.stats["files_stored"] == 0
    assert pair.destination.snapshot()[b"a"].mtime == LATER


@BOTH
def test_damage_at_rest(push: bool) -> None:
    """Content that changed with size and mtime kept is found under checksum; a record does not see it."""
    pair = SyncPair({b"a": b"content"}, {b"a": b"content"}, push=push)
    assert pair.run().outcomes == ()
    pair.destination.damage(b"a")
    assert pair.run().plan.actions == ()
    report = pair.run(compare="checksum")
    assert [(action.action, action.reason) for action in report.plan.actions] == [("store", "digest")]
    assert pair.destination.snapshot() == pair.source.snapshot()
    assert report.proofs["read_back"] == 1


@BOTH
def test_recorded_counts_what_earlier_runs_proved(push: bool) -> None:
    pair = SyncPair({b"a": b"1", b"b": b"2"}, {b"a": b"1"}, push=push)
    first = pair.run()
    assert first.proofs == {"server_hash": 0, "read_back": 2, "recorded": 0, "none": 0}
    moved = pair.content_moved()
    assert pair.run().proofs == {"server_hash": 0, "read_back": 0, "recorded": 2, "none": 0}
    assert pair.content_moved() == moved


@pytest.mark.parametrize("kind", ["lost", "cut", "foreign"])
def test_a_bad_record_costs_time_only(kind: str) -> None:
    pair = SyncPair({b"a": b"1"}, {})
    pair.run()
    for name in os.listdir(pair.state_dir):
        path = os.path.join(pair.state_dir, name)
        data = Path(os.fsdecode(path)).read_bytes()
        if kind == "lost":
            os.unlink(path)
        else:
            Path(os.fsdecode(path)).write_bytes(data[:-20] if kind == "cut" else b"#mtree\n./a type=file\n")
    report = pair.run()
    assert report.error is None
    assert report.plan.actions == ()
    assert report.proofs["read_back"] == 1
    assert bool(report.notes) == (kind != "lost")
    assert pair.run().proofs["recorded"] == 1


def test_an_unusable_state_directory_is_a_note() -> None:
    pair = SyncPair({b"a": b"1"}, {}, state_dir=b"/proc/no/state")
    report = pair.run()
    assert report.error is None
    assert done(report) == [(b"a", "store")]
    assert any("recorded" in note for note in report.notes)


@BOTH
def test_missing_source_is_refused_before_a_connection(push: bool) -> None:
    pair = SyncPair(None, {b"a": b"1"}, push=push, delete=True)
    report = pair.run()
    assert report.error.code == "source_missing"
    assert pair.opened == (["local"] if push else ["local", "peer"])
    assert list(pair.destination.snapshot()) == [b"a"]


@BOTH
@pytest.mark.parametrize(
    ("options", "code"),
    [({"exclude": ("a//[",)}, "invalid_pattern"), ({"trash": b"../out"}, "invalid_request")],
)
def test_what_cannot_be_carried_out_is_refused_before_a_connection(push: bool, options: dict, code: str) -> None:
    pair = SyncPair({b"a": b"1"}, {}, push=push, **options)
    assert pair.run().error.code == code
    assert pair.opened == []


def test_the_login_waits_for_nothing_that_only_the_run_needs() -> None:
    engine = "ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine"
    program = (
        f"import sys, {engine}.sync.engine, {engine}.ssh.openssh_stream\n"
        "print(*(name.rpartition('_engine.')[2] for name in sys.modules if '_engine.' in name))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "ssh.openssh_stream" in loaded
    assert not {"sync.run", "sync.store", "planning.planner", "transport.sftp.transport", "sftp.pool"} & set(loaded)


def test_a_pull_without_verify_loads_nothing_about_signed_sets() -> None:
    engine = "ansible_collections.secure.ftp_synchronize.plugins.module_utils"
    program = (
        f"import sys, {engine}._edge.sync.secure_sync, {engine}._engine.sync.run\n"
        "from support.scenes.sync_pair import SyncPair\n"
        "assert SyncPair({b'a': b'1'}, {}, push=False).run().error is None\n"
        "print(*(name.rpartition('_engine.')[2] for name in sys.modules if '_engine.' in name))"
    )
    tests = next(path for path in Path(__file__).parents if path.name == "tests")
    environment = {**os.environ, "PYTHONPATH": f"{tests}:{os.environ['PYTHONPATH']}"}
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    loaded = ran.stdout.split()
    assert "sync.prepare" in loaded
    signed = ("signing.", "sync.signed_", "sync.tree_check", "integrity.published", "integrity.header")
    assert [name for name in loaded if name.startswith(signed)] == []


@BOTH
def test_destination_is_made_where_its_parent_is(push: bool) -> None:
    pair = SyncPair({b"a": b"1"}, None, push=push)
    assert pair.run(check_mode=True).plan.actions[-1].path == b"a"
    assert pair.destination.root_entry() is None
    assert done(pair.run())[-1] == (b"a", "store")
    assert pair.destination.snapshot() == pair.source.snapshot()
    assert pair.run().proofs["recorded"] == 1


@BOTH
def test_a_listing_that_fails_deletes_nothing(push: bool) -> None:
    pair = SyncPair({b"d/a": b"1", b"e/b": b"2"}, {b"d/a": b"1", b"d/gone": b"1", b"x": b"3"}, push=push, delete=True)
    pair.source.faults.fail("scan", b"d", PermissionDenied("Permission denied"), times=1)
    report = pair.run()
    assert codes(report) == {"permission_denied"}
    assert report.problems[0].path == b"d"
    assert done(report) == [(b"e", "create_directory"), (b"e/b", "store")]
    assert pair.run().error is None
    assert pair.destination.snapshot() == pair.source.snapshot()


OPTIONS = [{}, {"delete": True}, {"trash": b".trash"}, {"delete": True, "trash": b".trash", "links": "copy"}]


@BOTH
@pytest.mark.parametrize("options", OPTIONS, ids=[" ".join(each) for each in OPTIONS])
def test_an_unknown_file_in_a_destination_that_is_not_listed_stays(push: bool, options: dict) -> None:
    pair = SyncPair(
        {b"d/a": b"new", b"d/sub/b": b"new", b"e/b": b"2"},
        {b"d/a": b"theirs", b"d/other": b"1", b"d/sub/b": b"theirs"},
        push=push,
        **options,
    )
    before = {path: found for path, found in pair.destination.snapshot().items() if path.startswith(b"d/")}
    pair.destination.faults.fail("scan", b"d", PermissionDenied("Permission denied"), times=2)
    foretold = pair.run(check_mode=True)
    assert [action.path for action in foretold.plan.actions] == [b"e", b"e/b"]
    report = pair.run()
    assert report.error is None
    assert [(problem.path, problem.code) for problem in report.problems] == [(b"d", "permission_denied")]
    assert done(report) == [(b"e", "create_directory"), (b"e/b", "store")]
    after = pair.destination.snapshot()
    assert {path: found for path, found in after.items() if path.startswith(b"d/")} == before
    assert report.plan.skipped == ()
    for each in (foretold, report):
        assert account.WITHHELD % 3 in each.notes
    again = pair.run()
    assert codes(again) == set()
    assert pair.destination.snapshot()[b"d/a"].content == b"new"
    assert (b"d/a", "store") in done(again)
    if options.get("trash"):
        kept = [found.content for path, found in pair.destination.snapshot().items() if path.startswith(b".trash/d/a")]
        assert kept == [b"theirs"]


@BOTH
def test_an_entry_that_a_cut_listing_of_the_destination_lacks_stays(push: bool) -> None:
    tree = {b"f%d" % number: b"old" for number in range(9)}
    pair = SyncPair(dict.fromkeys(tree, b"newer"), tree, push=push, delete=True)
    pair.destination.faults.cut_listing(b"", 4, OperationFailed("the listing was cut"))
    report = pair.run()
    assert codes(report) == {"operation_failed"}
    assert len(done(report)) == 4
    contents = [found.content for found in pair.destination.snapshot().values()]
    assert (contents.count(b"newer"), contents.count(b"old")) == (4, 5)


@BOTH
def test_a_destination_whose_root_is_not_listed_gets_nothing(push: bool) -> None:
    pair = SyncPair({b"a": b"new", b"d/b": b"2"}, {b"a": b"theirs"}, push=push)
    before = pair.destination.snapshot()
    pair.destination.faults.fail("scan", b"", PermissionDenied("Permission denied"))
    report = pair.run()
    assert codes(report) == {"permission_denied"}
    assert done(report) == []
    assert pair.destination.snapshot() == before


@BOTH
def test_a_directory_of_the_destination_that_vanishes_is_made_again(push: bool) -> None:
    pair = SyncPair({b"d/a": b"1"}, {b"d/a": b"1"}, push=push)

    def vanish(name: str, path: bytes) -> None:
        if (name, path) == ("scan", b"d"):
            pair.destination.faults.on_operation = None
            pair.destination.discard(b"d/a")
            pair.destination.discard(b"d")

    pair.destination.faults.on_operation = vanish
    report = pair.run()
    assert codes(report) == set()
    assert done(report) == [(b"d", "create_directory"), (b"d/a", "store")]
    assert pair.destination.snapshot() == pair.source.snapshot()


@BOTH
def test_a_cut_listing_deletes_nothing(push: bool) -> None:
    tree = {b"f%d" % number: b"1" for number in range(9)}
    pair = SyncPair(tree, tree, push=push, delete=True)
    pair.source.faults.cut_listing(b"", 4, OperationFailed("the listing was cut"))
    report = pair.run()
    assert codes(report) == {"operation_failed"}
    assert len(pair.destination.snapshot()) == 9


@BOTH
def test_a_source_that_cannot_be_read_for_comparing_leaves_its_destination(push: bool) -> None:
    pair = SyncPair({b"a": b"1", b"b": b"2"}, {b"a": b"0", b"b": b"0", b"x": b"x"}, push=push, delete=True)
    pair.source.faults.fail("digest", b"a", PermissionDenied("Permission denied"))
    report = pair.run()
    assert codes(report) == {"permission_denied"}
    assert report.problems[0].path == b"a"
    assert {path: found.content for path, found in pair.destination.snapshot().items()} == {
        b"a": b"0",
        b"b": b"2",
        b"x": b"x",
    }


@BOTH
def test_a_destination_that_cannot_be_read_is_stored_anew(push: bool) -> None:
    pair = SyncPair({b"a": b"1"}, {b"a": b"0"}, push=push)
    pair.destination.faults.fail("digest", b"a", PermissionDenied("Permission denied"), times=1)
    report = pair.run()
    assert [action.reason for action in report.plan.actions] == ["forced"]
    assert pair.destination.snapshot() == pair.source.snapshot()


@BOTH
@pytest.mark.parametrize("damage", ["lose_write", "flip"])
def test_a_lost_write_is_found_and_mended_once(push: bool, damage: str) -> None:
    pair = SyncPair({b"a": b"content"}, {b"a": b"old"}, push=push)
    getattr(pair.peer.faults, damage)(b"a", times=1)
    report = pair.run()
    assert codes(report) == set()
    assert pair.destination.snapshot() == pair.source.snapshot()


@BOTH
@pytest.mark.parametrize("damage", ["lose_write", "flip"])
@pytest.mark.parametrize("proof", ["auto", "read_back", "server_hash"])
def test_a_disk_that_always_lies_fails_the_item(push: bool, damage: str, proof: str) -> None:
    hashes = "check-file" if proof == "server_hash" else None
    pair = SyncPair({b"a": b"content", b"b": b"2"}, {b"a": b"old"}, push=push, server_hash=hashes, proof=proof)
    getattr(pair.peer.faults, damage)(b"a")
    report = pair.run()
    assert codes(report) == {"proof_failed"}
    assert done(report) == [(b"b", "store")]
    assert pair.destination.snapshot()[b"a"].content == b"old"
    assert sorted(pair.destination.snapshot()) == [b"a", b"b"]


def test_server_hash_that_the_server_lacks_fails_before_anything_is_written() -> None:
    pair = SyncPair({b"a": b"1"}, {}, proof="server_hash")
    for check_mode in (True, False):
        report = pair.run(check_mode=check_mode)
        assert report.error.code == "not_supported"
        assert report.error.cure
    assert pair.destination.snapshot() == {}


@BOTH
def test_max_delete_stops_before_the_first(push: bool) -> None:
    old = {b"f%d" % number: b"1" for number in range(10)}
    pair = SyncPair({b"f0": b"2"}, old, push=push, delete=True, max_delete=DeleteLimit(8, False))
    report = pair.run()
    assert report.error.code == "too_many_deletions"
    assert len(pair.destination.snapshot()) == 10
    assert pair.destination.snapshot()[b"f0"].content == b"1"
    assert pair.run(max_delete=DeleteLimit(9, False)).error is None
    assert list(pair.destination.snapshot()) == [b"f0"]


@BOTH
def test_empty_source(push: bool) -> None:
    pair = SyncPair({}, {b"a": b"1"}, push=push, delete=True)
    assert pair.run().error.code == "empty_source"
    assert list(pair.destination.snapshot()) == [b"a"]
    assert pair.run(allow_empty_source=True).error is None
    assert pair.destination.snapshot() == {}


@BOTH
def test_an_include_is_not_blamed_for_a_listing_that_failed(push: bool) -> None:
    pair = SyncPair({b"d/a.txt": b"1", b"b": b"2"}, {}, push=push, include=("*.txt",), require_match=True)
    pair.source.faults.cut_listing(b"d", 0, PermissionDenied("refused"))
    report = pair.run()
    assert codes(report) == {"permission_denied"}
    assert report.error is None
    assert report.notes == ()


@BOTH
def test_copy_never_deletes_and_excluded_files_are_protected(push: bool) -> None:
    pair = SyncPair({b"a": b"1", b"s.log": b"x"}, {b"d/keep.log": b"1", b"d/gone": b"2", b"old": b"3"}, push=push)
    pair.run()
    assert sorted(pair.destination.snapshot()) == [b"a", b"d", b"d/gone", b"d/keep.log", b"old", b"s.log"]
    pair.destination.discard(b"s.log")
    pair.run(delete=True, exclude=("*.log",))
    assert sorted(pair.destination.snapshot()) == [b"a", b"d", b"d/keep.log"]
    assert pair.run(delete=True, exclude=("*.log",)).plan.actions == ()


@BOTH
def test_trash_keeps_what_is_replaced_and_removed(push: bool) -> None:
    pair = SyncPair({b"a": b"new"}, {b"a": b"old", b"d/x": b"gone"}, push=push, delete=True, trash=b".trash/today")
    pair.run()
    pair.source.fill({b"a": b"newer"})
    pair.run()
    found = {path: entry.content for path, entry in pair.destination.snapshot().items() if isinstance(entry, File)}
    trash = b".trash/today/"
    assert found == {b"a": b"newer", trash + b"a": b"old", trash + b"a.1": b"new", trash + b"d/x": b"gone"}
    assert pair.run().plan.actions == ()


@BOTH
def test_kinds_that_change(push: bool) -> None:
    source = {b"x": b"file", b"y/z": b"inside", b"l": Link(b"x"), b"m": b"was a link"}
    pair = SyncPair(source, {b"x/a/b": b"1", b"y": b"2", b"l/c": b"3", b"m": Link(b"y")}, push=push, links="copy")
    report = pair.run()
    assert [(error.code, error.path) for error in report.problems] == [("kind_conflict", b"l"), ("kind_conflict", b"x")]
    left = {path: spec for path, spec in pair.destination.snapshot().items() if path not in (b"x", b"x/a", b"l")}
    assert left == {b"x/a/b": File(b"1"), b"l/c": File(b"3"), b"m": File(b"was a link"), b"y": ANY, b"y/z": ANY}
    report = pair.run(delete=True)
    assert codes(report) == set()
    assert pair.destination.snapshot() == pair.source.snapshot()
    assert report.stats["removed"] == 5


@BOTH
def test_a_read_only_directory_stays_closed_while_its_removals_wait(push: bool) -> None:
    before = {b"x/fifo": Special(), b"d": Directory(0o500), b"d/old": b"1"}
    pair = SyncPair({b"x": b"file", b"d": Directory(0o500)}, before, push=push, delete=True)
    report = pair.run()
    assert codes(report) == {"kind_conflict"}
    assert (done(report), report.uncertain) == ([], False)
    assert b"d/old" in pair.destination.snapshot()


@BOTH
def test_a_directory_does_not_give_way_when_something_failed(push: bool) -> None:
    pair = SyncPair({b"x": b"file", b"a": b"1"}, {b"x/much": b"1"}, push=push, delete=True)
    pair.peer.faults.fail("upload" if push else "download", b"a", NoSpace("No space left on device"), times=2)
    report = pair.run()
    assert codes(report) == {"no_space", "operation_failed"}
    assert pair.destination.snapshot()[b"x/much"].content == b"1"
    assert codes(pair.run()) == set()
    assert pair.destination.snapshot() == pair.source.snapshot()


@BOTH
def test_children_of_a_directory_that_cannot_be_made_fail_with_it(push: bool) -> None:
    pair = SyncPair({b"d/e/f": b"1", b"g": b"2"}, {}, push=push)
    pair.destination.faults.fail("make_directories", b"d", PermissionDenied("Permission denied"), times=1)
    report = pair.run()
    assert [outcome.action.path for outcome in report.outcomes if outcome.error] == [b"d", b"d/e", b"d/e/f"]
    assert done(report) == [(b"g", "store")]
    assert codes(pair.run()) == set()


@BOTH
def test_read_only_directories(push: bool) -> None:
    pair = SyncPair(
        {b"d": Directory(0o555), b"d/a": b"1"}, {b"d": Directory(0o555), b"d/b": b"1"}, push=push, delete=True
    )
    modes = []
    pair.destination.faults.on_operation = lambda name, path: modes.append(
        (name, pair.destination.node(b"d").mode)
        if name in ("rename", "remove_files") and path.startswith(b"d")
        else None
    )
    assert codes(pair.run()) == set()
    assert {mode for mode in modes if mode} == {("rename", 0o755), ("remove_files", 0o755)}
    assert pair.destination.snapshot() == pair.source.snapshot()


@BOTH
def test_a_mode_without_read_permission_is_proven_first(push: bool) -> None:
    pair = SyncPair({b"a": File(b"1", 0o000)}, {}, push=push)
    assert pair.run().proofs["read_back"] == 1
    assert pair.destination.snapshot() == pair.source.snapshot()


@BOTH
def test_special_files_and_skipped_links_are_reported_and_left(push: bool) -> None:
    pair = SyncPair(
        {b"p": Special(), b"l": Link(b"a"), b"a": b"1"}, {b"p": b"mine", b"l": b"mine"}, push=push, delete=True
    )
    report = pair.run()
    assert {skipped.path for skipped in report.plan.skipped} == {b"p", b"l"}
    assert sorted(pair.destination.snapshot()) == [b"a", b"l", b"p"]


@BOTH
def test_odd_names_and_names_of_255_bytes(push: bool) -> None:
    names = [
        b"\x80\xff",
        b"new\nline",
        b"\x1b[2J",
        b"-rf",
        b"'\"",
        b"back\\slash",
        b"*?[",
        b"n" * 255,
        b"n" * 254 + b"m",
    ]
    names += ["é".encode(), "é".encode(), b"Case", b"case", b".secure_sync-000000000000-00000000-0.tmp"]
    pair = SyncPair({name: b"content of " + name for name in names}, {}, push=push)
    assert codes(pair.run()) == set()
    assert pair.destination.snapshot() == pair.source.snapshot()
    assert pair.run(delete=True).plan.actions == ()


@BOTH
def test_temporaries_of_killed_runs_go_and_foreign_ones_stay(push: bool) -> None:
    pair = SyncPair({b"d/a": b"1"}, {b"d/a": b"0"}, push=push)
    mine = StageNames(pair.destination.root, "0123456789abcdef").beside(b"d/a")
    foreign = StageNames(b"/another/tree", "0123456789abcdef").beside(b"d/a")
    pair.destination.fill({mine: b"half", foreign: b"theirs"})
    report = pair.run(include=("a",))
    assert codes(report) == set()
    assert sorted(pair.destination.snapshot()) == [b"d", foreign, b"d/a"]
    assert report.stats["removed"] == 0
    assert pair.run(include=("a",)).plan.actions == ()


@BOTH
def test_without_a_lock_temporaries_stay_and_no_lock_file_is_made(push: bool) -> None:
    pair = SyncPair({b"a": b"1"}, {}, push=push, lock=False)
    assert codes(pair.run()) == set()
    assert LOCK_NAME not in pair.destination.faults.asked("rename_new")
    assert pair.destination.snapshot() == pair.source.snapshot()


@BOTH
@pytest.mark.parametrize("precision", [1, 2])
@pytest.mark.parametrize("compare", ["recorded", "checksum", "size_mtime"])
def test_coarse_mtimes_rest_on_the_second_run(push: bool, precision: int, compare: str) -> None:
    coarse = MemoryTransport({}, capabilities=Capabilities(mtime_precision=precision * SECOND))
    pair = SyncPair(
        {b"d/a": File(b"1", mtime=MTIME + SECOND + 123), b"b": File(b"2", mtime=-5)}, coarse, push=push, compare=compare
    )
    assert codes(pair.run()) == set()
    moved = pair.content_moved()
    assert pair.run().plan.actions == ()
    assert compare == "checksum" or pair.content_moved() == moved


@BOTH
def test_preserve_nothing_rests_too(push: bool) -> None:
    pair = SyncPair({b"d/a": File(b"1", 0o600)}, {}, push=push, preserve_mode=False, preserve_mtime=False)
    assert codes(pair.run()) == set()
    assert pair.destination.snapshot()[b"d/a"].mode == 0o644
    assert pair.run().plan.actions == ()


@BOTH
@pytest.mark.parametrize("lock", [True, False], ids=["lock", "no lock"])
@pytest.mark.parametrize(
    ("source", "destination"),
    [(b"/r/tree", b"/r/tree"), (b"/r/tree", b"/r/tree/sub"), (b"/r/tree", b"/r/tree/sub/new")],
    ids=["equal", "destination inside", "new destination inside"],
)
def test_overlapping_roots(push: bool, lock: bool, source: bytes, destination: bytes) -> None:
    disk = MemoryDisk()
    one = MemoryTransport({b"a": b"1", b"sub/b": b"2"}, disk=disk, root=source)
    other = MemoryTransport(None, disk=disk, root=destination)
    pair = SyncPair(one, other, push=push, lock=lock, delete=True)
    assert any("overlapping" in note for note in pair.run(check_mode=True).notes)
    report = pair.run()
    assert report.error.code == "overlapping_roots"
    files = {path: found for path, found in one.snapshot().items() if isinstance(found, File)}
    assert sorted(files) == [b"a", b"sub/b"]


def test_a_source_inside_the_destination_is_refused_on_a_pull() -> None:
    disk = MemoryDisk()
    outer = MemoryTransport({b"other": b"1", b"sub/b": b"2"}, disk=disk, root=b"/r/tree")
    pair = SyncPair(MemoryTransport(None, disk=disk, root=b"/r/tree/sub"), outer, push=False, delete=True)
    assert pair.run().error.code == "overlapping_roots"
    assert sorted(outer.snapshot()) == [b"other", b"sub", b"sub/b"]


@BOTH
def test_equal_paths_on_two_machines_are_no_overlap(push: bool) -> None:
    pair = SyncPair({b"memory/tree/x": b"1"}, {b"memory/tree/y": b"2"}, push=push)
    assert codes(pair.run()) == set()


@BOTH
@pytest.mark.parametrize("destination", ["file", "missing", "directory"])
def test_a_single_file(push: bool, destination: str) -> None:
    name = b"b" if destination != "directory" else b"a"
    disks = MemoryDisk(), MemoryDisk()
    disks[0].fill(b"/s", {b"a": File(b"new", 0o600), b"other": b"1"})
    disks[1].fill(b"/d", {b"other": b"2", **({b"b": b"old"} if destination == "file" else {})})
    source = MemoryTransport(disk=disks[0], root=b"/s/a")
    target = MemoryTransport(disk=disks[1], root=b"/d" if destination == "directory" else b"/d/b")
    pair = SyncPair(source, target, push=push, delete=True)
    assert [action.path for action in pair.run(check_mode=True).plan.actions] == [name]
    report = pair.run()
    assert codes(report) == set()
    assert report.proofs["read_back"] == 1
    assert disks[1].snapshot(b"/d") == {b"other": File(b"2"), name: File(b"new", 0o600)}
    moved = pair.content_moved()
    assert pair.run().plan.actions == ()
    assert pair.content_moved() == moved


@BOTH
def test_a_single_file_whose_name_could_not_be_looked_at_is_not_replaced(push: bool) -> None:
    pair = SyncPair({b"f": b"new"}, {b"f": b"theirs", b"g": b"x"}, push=push)
    pair.destination.faults.fail("look", b"f", PermissionDenied("Permission denied"))
    end, other = ("local_root", "remote_root") if push else ("remote_root", "local_root")
    report = pair.run(**{end: pair.source.root + b"/f", other: pair.destination.root})
    assert codes(report) == {"permission_denied"}
    assert done(report) == []
    assert pair.destination.snapshot()[b"f"].content == b"theirs"


@BOTH
def test_a_file_does_not_become_the_root_of_a_tree(push: bool) -> None:
    disk = MemoryDisk()
    disk.fill(b"/d", {b"f": b"1"})
    pair = SyncPair({b"a": b"1"}, MemoryTransport(disk=disk, root=b"/d/f"), push=push)
    assert pair.run().error.code == "kind_conflict"


@BOTH
def test_the_session_is_never_made_again_after_a_refused_login(push: bool) -> None:
    pair = SyncPair({b"a": b"1"}, {}, push=push)
    pair.peer.faults.disconnect_at = 5
    pair.peer.faults.reconnect_errors = [AuthenticationFailed("no")]
    assert pair.run().error.code == "authentication_failed"
    assert len(pair.peer.faults.asked("reconnect")) == 1


def test_the_first_connection_is_tried_again() -> None:
    pair = SyncPair({b"a": b"1"}, {})
    pair.peer.faults.fail("root_entry", None, ConnectionFailed("refused"), times=1)
    report = pair.run()
    assert report.error is None
    assert len(pair.sleeps) == 1


def test_a_hostile_listing_ends_the_run() -> None:
    pair = SyncPair({b"a": b"1"}, {b"b": b"2"}, push=False, delete=True)
    pair.source.faults.fail("scan", b"", ProtocolViolation("the server lists .."))
    assert pair.run().error.code == "protocol_violation"
    assert list(pair.destination.snapshot()) == [b"b"]


@BOTH
def test_an_interruption_leaves_neither_lock_nor_stage(push: bool) -> None:
    points = 0
    while True:
        pair = SyncPair({b"a": b"1" * 70000, b"d/b": b"2"}, {b"a": b"0"}, push=push)
        count = 0

        def interrupt(_name: str, _path: bytes) -> None:
            nonlocal count
            count += 1
            if count == points + 1:  # noqa: B023 - read before the next turn
                raise KeyboardInterrupt

        pair.peer.faults.on_operation = interrupt
        ended = pair.run().error
        if ended is None:
            break
        assert ended.code == "interrupted"
        left = [path for path in pair.destination.snapshot() if b".secure_sync" in path]
        # Interrupted in the middle of giving the lock back, or of making it, it may stay: it is of a run that ended.
        assert not [path for path in left if path != LOCK_NAME], points
        assert pair.peer.closed
        assert pair.local.closed
        pair.peer.faults.on_operation = None
        assert codes(pair.run()) == set()
        assert pair.destination.snapshot() == pair.source.snapshot()
        points += 1
    assert points > 10
    print("%d points" % points)


def test_an_interrupted_run_reports_what_is_finished() -> None:
    pair = SyncPair(
        {b"a": b"1" * 5000, b"z": b"2"}, {b"a": b"0", b"b": b"3"}, delete=True, max_delete=DeleteLimit(9, False)
    )

    def interrupt(operation: str, _path: bytes) -> None:
        if operation == "remove_files":
            raise KeyboardInterrupt("it received SIGTERM")

    pair.peer.faults.on_operation = interrupt
    report = pair.run()
    assert report.error.message == "the run was ended: it received SIGTERM"
    assert [(done.action.path, done.error) for done in report.outcomes] == [(b"a", None), (b"z", None)]
    assert report.transfer_seconds > 0


def test_an_interruption_of_the_end_is_reported_unless_the_run_has_failed() -> None:
    for limit, code in ((DeleteLimit(9, False), "interrupted"), (DeleteLimit(0, False), "too_many_deletions")):
        pair = SyncPair({b"a": b"1"}, {b"b": b"2"}, delete=True, max_delete=limit)

        def close() -> None:
            raise KeyboardInterrupt("it received SIGINT")

        pair.local.close = close  # type: ignore[method-assign]
        report = pair.run()
        assert report.error.code == code
        assert len(report.outcomes) == (2 if code == "interrupted" else 0)


def test_a_run_without_files_to_store_has_no_phase_of_transfers() -> None:
    """Lines would show "0 of 0 files" during the removals and the end."""
    for content, phase in ((b"1", "hashing"), (b"2", "proving")):
        pair, progress = SyncPair({b"a": b"1"}, {b"a": content}), Progress()
        assert pair.run(progress=progress).error is None
        assert progress.phase == phase


def test_durable_syncs_the_directories_that_changed() -> None:
    pair = SyncPair({b"d/a": b"1", b"e/b": b"2"}, {b"e/b": b"2"}, durable=True)
    pair.run()
    assert sorted(pair.destination.faults.asked("sync_directories")) == [b"", b"d"]


@BOTH
def test_targets_that_a_server_shows_resolved_are_no_difference(push: bool) -> None:
    """As ProFTPD's mod_sftp does; another server shows another link."""
    here, there = {b"d/l": Link(b"../a"), b"a": b"1"}, {b"d/l": Link(MemoryTransport({}).root + b"/a"), b"a": b"1"}
    pair = SyncPair(*((here, there) if push else (there, here)), push=push, links="copy", compare="checksum")
    other = pair.run(check_mode=True)
    assert [each.path for each in (*other.plan.actions, *other.plan.skipped)] == [b"d/l"]
    pair.peer.identity = pair.peer.identity._replace(software="mod_sftp/0.9.9")
    same = pair.run(check_mode=True)
    assert (list(same.plan.actions), list(same.plan.skipped)) == ([], [])
