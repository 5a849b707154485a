# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Markers: on a push, none stands without its proven files; on a pull, no file is taken without its marker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionLost,
    PermissionDenied,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import SyncReport
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import (
    ARCHIVE,
    DELETE,
    MARKED,
    DropBoxRequest,
    FileLimits,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync import groups
from support.scenes.sealed_pair import SealedPair
from support.scenes.sync_pair import SyncPair, codes, done
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import MTIME, SECOND, Directory, File, Link, TreeSpec

FILES = DropBoxRequest(marker=b"{name}.done")
DIRECTORIES = DropBoxRequest(marker=b"READY", marker_for="directory")
RUNS = DropBoxRequest(marker=b"READY", marker_for="run")
NEW: TreeSpec = {b"a": b"1", b"d/b": b"2", b"d/c\nx": b"3", b"e/f": b""}
OLD: TreeSpec = {b"a": File(b"0", mtime=MTIME - SECOND), b"d/b": b"00"}
EACH = pytest.mark.parametrize("wanted", [FILES, DIRECTORIES, RUNS], ids=MARKED)


def marker(wanted: DropBoxRequest, path: bytes) -> bytes:
    assert wanted.marker is not None
    directory, slash, name = path.rpartition(b"/")
    if wanted.marker_for == "run":
        return wanted.marker
    return directory + slash + wanted.marker.replace(b"{name}", name)


def contents(tree: TreeSpec) -> dict[bytes, bytes]:
    return {path: entry.content for path, entry in tree.items() if isinstance(entry, File)}


def plain(tree: TreeSpec) -> dict[bytes, bytes]:
    return {path: entry if isinstance(entry, bytes) else entry.content for path, entry in tree.items()}  # type: ignore[union-attr]


def marked(wanted: DropBoxRequest, tree: TreeSpec) -> dict[bytes, bytes]:
    """Return the contents of a tree and of its markers."""
    return {**plain(tree), **{marker(wanted, path): b"" for path in tree}}


def made(report: SyncReport) -> list[bytes]:
    return [path for path, action in done(report) if action == "mark"]


def unproven(wanted: DropBoxRequest, peer: MemoryTransport, sent: TreeSpec = NEW, *, old: TreeSpec = {}) -> list[str]:  # noqa: B006
    """Return the markers that stand without their files as they were sent, or, of a set, as all of them were before."""
    there, wrong = contents(peer.snapshot()), []
    for path in sent:
        mark = marker(wanted, path)
        covered = {each: data for each, data in plain(sent).items() if marker(wanted, each) == mark}
        before = {each: data for each, data in plain(old).items() if marker(wanted, each) == mark}
        if mark in there and not (covered.items() <= there.items() or (before and before.items() <= there.items())):
            wrong.append(f"{mark!r} of {path!r}")
    return wrong


def interrupting(number: int) -> tuple[Callable[[str, bytes], None], list[str]]:
    """Return a function that interrupts the operation of that number, and the operations so far."""
    seen: list[str] = []

    def act(operation: str, _path: bytes) -> None:
        seen.append(operation)
        if len(seen) == number:
            raise KeyboardInterrupt

    return act, seen


class TestPush:
    @EACH
    def test_a_marker_is_made_once_its_files_are_proven(self, wanted: DropBoxRequest) -> None:
        pair = SyncPair(NEW, {}, drop_box=wanted)
        foreseen = [action for action in pair.run(check_mode=True).plan.actions if action.action == "mark"]
        report = pair.run()
        assert codes(report) == set()
        assert contents(pair.destination.snapshot()) == marked(wanted, NEW)
        assert made(report) == sorted({marker(wanted, path) for path in NEW})
        assert [(action.path, action.reason, action.wanted.size) for action in foreseen] == [
            (path, "delivered", 0) for path in made(report)
        ]
        assert done(pair.run()) == []
        assert pair.run(check_mode=True).plan.actions == ()

    @EACH
    def test_no_moment_has_a_marker_without_its_files(self, wanted: DropBoxRequest) -> None:
        there = {**OLD, **{marker(wanted, path): b"" for path in OLD}}
        pair = SyncPair(NEW, there, drop_box=wanted)
        wrong: list[str] = []
        pair.peer.faults.on_operation = lambda _operation, _path: wrong.extend(unproven(wanted, pair.peer, old=OLD))
        assert codes(pair.run()) == set()
        assert wrong == []
        assert contents(pair.destination.snapshot()) == marked(wanted, NEW)

    @EACH
    def test_an_interruption_at_any_step_leaves_no_marker_alone_and_the_next_run_finishes(
        self, wanted: DropBoxRequest
    ) -> None:
        number, seen = 0, [""]
        while len(seen) >= number:
            number += 1
            pair = SyncPair(NEW, {**OLD, **{marker(wanted, path): b"" for path in OLD}}, drop_box=wanted)
            pair.peer.faults.on_operation, seen = interrupting(number)
            pair.run()
            pair.peer.faults.on_operation = None
            assert unproven(wanted, pair.peer, old=OLD) == [], number
            report = pair.run()
            assert codes(report) == set(), number
            assert contents(pair.destination.snapshot()) == marked(wanted, NEW), number
            assert done(pair.run()) == [], number
        assert number > 20

    @EACH
    def test_a_marker_that_the_partner_took_is_not_made_again(self, wanted: DropBoxRequest) -> None:
        pair = SyncPair(NEW, {}, drop_box=wanted)
        for path in made(pair.run()):
            pair.destination.discard(path)
        assert done(pair.run()) == []
        pair.source.fill({b"d/b": File(b"changed", mtime=MTIME + SECOND)})
        assert made(pair.run()) == [marker(wanted, b"d/b")]

    def test_files_and_markers_that_the_partner_took_come_once_with_deliver_once(self) -> None:
        for wanted, again in ((FILES, [b"a.done"]), (FILES._replace(deliver_once=True), [])):
            pair = SyncPair({b"a": b"1"}, {}, drop_box=wanted)
            assert made(pair.run()) == [b"a.done"]
            pair.destination.discard(b"a")
            pair.destination.discard(b"a.done")
            assert made(pair.run()) == again

    def test_a_file_that_comes_again_is_marked_again_though_a_run_was_interrupted(self) -> None:
        number, seen = 0, [""]
        while len(seen) >= number:
            number += 1
            pair = SyncPair({b"a": b"1"}, {}, drop_box=FILES)
            pair.run()
            pair.destination.discard(b"a")
            pair.destination.discard(b"a.done")
            pair.peer.faults.on_operation, seen = interrupting(number)
            pair.run()
            pair.peer.faults.on_operation = None
            assert codes(pair.run()) == set()
            assert contents(pair.destination.snapshot()) == {b"a": b"1", b"a.done": b""}, number

    @EACH
    def test_files_that_both_have_are_marked_too(self, wanted: DropBoxRequest) -> None:
        pair = SyncPair(NEW, NEW, drop_box=wanted)
        assert {action for _path, action in done(pair.run())} == {"mark"}
        assert contents(pair.destination.snapshot()) == marked(wanted, NEW)

    def test_a_failure_withholds_the_markers_of_its_set_only(self) -> None:
        for wanted, expected in (
            (FILES, [b"a.done", b"d/c\nx.done", b"e/f.done"]),
            (DIRECTORIES, [b"READY", b"e/READY"]),
            (RUNS, []),
        ):
            pair = SyncPair(NEW, {}, drop_box=wanted)
            pair.peer.faults.fail("rename", b"d/b", PermissionDenied("no"), times=1)
            report = pair.run()
            assert codes(report) == {"permission_denied"}
            assert made(report) == expected
            assert made(pair.run()) == sorted({marker(wanted, path) for path in NEW} - set(expected))

    def test_delete_takes_the_marker_before_its_file_and_leaves_the_others(self) -> None:
        pair = SyncPair({b"a": b"1", b"b": b"2", b"x.log": b""}, {}, drop_box=FILES)
        pair.run()
        pair.source.discard(b"b")
        orders: list[bytes] = []

        def watch(operation: str, path: bytes) -> None:
            if operation in ("remove_files", "keep_in") and not path.startswith(b"."):
                orders.append(path)

        pair.peer.faults.on_operation = watch
        report = pair.run(delete=True, trash=b".trash", exclude=("*.log",))
        assert codes(report) == set()
        assert orders[0] == b"b.done"
        there = contents(pair.destination.snapshot())
        assert there == {b"a": b"1", b"a.done": b"", b"x.log": b"", b"x.log.done": b"", b".trash/b": b"2"}
        assert report.stats["removed"] == 2

    def test_a_failure_keeps_the_markers_of_files_that_would_be_removed(self) -> None:
        pair = SyncPair({b"a": b"1", b"b": b"2"}, {}, drop_box=FILES)
        pair.run()
        pair.source.discard(b"b")
        pair.source.fill({b"c": b"3"})
        pair.peer.faults.fail("rename", b"c", PermissionDenied("no"), times=1)
        assert codes(pair.run(delete=True)) == {"permission_denied"}
        assert contents(pair.destination.snapshot()) == marked(FILES, {b"a": b"1", b"b": b"2"})

    def test_limits_leave_the_markers_of_files_alone(self) -> None:
        pair = SyncPair({b"a": b"1", b"bb": b"22"}, {}, drop_box=FILES)
        pair.run()
        pair.run(delete=True, limits=FileLimits(max_size=1))
        assert set(contents(pair.destination.snapshot())) == {b"a", b"a.done", b"bb", b"bb.done"}

    @pytest.mark.parametrize("other", [{b"a/x": b"2"}, {b"a": Link(b"b"), b"b": b""}], ids=["directory", "link"])
    def test_the_marker_of_a_file_that_becomes_another_kind_goes(self, other: TreeSpec) -> None:
        pair = SyncPair({b"a": b"1"}, {}, drop_box=FILES)
        pair.run()
        pair.source.discard(b"a")
        pair.source.fill(other)
        pair.peer.faults.on_operation = lambda _operation, _path: _require_file(pair)
        assert codes(pair.run(links="copy")) == set()
        assert b"a.done" not in pair.destination.snapshot()

    def test_a_directory_in_the_place_of_a_marker_keeps_the_file_in_the_source(self) -> None:
        wanted = FILES._replace(after_transfer=DELETE)
        pair = SyncPair({b"a": b"1", b"b": b"2"}, {b"a.done": Directory()}, drop_box=wanted)
        report = pair.run()
        assert codes(report) == {"kind_conflict"}
        assert contents(pair.source.snapshot()) == {b"a": b"1"}
        assert made(report) == [b"b.done"]
        pair.destination.discard(b"a.done")
        report = pair.run()
        assert (codes(report), made(report)) == (set(), [b"a.done"])
        assert contents(pair.source.snapshot()) == {}

    def test_a_marker_that_fails_is_tried_once_in_a_run(self) -> None:
        files = {b"%04d" % number: b"1" for number in range(groups.BATCH_FILES + 1)}
        pair = SyncPair(files, {b"0000.done": Directory()}, drop_box=FILES)
        report = pair.run()
        failed = [outcome for outcome in report.outcomes if outcome.error is not None]
        assert [(outcome.action.path, outcome.action.action) for outcome in failed] == [(b"0000.done", "mark")]
        assert len(made(report)) == groups.BATCH_FILES
        assert [action.path for action in report.plan.actions].count(b"0000.done") == 1

    def test_a_link_in_the_place_of_a_marker_is_replaced_and_not_followed(self) -> None:
        pair = SyncPair({b"a": b"1"}, {b"a.done": Link(b"secret"), b"secret": b"kept"}, drop_box=FILES)
        assert codes(pair.run()) == set()
        assert contents(pair.destination.snapshot()) == {b"a": b"1", b"a.done": b"", b"secret": b"kept"}

    def test_an_excluded_marker_goes_before_its_file_changes(self) -> None:
        pair = SyncPair({b"a": b"1"}, {b"a": b"0", b"a.done": b""}, drop_box=FILES, exclude=("*.done",))
        assert made(pair.run()) == [b"a.done"]
        assert b"a.done" in pair.peer.faults.asked("remove_files")

    def test_a_source_that_has_the_name_of_a_marker_fails_and_replaces_nothing(self) -> None:
        pair = SyncPair({b"a": b"1", b"a.done": b"2", b"a.done.done": b"3", b"b": b"4"}, {b"a.done": b"x"})
        report = pair.run(drop_box=FILES)
        assert codes(report) == {"name_collision"}
        assert contents(pair.destination.snapshot()) == {b"a.done": b"x", b"b": b"4", b"b.done": b""}

    @pytest.mark.parametrize(
        "options", [{"exclude": ("*.done",)}, {"limits": FileLimits(min_size=1)}], ids=["exclude", "limits"]
    )
    def test_a_marker_that_filters_leave_out_goes_before_its_file(self, options: dict[str, Any]) -> None:
        pair = SyncPair({b"a": b"1", b"b": b"2"}, {}, drop_box=FILES, delete=True, **options)
        pair.run()
        pair.source.discard(b"b")
        wrong: list[str] = []
        pair.peer.faults.on_operation = lambda _operation, _path: wrong.extend(
            unproven(FILES, pair.peer, {b"a": b"1", b"b": b"2"})
        )
        assert codes(pair.run()) == set()
        assert wrong == []
        assert contents(pair.destination.snapshot()) == {b"a": b"1", b"a.done": b""}

    @pytest.mark.parametrize("exclude", [(), ("*.done",)], ids=["", "excluded"])
    def test_a_marker_that_stays_keeps_its_file(self, exclude: tuple[str, ...]) -> None:
        both = {b"a": b"1", b"b": b"2"}
        pair = SyncPair(both, {}, drop_box=FILES, delete=True, exclude=exclude)
        pair.run()
        pair.source.discard(b"b")
        pair.peer.faults.fail("remove_files", b"b.done", PermissionDenied("no"))
        assert codes(pair.run()) == {"permission_denied"}
        assert contents(pair.destination.snapshot()) == marked(FILES, both)
        pair.peer.faults.forget()
        assert codes(pair.run()) == set()
        assert contents(pair.destination.snapshot()) == marked(FILES, {b"a": b"1"})

    def test_a_file_that_limits_keep_at_the_destination_keeps_its_marker(self) -> None:
        there = {b"b": b"9 bytes..", b"b.done": b""}
        pair = SyncPair({b"a": b"1"}, there, drop_box=FILES)
        assert codes(pair.run(delete=True, limits=FileLimits(max_size=5))) == set()
        assert contents(pair.destination.snapshot()) == {**there, b"a": b"1", b"a.done": b""}

    @EACH
    @pytest.mark.parametrize("exclude", [(), ("*.done", "READY")], ids=["", "excluded"])
    def test_a_file_of_the_partner_with_the_name_of_a_marker_stays(
        self, wanted: DropBoxRequest, exclude: tuple[str, ...]
    ) -> None:
        there = {b"a": File(b"0", mtime=MTIME - SECOND), marker(wanted, b"a"): b"of the partner"}
        pair = SyncPair({b"a": b"1"}, there, drop_box=wanted, delete=True, exclude=exclude)
        for _each in range(2):
            assert codes(pair.run()) == {"kind_conflict"}
            assert contents(pair.destination.snapshot()) == {b"a": b"1", marker(wanted, b"a"): b"of the partner"}
        pair.destination.discard(marker(wanted, b"a"))
        assert made(pair.run()) == [marker(wanted, b"a")]

    def test_a_file_of_the_partner_stays_next_to_a_single_file(self) -> None:
        there = {b"b": b"old", b"b.done": b"of the partner"}
        pair = SyncPair({b"a": b"1"}, there, drop_box=FILES)
        assert codes(pair.run(local_root=b"/memory/tree/a", remote_root=b"/memory/tree/b")) == {"kind_conflict"}
        assert contents(pair.destination.snapshot()) == {**there, b"b": b"1"}

    def test_a_file_of_the_partner_stays_next_to_an_encrypted_file(self) -> None:
        scene = SealedPair({b"a": b"1"}, drop_box=FILES)
        scene.pair.destination.fill({b"a.age.done": b"of the partner"})
        assert codes(scene.run()) == {"kind_conflict"}
        assert contents(scene.pair.peer.snapshot())[b"a.age.done"] == b"of the partner"

    def test_a_marker_that_cannot_be_looked_at_is_left_alone_and_keeps_its_file(self) -> None:
        both = {b"a": b"1", b"b": b"2"}
        pair = SyncPair(both, {}, drop_box=FILES, delete=True, exclude=("*.done",))
        pair.run()
        pair.source.discard(b"b")
        pair.peer.faults.fail("look", b"b.done", PermissionDenied("no"))
        assert codes(pair.run()) == {"permission_denied"}
        assert contents(pair.destination.snapshot()) == marked(FILES, both)

    def test_a_marker_that_cannot_be_removed_fails_alone(self) -> None:
        pair = SyncPair({b"a": b"1", b"b": b"2"}, {}, drop_box=FILES)
        pair.run()
        new = {b"a": File(b"changed", mtime=MTIME + SECOND), b"b": File(b"too", mtime=MTIME + SECOND), b"c": b"3"}
        pair.source.fill(new)
        pair.peer.faults.fail("remove_files", b"a.done", PermissionDenied("no"))
        report = pair.run()
        failed = [(bytes(each.action.path), each.action.action) for each in report.outcomes if each.error is not None]
        assert (codes(report), failed) == ({"permission_denied"}, [(b"a.done", "mark")])
        assert made(report) == [b"b.done", b"c.done"]
        assert contents(pair.destination.snapshot()) == marked(FILES, new)
        pair.peer.faults.forget()
        assert made(pair.run()) == [b"a.done"]

    def test_a_marker_that_cannot_be_removed_keeps_a_file_that_becomes_a_directory(self) -> None:
        pair = SyncPair({b"a": b"1"}, {}, drop_box=FILES)
        pair.run()
        pair.source.discard(b"a")
        pair.source.fill({b"a/x": b"2"})
        pair.peer.faults.fail("remove_files", b"a.done", PermissionDenied("no"))
        assert codes(pair.run(links="copy", delete=True)) == {"permission_denied"}
        _require_file(pair)

    @pytest.mark.parametrize("delete", [False, True], ids=["keep", "delete"])
    @pytest.mark.parametrize("wanted", [DIRECTORIES, RUNS], ids=["directory", "run"])
    def test_a_set_is_announced_again_without_the_file_that_failed(self, wanted: DropBoxRequest, delete: bool) -> None:
        pair = SyncPair({b"a": b"1", b"b": b"2"}, {}, drop_box=wanted, delete=delete)
        pair.run()
        pair.source.fill({b"b": File(b"changed", mtime=MTIME + SECOND)})
        pair.peer.faults.fail("rename", b"b", PermissionDenied("no"))
        assert codes(pair.run()) == {"permission_denied"}
        assert b"READY" not in pair.destination.snapshot()
        pair.source.discard(b"b")
        assert made(pair.run()) == [b"READY"]
        assert done(pair.run()) == []

    def test_a_removal_that_fails_withholds_the_marker_of_the_run(self) -> None:
        pair = SyncPair({b"a": b"1", b"b": b"2"}, {}, drop_box=RUNS, delete=True)
        pair.run()
        pair.source.discard(b"b")
        pair.source.fill({b"c": b"3"})
        pair.peer.faults.fail("remove_files", b"b", PermissionDenied("no"))
        assert codes(pair.run()) == {"permission_denied"}
        assert contents(pair.destination.snapshot()) == {b"a": b"1", b"b": b"2", b"c": b"3"}
        pair.peer.faults.forget()
        assert made(pair.run()) == [b"READY"]
        assert contents(pair.destination.snapshot()) == {b"a": b"1", b"c": b"3", b"READY": b""}

    @EACH
    def test_a_lost_session_at_any_step_is_continued(self, wanted: DropBoxRequest) -> None:
        for number in range(1, 60):
            pair = SyncPair(NEW, {}, drop_box=wanted)
            seen: list[str] = []

            def lose(operation: str, path: bytes, number: int = number, seen: list[str] = seen) -> None:
                seen.append(operation)
                if len(seen) == number:
                    raise ConnectionLost("cut")

            pair.peer.faults.on_operation = lose
            report = pair.run()
            assert codes(report) <= {"connection_lost"}, number
            pair.peer.faults.on_operation = None
            assert unproven(wanted, pair.peer) == []
            pair.run()
            assert contents(pair.destination.snapshot()) == marked(wanted, NEW), number

    def test_a_single_file_under_another_name(self) -> None:
        pair = SyncPair({b"a": b"1"}, {b"b": b"old", b"b.done": b""}, drop_box=FILES)
        places = {"local_root": b"/memory/tree/a", "remote_root": b"/memory/tree/b"}
        assert made(pair.run(**places)) == [b"b.done"]
        assert b"b.done" in pair.peer.faults.asked("remove_files")
        assert contents(pair.destination.snapshot()) == {b"b": b"1", b"b.done": b""}
        assert done(pair.run(**places)) == []

    def test_an_encrypted_file_has_the_marker_of_its_stored_name(self) -> None:
        scene = SealedPair({b"a": b"1"}, drop_box=FILES)
        scene.push()
        assert set(contents(scene.pair.peer.snapshot())) == {b"a.age", b"a.age.done"}
        assert done(scene.push()) == []


def _require_file(pair: SyncPair) -> None:
    there = pair.destination.snapshot()
    assert b"a.done" not in there or isinstance(there[b"a"], File)


class TestPull:
    @EACH
    @pytest.mark.parametrize("after", ["keep", DELETE, ARCHIVE])
    def test_only_marked_files_are_taken(self, wanted: DropBoxRequest, after: str) -> None:
        archive = b".sent" if after == ARCHIVE else None
        wanted = wanted._replace(after_transfer=after, archive=archive)
        source = dict.fromkeys((*marked(wanted, NEW), b"u/x", b"u/y.done"), b"9") | dict(plain(NEW))
        if wanted.marker_for == "run":
            source = {path: data for path, data in source.items() if not path.startswith(b"u/")}
        pair = SyncPair(source, {}, push=False, drop_box=wanted)
        report = pair.run()
        assert codes(report) == set()
        assert contents(pair.destination.snapshot()) == plain(NEW)
        left = {path for path in contents(pair.source.snapshot()) if not path.startswith(b".sent/")}
        assert left == (set(source) if after == "keep" else {path for path in source if path.startswith(b"u/")})
        assert report.stats["files_unmarked"] == len([path for path in source if path.startswith(b"u/")])

    @EACH
    def test_files_without_a_marker_wait(self, wanted: DropBoxRequest) -> None:
        pair = SyncPair(NEW, {}, push=False, drop_box=wanted._replace(after_transfer=DELETE))
        report = pair.run()
        assert (done(report), report.stats["files_unmarked"]) == ([], len(NEW))
        assert contents(pair.source.snapshot()) == plain(NEW)

    @pytest.mark.parametrize("exclude", [(), ("*.done",)], ids=["", "excluded"])
    @pytest.mark.parametrize("other", [Link(b"a"), Directory()], ids=["link", "directory"])
    def test_only_a_regular_file_is_a_marker(self, other: Any, exclude: tuple[str, ...]) -> None:
        pair = SyncPair({b"a": b"1", b"a.done": other}, {}, push=False, drop_box=FILES, exclude=exclude)
        assert b"a" not in [path for path, _action in done(pair.run())]

    def test_the_marker_of_a_marker_makes_no_file_of_it(self) -> None:
        source = {b"a": b"1", b"a.done": b"", b"a.done.done": b""}
        pair = SyncPair(source, {}, push=False, drop_box=FILES._replace(after_transfer=DELETE))
        pair.run()
        assert contents(pair.destination.snapshot()) == {b"a": b"1"}
        assert contents(pair.source.snapshot()) == {b"a.done.done": b""}
        assert done(pair.run()) == []

    @pytest.mark.parametrize(
        "options",
        [{"include": ("*.csv",)}, {"exclude": ("*.done",)}, {"limits": FileLimits(min_size=1)}],
        ids=["include", "exclude", "limits"],
    )
    def test_filters_are_for_files_and_not_for_markers(self, options: dict[str, Any]) -> None:
        source = {b"a.csv": b"1", b"a.csv.done": b"", b"b.csv": b"2"}
        pair = SyncPair(source, {}, push=False, drop_box=FILES._replace(after_transfer=DELETE), **options)
        pair.run()
        assert contents(pair.destination.snapshot()) == {b"a.csv": b"1"}
        assert contents(pair.source.snapshot()) == {b"b.csv": b"2"}

    @EACH
    def test_an_interruption_at_any_step_leaves_no_marker_without_files(self, wanted: DropBoxRequest) -> None:
        number, seen = 0, [""]
        wanted = wanted._replace(after_transfer=DELETE)
        while len(seen) >= number:
            number += 1
            pair = SyncPair(marked(wanted, NEW), {}, push=False, drop_box=wanted)
            pair.peer.faults.on_operation, seen = interrupting(number)
            pair.run()
            pair.peer.faults.on_operation = None
            left = contents(pair.source.snapshot())
            alone = [path for path in NEW if path not in left and marker(wanted, path) in left]
            assert alone == [], number
            report = pair.run()
            assert (codes(report), contents(pair.source.snapshot())) == (set(), {}), number
            assert contents(pair.destination.snapshot()) == plain(NEW), number
        assert number > 10

    def test_a_marker_that_cannot_be_looked_at_is_a_failure(self) -> None:
        pair = SyncPair({b"a": b"1", b"a.done": b""}, {}, push=False, drop_box=FILES, exclude=("*.done",))
        pair.peer.faults.fail("look", b"a.done", PermissionDenied("no"))
        report = pair.run()
        assert (codes(report), contents(pair.destination.snapshot())) == ({"permission_denied"}, {})

    def test_a_new_upload_of_a_name_waits_for_its_own_marker(self) -> None:
        pair = SyncPair({b"a": b"1", b"a.done": b""}, {}, push=False, drop_box=FILES._replace(after_transfer=DELETE))
        pair.peer.faults.fail("remove_files", b"a", PermissionDenied("no"), times=1)
        assert codes(pair.run()) == {"permission_denied"}
        pair.source.fill({b"a": File(b"2, half", mtime=MTIME + SECOND)})
        assert done(pair.run()) == []
        assert contents(pair.source.snapshot()) == {b"a": b"2, half"}

    def test_a_file_without_a_marker_stays_though_it_is_here_already(self) -> None:
        pair = SyncPair({b"a": b"1"}, {}, push=False)
        pair.run()
        assert done(pair.run(drop_box=FILES._replace(after_transfer=DELETE))) == []
        assert contents(pair.source.snapshot()) == {b"a": b"1"}

    def test_a_marker_that_stays_keeps_its_file(self) -> None:
        pair = SyncPair({b"a": b"1", b"a.done": b""}, {}, push=False, drop_box=FILES._replace(after_transfer=DELETE))
        pair.peer.faults.fail("remove_files", b"a.done", PermissionDenied("no"), times=1)
        assert codes(pair.run()) == {"permission_denied"}
        assert set(contents(pair.source.snapshot())) == {b"a", b"a.done"}

    @pytest.mark.parametrize("wanted", [DIRECTORIES, RUNS], ids=["directory", "run"])
    def test_the_marker_of_a_set_stays_as_long_as_a_file_of_it(self, wanted: DropBoxRequest) -> None:
        source = {b"d/a": b"1", b"d/b": b"2", marker(wanted, b"d/a"): b""}
        pair = SyncPair(source, {}, push=False, drop_box=wanted._replace(after_transfer=DELETE))
        pair.destination.faults.fail("rename", b"d/b", PermissionDenied("no"), times=1)
        assert codes(pair.run()) == {"permission_denied"}
        assert set(contents(pair.source.snapshot())) == {b"d/b", marker(wanted, b"d/a")}
        assert codes(pair.run()) == set()
        assert contents(pair.source.snapshot()) == {}

    def test_a_single_file_has_the_marker_of_its_name_at_the_source(self) -> None:
        wanted = FILES._replace(after_transfer=DELETE)
        pair = SyncPair({b"a": b"1", b"b.done": b""}, {}, push=False, drop_box=wanted)
        places = {"remote_root": b"/memory/tree/a", "local_root": b"/memory/tree/b"}
        assert done(pair.run(**places)) == []
        pair.source.fill({b"a.done": b""})
        pair.run(**places)
        assert contents(pair.destination.snapshot()) == {b"b": b"1"}
        assert contents(pair.source.snapshot()) == {b"b.done": b""}

    def test_encrypted_files_with_their_markers(self) -> None:
        scene = SealedPair({b"a": b"1"}, drop_box=FILES)
        scene.push()
        reader = scene.reader()
        report = reader.run(drop_box=FILES._replace(after_transfer=DELETE))
        assert codes(report) == set()
        assert [skipped.path for skipped in report.plan.skipped] == []
        assert contents(reader.destination.snapshot()) == {b"a": b"1"}
        assert contents(scene.pair.peer.snapshot()) == {}
