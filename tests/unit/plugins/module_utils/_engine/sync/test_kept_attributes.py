# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Destinations that acknowledge modification times or modes and do not keep them: reported, and then no change."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionLost,
    NoSpace,
    NotSupported,
    OperationFailed,
    PermissionDenied,
    SyncError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import DIRECTORY, Attributes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.kept_attributes import (
    NO_DIRECTORY_MODES,
    NO_DIRECTORY_MTIMES,
    NO_MODES,
    NO_MTIMES,
    Forgotten,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.unkept import NOTE
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Capabilities
from support.scenes.sync_pair import SyncPair, codes, done
from support.trees.memory_disk import Node
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import MTIME, SECOND, Directory, File

SOURCE = {b"a": File(b"a", 0o640, MTIME), b"d": Directory(0o750, MTIME), b"d/b": File(b"b", 0o600, MTIME)}
TIMES, MODES, BOTH = Forgotten(True, False, True), Forgotten(False, True, False, True), Forgotten(*[True] * 4)
OF_DIRECTORIES = Forgotten(directory_mtimes=True, directory_modes=True)
NOTES = {
    TIMES: {NO_MTIMES},
    MODES: {NO_MODES},
    BOTH: {NO_MTIMES, NO_MODES},
    OF_DIRECTORIES: {NO_DIRECTORY_MTIMES, NO_DIRECTORY_MODES},
}


class Forgetful(MemoryTransport):
    """Acknowledges all attributes, and sets only those that are not in `forgets`."""

    forgets = Forgotten()

    def _set(self, node: Node, attributes: Attributes) -> None:
        mtimes, modes = self.forgets[2:] if node.kind == DIRECTORY else self.forgets[:2]
        super()._set(node, Attributes(None if modes else attributes.mode, None if mtimes else attributes.mtime))


def pair_with(forgets: Forgotten, *, push: bool = True, **options: object) -> SyncPair:
    destination = Forgetful({})
    destination.forgets = forgets
    return SyncPair(SOURCE, destination, push=push, **options)


def told(report: object) -> set:
    return {note for note in report.notes if "does not keep" in note}


def contents(side: MemoryTransport) -> dict:
    return {path: getattr(found, "content", None) for path, found in side.snapshot().items()}


@pytest.mark.parametrize("push", [True, False])
@pytest.mark.parametrize("forgets", NOTES, ids=["times", "modes", "both", "of directories"])
def test_it_is_told_and_the_next_runs_change_nothing(forgets: Forgotten, push: bool) -> None:
    pair = pair_with(forgets, push=push)
    first = pair.run()
    assert codes(first) == set()
    assert told(first) == NOTES[forgets]
    assert contents(pair.destination) == contents(pair.source)
    pair.destination.disk.tick(100 * SECOND)
    for check_mode in (True, False, True):
        again = pair.run(check_mode=check_mode)
        assert again.plan.actions == ()
        assert done(again) == []
        assert told(again) == NOTES[forgets]
    moved = pair.content_moved()
    assert done(pair.run()) == []
    assert pair.content_moved() == moved


@pytest.mark.parametrize("push", [True, False])
def test_a_new_file_is_looked_at_for_the_check_and_for_the_record(push: bool) -> None:
    pair = pair_with(TIMES, push=push)
    pair.run()
    assert pair.destination.faults.asked("look").count(b"a") == 2


def test_without_what_earlier_runs_knew_what_is_in_vain_is_skipped() -> None:
    pair = pair_with(BOTH)
    pair.run()
    pair.state_dir += b"-lost"
    report = pair.run()
    assert done(report) == []
    assert report.stats["attributes_set"] == 0
    assert {bytes(skipped.path) for skipped in report.plan.skipped} == {b"a", b"d", b"d/b"}


def test_what_is_kept_is_set_all_the_same() -> None:
    pair = pair_with(TIMES)
    pair.run()
    pair.source.node(b"a").mode = 0o600
    assert done(pair.run()) == [(b"a", "set_attributes")]
    assert pair.destination.node(b"a").mode == 0o600


def test_a_destination_that_is_mended_is_found_out() -> None:
    pair = pair_with(BOTH)
    pair.run()
    pair.destination.forgets = Forgotten()
    report = pair.run()
    assert told(report) == set()
    assert {path for path, _action in done(report)} == {b"a", b"d", b"d/b"}
    assert pair.destination.snapshot() == pair.source.snapshot()
    assert done(pair.run()) == []


def test_new_files_do_not_set_what_directories_lose() -> None:
    pair = pair_with(OF_DIRECTORIES)
    pair.run()
    pair.source.create_file(RelPath(b"d/c"), b"new")
    assert done(pair.run()) == [(b"d/c", "store")]


def test_one_file_that_somebody_touched_is_not_taken_for_a_habit() -> None:
    pair = SyncPair(SOURCE, {})

    def touch(operation: str, path: bytes) -> None:
        if operation == "rename" and path == b"d/b":
            pair.destination.faults.on_operation = lambda operation, _path: (
                operation == "look" and setattr(pair.destination.node(b"d/b"), "mtime", MTIME + SECOND)
            )

    pair.destination.faults.on_operation = touch
    assert told(pair.run()) == set()
    pair.destination.faults.on_operation = None
    assert done(pair.run()) == [(b"d/b", "set_attributes")]


def test_without_preserving_nothing_is_said() -> None:
    assert told(pair_with(BOTH, preserve_mode=False, preserve_mtime=False).run()) == set()


def test_a_root_where_no_file_can_be_made_gives_no_verdict() -> None:
    pair = pair_with(Forgotten(True, True), lock=False)
    pair.destination.faults.fail("create_file", None, PermissionDenied("no"))
    assert told(pair.run()) == set()


def test_what_a_destination_says_that_it_cannot_do_is_not_put_to_the_test() -> None:
    destination = MemoryTransport({}, capabilities=Capabilities(stores_mode=False, directory_mtime=False))
    pair = SyncPair(SOURCE, destination)
    pair.destination.faults.on_operation = lambda operation, path: (
        operation == "look" and path in SOURCE and setattr(pair.destination.node(path), "mode", 0o777)
    )
    assert told(pair.run()) == set()
    assert len(pair.destination.faults.asked("create_file")) == 1, "the lock"


def test_no_trace_of_the_test_is_left() -> None:
    pair = pair_with(BOTH)
    pair.run()
    pair.run()
    assert sorted(pair.destination.snapshot()) == sorted(SOURCE)


class TestRefusals:
    """Attributes of one entry are refused."""

    @pytest.mark.parametrize(
        ("error", "push", "fails"),
        [
            (PermissionDenied("no"), True, False),
            (PermissionDenied("no"), False, False),
            (NotSupported("no"), True, False),
            (OperationFailed("no reason"), True, False),
            (OperationFailed("no reason"), False, True),
            (NoSpace("full"), True, True),
        ],
        ids=str,
    )
    @pytest.mark.parametrize("path", [b"d", b"a"])
    def test_only_a_refusal_is_a_note(self, path: bytes, error: SyncError, push: bool, fails: bool) -> None:
        destination = {b"a": File(b"a", 0o600, MTIME), b"d": Directory(0o700, MTIME), b"e": File(b"e", 0o600, MTIME)}
        source = {**SOURCE, b"e": File(b"e", 0o640, MTIME)}
        pair = SyncPair(source, destination, push=push)
        pair.destination.faults.fail("set_attributes", path, error)
        reports = [pair.run() for _time in range(2)]
        assert pair.destination.node(b"e").mode == 0o640, "other entries get theirs"
        for report in reports:
            assert codes(report) == ({error.code} if fails else set())
        assert [item for item, _action in done(reports[1])] == []
        if not fails:
            assert told(reports[1]) == {f"{NOTE % ('1 entry', path.decode())}: {error.message}"}
            assert done(pair.run(check_mode=True)) == []
            assert pair.run(check_mode=True).plan.actions == ()

    @pytest.mark.parametrize("lost", [False, True])
    def test_a_demanded_mode_is_an_error_also_if_the_session_is_lost(self, lost: bool) -> None:
        pair = SyncPair(SOURCE, {b"d": Directory(0o700, MTIME)}, demands_mode=True)
        pair.destination.faults.fail("set_attributes", b"d", PermissionDenied("no"))
        if lost:
            pair.destination.faults.fail("look", b"d", PermissionDenied("not this"))
            pair.destination.faults.fail("look", b"a", ConnectionLost("gone"))
        report = pair.run()
        assert codes(report) == {"permission_denied"}
        assert contents(pair.destination) == contents(pair.source)

    @pytest.mark.parametrize("path", [b"d", b"d/e"])
    def test_a_new_directory_that_is_refused_once_is_named(self, path: bytes) -> None:
        pair = SyncPair({**SOURCE, b"d/e": Directory(0o750, MTIME)}, {})
        pair.destination.faults.fail("set_attributes", path, OperationFailed("no reason"), times=1)
        assert told(pair.run()) == {f"{NOTE % ('1 entry', path.decode())}: no reason"}
        assert done(pair.run()) == [(path, "set_attributes")]
