# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two sides of a run, and the requirements on their roots."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionFailed,
    KindConflict,
    NotFound,
    PermissionDenied,
    SourceMissing,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.filters import Filters
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.backoff import Backoff
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.prepare import side_scan
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.progress import Progress
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.roots import Opened, open_sides
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.selection import SideSelection
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.sessions import Openers, Sessions
from support.scenes.sync_pair import SyncPair
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import File, Link

BOTH = pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])


class Moving(MemoryTransport):
    """A peer that can go to another root in its session."""

    def move_root(self, root: bytes) -> bool:
        self.root = root
        return True


class Scene:
    def __init__(self, pair: SyncPair) -> None:
        self.pair = pair
        self.stack = ExitStack()
        self.pauses: list[float] = []

    def open(self) -> Opened:
        request = self.pair.request()
        openers = Openers(self.pair._open_local, self.pair._open_peer)
        sessions = Sessions(request, openers, Backoff(2, sleep=self.pauses.append), self.stack, Progress())
        selection = SideSelection(Filters((), ()), None)
        with self.stack:
            return open_sides(sessions, scan_of=lambda side: side_scan(request, selection, side))


def pair_of(source: object, destination: object, *, push: bool = True) -> SyncPair:
    return SyncPair(source, destination, push=push)


def root_is(side: MemoryTransport, spec: object) -> MemoryTransport:
    """The root itself becomes a file or a link."""
    side.disk._put(side.root, spec)
    return side


@BOTH
@pytest.mark.parametrize("missing", [False, True])
def test_two_directories(push: bool, missing: bool) -> None:
    pair = pair_of({b"a": b"1"}, None if missing else {}, push=push)
    opened = Scene(pair).open()
    assert opened.sides.push is push
    assert opened.destination_missing is missing
    assert (opened.source_root, opened.destination_root, opened.file) == (pair.source.root, pair.destination.root, b"")
    assert (opened.source_scan is not None) is push
    assert (opened.destination_scan is not None) is (not push and not missing)
    assert pair.local.closed
    assert pair.peer.closed


@BOTH
@pytest.mark.parametrize("source", [None, Link(b"x")])
def test_a_source_that_is_no_file_or_directory(push: bool, source: object) -> None:
    pair = pair_of(None, {}, push=push)
    if source is not None:
        root_is(pair.source, source)
    with pytest.raises(SourceMissing) as caught:
        Scene(pair).open()
    assert caught.value.cure
    assert pair.opened == (["local"] if push else ["local", "peer"]), "a local source is looked at before a login"


@BOTH
def test_a_source_that_cannot_be_looked_at(push: bool) -> None:
    pair = pair_of({}, {}, push=push)
    pair.source.faults.fail("root_entry", None, PermissionDenied("no"))
    with pytest.raises(SourceMissing, match="no"):
        Scene(pair).open()


@BOTH
def test_a_directory_does_not_go_over_a_file(push: bool) -> None:
    pair = pair_of({}, None, push=push)
    root_is(pair.destination, File(b"x"))
    with pytest.raises(KindConflict):
        Scene(pair).open()


def test_a_pull_to_a_place_without_a_parent() -> None:
    destination = MemoryTransport(root=b"/memory/no/tree")
    del destination.disk.get(b"/memory").children[b"no"]
    with pytest.raises(NotFound):
        Scene(pair_of({}, destination, push=False)).open()


@BOTH
@pytest.mark.parametrize("there", [False, True], ids=["new", "over a file"])
def test_a_single_file_is_a_run_on_the_directories_above(push: bool, there: bool) -> None:
    source = MemoryTransport(root=b"/memory/from")
    destination = MemoryTransport(root=b"/memory/to")
    root_is(source, File(b"content"))
    if there:
        root_is(destination, File(b"old"))
    opened = Scene(pair_of(source, destination, push=push)).open()
    assert (opened.source_root, opened.destination_root, opened.file) == (b"/memory", b"/memory", b"from/to")
    assert [page.entries[0][0] for page in opened.sides.source.scan()] == [b"to"]


@BOTH
def test_a_single_file_keeps_its_name_in_a_directory(push: bool) -> None:
    source = root_is(MemoryTransport(root=b"/memory/from"), File(b"content"))
    opened = Scene(pair_of(source, {}, push=push)).open()
    assert opened.destination_root == b"/memory/tree"
    assert opened.file == b"from/from"


@BOTH
@pytest.mark.parametrize("moving", [True, False])
def test_one_session_where_the_peer_can_go_to_another_root(push: bool, moving: bool) -> None:
    kind = Moving if moving else MemoryTransport
    source = root_is((MemoryTransport if push else kind)(root=b"/memory/from"), File(b"content"))
    destination = (kind if push else MemoryTransport)(root=b"/memory/to")
    pair = pair_of(source, destination, push=push)
    opened = Scene(pair).open()
    assert pair.opened.count("peer") == (1 if moving else 2)
    assert opened.sides.peer.real_root() == b"/memory"
    assert opened.sides.source.read_file(RelPath(b"from")) == b"content"


def test_a_login_that_fails_is_tried_again_and_then_given_up() -> None:
    pair = pair_of({}, {})

    def refuse(request: object) -> MemoryTransport:
        raise ConnectionFailed("no answer")

    scene = Scene(pair)
    pair._open_peer = refuse
    with pytest.raises(ConnectionFailed):
        scene.open()
    assert len(scene.pauses) == 2
