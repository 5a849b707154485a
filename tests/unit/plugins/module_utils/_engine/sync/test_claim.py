# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The claim on a destination: root, lock and temporary files, from the first change to the end of the run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AlreadyExists,
    ConnectionLost,
    Locked,
    NotFound,
    PermissionDenied,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.account import Account
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.backoff import Backoff
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.claim import Claim
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.lock import LOCK_NAME
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.lock_holder import LockHolder
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.progress import Progress
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.roots import Opened, Sides
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.sessions import Openers, Sessions
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.stage_names import StageNames
from support.scenes.sync_pair import SyncPair
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import TreeSpec


class Scene:
    """A push to `tree`, and a claim on it that `end` ends."""

    def __init__(self, tree: TreeSpec | None, **options: object) -> None:
        pair = SyncPair({b"a": b"1"}, tree, **options)
        request, self.stack = pair.request(), ExitStack()
        openers = Openers(lambda asked: pair.source, lambda asked: pair.destination)
        self.sessions = Sessions(request, openers, Backoff(3, sleep=lambda seconds: None), self.stack, Progress())
        self.peer = pair.destination
        names = StageNames(self.peer.root, request.run_id)
        sides = Sides(True, pair.source, self.sessions.session, Progress())
        self.opened = Opened(sides, names, tree is None, pair.source.root, self.peer.root)
        self.account = Account(request, self.sessions)
        self.claim = Claim(request, self.sessions, self.account, self.stack)

    def end(self) -> None:
        self.stack.close()


def test_the_destination_is_locked_until_the_end() -> None:
    scene = Scene({})
    assert not scene.claim.begun
    marker = scene.claim.take(scene.opened)
    assert marker is not None
    assert scene.claim.begun
    assert list(scene.peer.snapshot()) == [LOCK_NAME]
    scene.claim.still_ours()
    scene.end()
    assert scene.peer.snapshot() == {}
    assert scene.account.outcomes.notes == []


def test_the_lock_has_heartbeats_while_a_huge_file_is_hashed_or_sealed_here(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene({})
    actions: list[Callable[[], None]] = []
    beats: list[str] = []
    monkeypatch.setattr(scene.opened.sides.local, "call_meanwhile", actions.append)
    monkeypatch.setattr(scene.peer, "beat", lambda: beats.append("beat"))
    scene.claim.take(scene.opened)
    for action in actions:
        action()
    assert beats == ["beat"]
    scene.end()


def test_without_lock_only_a_marker_is_written() -> None:
    scene = Scene({}, lock=False)
    marker = scene.claim.take(scene.opened)
    assert marker is not None
    assert [path.endswith(b".tmp") for path in scene.peer.snapshot()] == [True]
    scene.claim.still_ours()
    assert scene.claim.clock_ahead == 0
    marker.remove()
    assert scene.peer.snapshot() == {}


def test_a_run_on_one_file_has_no_marker() -> None:
    scene = Scene({})
    assert scene.claim.take(scene.opened._replace(file=b"a/a")) is None


def test_a_missing_root_is_made_and_counted() -> None:
    scene = Scene(None)
    scene.claim.take(scene.opened)
    assert scene.peer.root_entry() is not None
    assert scene.account.outcomes.stats["directories_created"] == 1


def test_a_root_that_another_run_made_meanwhile_is_taken() -> None:
    scene = Scene({b"by the other run": b"1"})
    scene.claim.take(scene.opened._replace(destination_missing=True))
    assert scene.claim.came_second
    assert scene.account.outcomes.stats["directories_created"] == 0
    scene.end()
    assert list(scene.peer.snapshot()) == [b"by the other run"]


def test_a_file_that_came_to_the_place_of_the_root_is_refused() -> None:
    scene = Scene(None)
    scene.peer.disk.fill(b"/memory", {b"tree": b"a file"})
    with pytest.raises(AlreadyExists, match=r"dest: '/memory/tree' on files\.example\.com cannot be made"):
        scene.claim.take(scene.opened)
    assert not scene.claim.begun


def test_a_root_that_was_made_in_part_counts_as_made() -> None:
    """Its mode was refused, or the answer is wrong."""
    scene = Scene(None)

    def fill(operation: str, _path: bytes) -> None:
        if operation == "create_root":
            scene.peer.disk.fill(b"/memory/tree", {})

    scene.peer.faults.on_operation = fill
    scene.peer.faults.fail("create_root", b"", PermissionDenied("no"))
    with pytest.raises(PermissionDenied, match="cannot be made"):
        scene.claim.take(scene.opened)
    assert scene.account.outcomes.stats["directories_created"] == 1


def test_a_missing_parent_is_named() -> None:
    scene = Scene(None)
    scene.peer.faults.fail("create_root", b"", NotFound("No such file"))
    with pytest.raises(NotFound, match=r"dest: '/memory/tree' on files\.example\.com cannot be made: its parent"):
        scene.claim.take(scene.opened)
    assert not scene.claim.begun


def test_a_lock_that_cannot_be_made_is_about_the_destination() -> None:
    scene = Scene({})
    scene.peer.faults.fail("create_file", lambda path: True, PermissionDenied("Permission denied"))
    with pytest.raises(
        PermissionDenied, match=r"dest: '/memory/tree' on files\.example\.com cannot be locked"
    ) as failure:
        scene.claim.take(scene.opened)
    assert failure.value.path == LOCK_NAME
    assert "set lock to false" in failure.value.cure


def test_temporary_files_are_removed_at_the_end() -> None:
    scene = Scene({}, lock=False)
    scene.claim.take(scene.opened)
    scene.peer.create_file(scene.opened.names.beside(RelPath(b"a")), b"half")
    scene.end()
    assert scene.peer.snapshot() == {}


def test_temporary_files_that_stay_are_counted() -> None:
    scene = Scene({b"%d" % number: b"1" for number in range(8)})
    scene.claim.take(scene.opened)
    scene.opened.names.open.update(RelPath(b"%d" % number) for number in range(8))
    scene.peer.faults.fail("remove_files", lambda path: path in b"0123456", PermissionDenied("Permission denied"))
    scene.end()
    (note,) = scene.account.outcomes.notes
    assert "'0', '1', '2', '3', '4' and 2 more" in note
    assert "Permission denied" in note


def test_a_claim_that_another_run_took_over_is_noticed() -> None:
    scene = Scene({})
    scene.claim.take(scene.opened)
    _take_over(scene.peer)
    with pytest.raises(Locked):
        scene.claim.still_ours()


def test_a_new_session_confirms_the_claim() -> None:
    scene = Scene({b"a": b"1"})
    scene.claim.take(scene.opened)
    _take_over(scene.peer)
    scene.peer.faults.fail("read_file", b"a", ConnectionLost("closed"), times=1)
    with pytest.raises(Locked):
        scene.sessions.session.read_file(RelPath(b"a"))


def _take_over(peer: MemoryTransport) -> None:
    peer.fill({LOCK_NAME: LockHolder.here("fedcba9876543210").text()})


def test_a_lock_that_cannot_be_released_is_a_note() -> None:
    scene = Scene({})
    scene.claim.take(scene.opened)
    scene.peer.faults.fail("remove_files", LOCK_NAME, PermissionDenied("Permission denied"))
    scene.end()
    assert scene.account.outcomes.notes == [
        "the lock of the destination could not be removed: the next run takes it over: Permission denied"
    ]
