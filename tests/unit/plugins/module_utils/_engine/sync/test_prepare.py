# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From two open sides to a plan."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import EmptySource
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.plan import PlanPolicy
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import ROOT, RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import Attributes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.planning.filters import Filters
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.contents import PeerHash
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.feature import RunParts
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.outcomes import Outcomes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.prepare import (
    OTHERS_LOCK,
    Prepared,
    prepare,
    side_scan,
    with_restamps,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.progress import Progress
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.record import Record
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.roots import Opened, Sides
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.scan import EarlyScan
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.selection import SideSelection
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.stage_names import StageNames
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Capabilities
from support.scenes.sync_pair import SyncPair, done
from support.trees.memory_transport import MemoryTransport
from support.trees.tree_spec import MTIME, SECOND, Directory, File, TreeSpec

BOTH = pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])


class Scene:
    def __init__(self, source: TreeSpec, destination: TreeSpec | None, *, push: bool = True, **options: object) -> None:
        self.pair = SyncPair(source, destination, push=push, **options)
        self.request = self.pair.request()
        sides = Sides(push, self.pair.local, self.pair.peer, Progress())
        roots = (self.pair.source.root, self.pair.destination.root)
        self.names = StageNames(roots[1], self.request.run_id)
        self.opened = Opened(sides, self.names, destination is None, *roots)

    def prepare(self) -> Prepared:
        request = self.request
        parts = RunParts(
            request,
            self.opened,
            SideSelection(Filters(request.include, request.exclude), None),
            Record.of(request, local_root=self.pair.local.root, peer_root=self.pair.peer.root),
            Outcomes(),
            PeerHash(self.pair.peer, request.proof),
        )
        return prepare(parts, (), PlanPolicy.of(request), self.pair.peer.capabilities, None)


def short(prepared: Prepared) -> list[tuple[bytes, str]]:
    return [(bytes(action.path), action.reason) for action in prepared.plan.actions]


@BOTH
def test_a_plan_is_made_and_nothing_is_written(push: bool) -> None:
    source, destination = {b"new": b"1", b"same": b"2", b"other": b"3", b"out": b"4"}, {b"same": b"2", b"other": b"!"}
    scene = Scene(source, destination, push=push, exclude=("out",))
    before = scene.pair.destination.snapshot()
    prepared = scene.prepare()
    assert short(prepared) == [(b"new", "missing"), (b"other", "digest")]
    assert prepared.contents.compared == {b"same", b"other"}
    assert prepared.litter == []
    assert scene.pair.destination.snapshot() == before


def test_a_destination_that_is_missing_is_not_scanned() -> None:
    scene = Scene({b"a": b"1"}, None)
    assert short(scene.prepare()) == [(b"a", "missing")]
    assert scene.pair.destination.faults.asked("scan") == []


@BOTH
def test_what_is_recorded_is_not_hashed_again(push: bool) -> None:
    scene = Scene({b"a": b"1"}, {}, push=push)
    scene.pair.run()
    scene.pair.destination.disk.tick(100 * SECOND)
    prepared = scene.prepare()
    assert prepared.plan.actions == ()
    assert prepared.contents.compared == set()
    assert RelPath(b"a") in prepared.contents.source
    assert RelPath(b"a") in prepared.contents.destination


@BOTH
def test_a_scan_that_was_begun_is_carried_on(push: bool) -> None:
    tree = {b"a": b"1", b"d/b": b"2"}
    scene = Scene(tree, tree, push=push)
    scan = side_scan(scene.request, SideSelection(Filters((), ()), None), scene.pair.local)
    early = EarlyScan(scene.pair.local, scan)
    waiting = [False, True]
    early.advance(lambda: waiting.pop(0))
    assert scene.pair.local.faults.asked("scan") == [b""]
    scene.opened = scene.opened._replace(early_scan=early)
    prepared = scene.prepare()
    assert sorted(prepared.source.tree) == sorted(prepared.destination.tree) == [b"a", b"d", b"d/b"]
    assert scene.pair.local.faults.asked("scan") == [b"", b"d"], "nothing is listed twice"
    assert not push or prepared.started == early.scan.started


def test_what_killed_runs_left_is_litter_unless_the_source_has_it_or_it_is_ours() -> None:
    scene = Scene({}, {})
    dead = StageNames(scene.pair.destination.root, "feed" * 4)
    left, kept, ours = dead.in_root(), dead.in_root(), scene.names.in_root()
    scene.pair.destination.fill({bytes(path): b"x" for path in (left, kept, ours)})
    scene.pair.source.fill({bytes(kept): b"x"})
    prepared = scene.prepare()
    assert prepared.litter == [left]
    assert sorted(prepared.destination.tree) == [kept]


def test_another_run_s_lock_in_the_source_is_skipped() -> None:
    prepared = Scene({b"d/.secure_sync.lock": b"theirs"}, {}).prepare()
    assert [tuple(skipped) for skipped in prepared.plan.skipped] == [(b"d/.secure_sync.lock", OTHERS_LOCK)]


def test_the_planner_s_refusals_are_raised() -> None:
    with pytest.raises(EmptySource):
        Scene({}, {b"a": b"1"}, delete=True).prepare()


def test_directories_in_which_something_comes_and_goes_get_their_time_again() -> None:
    tree = {b"d": Directory(0o755, MTIME + SECOND), b"d/f": File(b"1"), b"e": Directory()}
    scene = Scene(tree, tree)
    prepared = scene.prepare()
    touched = {RelPath(b"d/litter"), RelPath(b"litter"), RelPath(b"absent/litter")}
    found = with_restamps(prepared, scene.request, scene.opened, touched)
    assert found.restamp == ((RelPath(b"d"), Attributes(None, MTIME + SECOND)),)
    assert ROOT not in dict(found.restamp)
    assert with_restamps(prepared, scene.request, scene.opened, set()) is prepared.plan
    lax = scene.pair.request(preserve_mtime=False)
    assert with_restamps(prepared, lax, scene.opened, touched) is prepared.plan


TIMED = {b"d": Directory(0o750, MTIME + SECOND), b"d/f": File(b"x", 0o640, MTIME)}


def peer(**capabilities: bool) -> MemoryTransport:
    return MemoryTransport({}, capabilities=Capabilities(**capabilities))


def test_a_second_run_finds_nothing_to_do_without_times_of_directories() -> None:
    pair = SyncPair(TIMED, peer(directory_mtime=False))
    assert pair.run().error is None
    pair.destination.node(b"d").mtime = 5 * SECOND
    assert done(pair.run()) == []


def test_a_second_run_finds_nothing_to_do_without_times() -> None:
    pair = SyncPair(TIMED, peer(stores_mtime=False))
    assert pair.run().error is None
    assert done(pair.run()) == []


def test_a_second_run_finds_nothing_to_do_without_modes() -> None:
    pair = SyncPair(TIMED, peer(stores_mode=False))
    assert pair.run().error is None
    pair.destination.node(b"d/f").mode = 0o600
    assert done(pair.run()) == []
    assert pair.destination.node(b"d/f").mode == 0o600


def test_a_pull_takes_no_mtimes_of_directories_from_a_peer_that_does_not_know_them() -> None:
    pair = SyncPair(MemoryTransport(TIMED, capabilities=Capabilities(directory_mtime=False)), {}, push=False)
    assert pair.run().error is None
    pair.source.node(b"d").mtime = 5 * SECOND
    assert done(pair.run()) == []
    assert pair.destination.node(b"d").mtime == MTIME + SECOND
