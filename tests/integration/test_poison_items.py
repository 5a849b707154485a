# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Items at which a server ends every session, or is silent: they alone fail, by name; the next good run converges."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from support.scenes.fault_scene import FaultScene
from support.scenes.ftps_runs import FtpsRuns
from support.scenes.sync_runs import SyncRuns
from support.scripted.scripted_ftps import ScriptedFtps
from support.scripted.scripted_sftp import scripted
from support.servers.sshd import Sshd
from support.trees.tree_spec import File, Link, TreeSpec

STALL_SECONDS = 1.0
MARK = b"poison"
SMALL: TreeSpec = {
    **{b"d%d/f%d" % (number // 20, number): b"content of %d" % number for number in range(400)},
    **{b"changed%d" % number: b"new and longer" for number in range(5)},
}
OLD: TreeSpec = {
    **{b"changed%d" % number: b"old" for number in range(5)},
    b"extra": b"stays as long as anything fails",
    b"extras/deep/extra": b"this too",
}
LARGE = {"sftp": 17 << 20, "ftps": 65 << 20}
"""Bytes from which on content goes in stripes."""


class Peer(NamedTuple):
    """A correct server, its kind of runs, and a function that lets a faulty server serve the same tree."""

    name: str
    good: Any
    runs: type[SyncRuns]

    def wrong(self, behaviour: str) -> AbstractContextManager[Any]:
        if self.runs is SyncRuns:
            return Sshd(self.good.root, subsystem=scripted(behaviour))
        return ScriptedFtps(self.good.root, behaviour)


@pytest.fixture(scope="module", params=["sftp", "ftps"])
def peer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    if request.param == "sftp":
        with Sshd() as server:
            yield Peer("sftp", server, SyncRuns)
    else:
        with ScriptedFtps(tmp_path_factory.mktemp("served")) as server:
            server.account = SimpleNamespace(uid=os.geteuid())
            yield Peer("ftps", server, FtpsRuns)


def scene_of(peer: Peer, place: Path, new: TreeSpec, *, push: bool, **options: Any) -> FaultScene:
    place = place / "near"
    place.mkdir()
    scene = FaultScene(peer.good, place, push=push, old=OLD, new=new, runs=peer.runs, links="skip", **options)
    scene.reset()
    return scene


def failed(ran: Any) -> set[bytes]:
    return {bytes(error.path) for error in ran.errors}


def check(scene: FaultScene, ran: Any, *, fails: set[bytes], stored: TreeSpec) -> None:
    """The invariants after the run, its messages, and the work that is done all the same."""
    assert ran.report.error is None, ran
    assert failed(ran) == fails, ran
    assert ran.codes <= {"connection_lost", "stalled", "operation_failed"}, ran
    assert scene.violations(ran) == []
    for name in stored.keys() - fails:
        assert (scene.destination / os.fsdecode(name)).exists(), name
    assert scene.settle() == []


@pytest.mark.parametrize("parallel", [1, 4])
@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_sessions_that_are_cut(peer: Peer, push: bool, parallel: int, tmp_path: Path) -> None:
    """By the name of a file, of a directory, and by content, all in one tree."""
    bad: TreeSpec = {
        b"d3/poison": b"by its name",
        b"poison-directory/inside": b"by the directory",
        b"d5/small": b"x" * 5000 + MARK,
        b"d5/middling": b"x" * 100_000 + MARK + b"x" * 100_000,
    }
    scene = scene_of(peer, tmp_path, {**SMALL, **bad}, push=push, proof="read_back", parallel=parallel)
    with peer.wrong("poison_cut") as wrong:
        ran = scene.runs.on(wrong).run()
    fails = (
        set(bad) | {b"poison-directory"} if push else (set(bad) - {b"poison-directory/inside"}) | {b"poison-directory"}
    )
    check(scene, ran, fails=fails, stored=SMALL)
    print(f"{len(fails)} items failed of {len(SMALL) + len(bad)}; {ran.report.notes[-1]}")


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_sessions_that_fall_silent(peer: Peer, push: bool, tmp_path: Path) -> None:
    bad: TreeSpec = {b"d3/poison": b"by its name"}
    scene = scene_of(
        peer, tmp_path, {**SMALL, **bad}, push=push, proof="read_back", stall_timeout=STALL_SECONDS, retries=1
    )
    with peer.wrong("poison_stall") as wrong:
        ran = scene.runs.on(wrong).run()
    check(scene, ran, fails=set(bad), stored=SMALL)
    assert ran.seconds < 15 + 6 * STALL_SECONDS, ran


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_without_retries_the_others_are_done_as_well(peer: Peer, push: bool, tmp_path: Path) -> None:
    bad: TreeSpec = {b"d3/poison": b"by its name", b"d5/small": b"x" * 5000 + MARK}
    scene = scene_of(peer, tmp_path, {**SMALL, **bad}, push=push, proof="read_back", retries=0)
    with peer.wrong("poison_cut") as wrong:
        ran = scene.runs.on(wrong).run()
    check(scene, ran, fails=set(bad), stored=SMALL)


@pytest.mark.parametrize("push", [True, False], ids=["push", "pull"])
def test_a_large_file_over_several_sessions(peer: Peer, push: bool, tmp_path: Path) -> None:
    size = LARGE[peer.name] // 2
    bad: TreeSpec = {b"large": File(bytes(size) + MARK + bytes(size), 0o644, 1_600_000_000_000_000_000)}
    small: TreeSpec = {b"f%d" % number: b"content" for number in range(40)}
    scene = scene_of(peer, tmp_path, {**small, **bad}, push=push, proof="read_back", parallel=3, retries=1)
    with peer.wrong("poison_cut") as wrong:
        ran = scene.runs.on(wrong).run()
    check(scene, ran, fails=set(bad), stored=small)


@pytest.mark.parametrize("last", ["goes on", "ends"])
def test_a_trial_link_of_a_lost_session_does_not_stay(last: str, tmp_path: Path) -> None:
    """The order of SYMLINK's paths is found out with a link, which is removed by the next session or the next run."""
    new: TreeSpec = {b"target": b"x", b"link": Link(b"target")}
    poison = "poison_removal=.order" if last == "ends" else "poison_removal_once=.order"
    with Sshd() as server:
        (tmp_path / "near").mkdir()
        scene = FaultScene(server, tmp_path / "near", push=True, old={}, new=new, links="copy", retries=0)
        scene.reset()
        with Sshd(server.root, subsystem=scripted("symlink_by_draft", poison)) as wrong:
            ran = scene.runs.on(wrong).run()
        assert ran.failed == (last == "ends")
        assert ran.codes <= {"connection_lost"}
        left = [name for name in os.listdir(scene.destination) if name.endswith(".order")]
        assert len(left) == (last == "ends")
        with Sshd(server.root, subsystem=scripted("symlink_by_draft")) as good:
            assert not scene.runs.on(good).run().failed
        assert sorted(os.listdir(scene.destination)) == ["link", "target"]
        assert os.readlink(scene.destination / "link") == "target"
