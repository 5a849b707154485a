# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A publication is killed at each system call that makes, fills or names a file of a signed set, or removes an old
file: readers have a whole set, validly signed, and the next run finishes. Full disks at the same places."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.running.scratch import scratch
from support.scenes.crash_points import KILL, Point, Tampering, record, tamper
from support.scenes.fault_lanes import chosen
from support.scenes.signed_runs import SignedScene
from support.scenes.sync_runs import Ran
from support.servers.sshd import Sshd

SHORT = 4
SIGN = {"sums": True, "keep": 1}


class Place:
    """A server whose sessions can be killed, and a scene in which the second set is about to be published."""

    def __init__(self, server: Sshd, tampering: Tampering, directory: Path) -> None:
        self.server, self.tampering, self.directory = server, tampering, directory
        self.log = directory / "log"

    def scene(self) -> SignedScene:
        scene = SignedScene(self.server, self.directory / "scene", sign=SIGN, delete=True, retries=0)
        scene.write({"a": "one", "sub/b": "two", "extra": "goes"})
        scene.good()
        scene.write({"a": "three", "new": "four"})
        (scene.near / "extra").unlink()
        return scene

    def server_points(self) -> list[Point]:
        """The calls of the server's session that change its files, after the lock is taken."""
        scene = self.scene()
        self.tampering.next()
        scene.good()
        calls = self.tampering.calls()
        return calls[len(calls) // 4 :]

    def client_points(self) -> list[Point]:
        """The calls of this process after the login; the last third of them publishes."""
        scene = self.scene()
        calls = record(scene.good, self.log).calls
        return [point for point in calls[len(calls) // 2 :] if point.call == "writev"]


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    directory = scratch("publication")
    directory.chmod(0o755)
    tampering = Tampering(directory / "tampering")
    with Sshd(subsystem=tampering.subsystem) as server:
        tampering.give(server.account.uid)
        yield Place(server, tampering, directory)
    shutil.rmtree(directory)


def judge(scene: SignedScene, point: Point) -> None:
    """Readers have the first or the second set; the next run finishes, and the run after it has nothing to do."""
    seen = scene.judge.newest()
    assert seen in (1, 2), point
    if seen == 2:
        extra = ["extra: extra"] if (scene.far / "extra").exists() else []
        said = [line for text in scene.judge.complaints() for line in text.splitlines() if ".secure_sync" not in line]
        assert [line.strip() for line in said] in ([], extra), point
    scene.good()
    assert scene.judge.complaints() == [], point
    assert scene.published == [f"{scene.judge.newest():06}.mtree{end}" for end in ("", ".sig")], point
    again = scene.good()
    assert (again.done, scene.own_state()["sequence"]) == ([], scene.judge.newest()), point


def kill_session(place: Place, point: Point) -> tuple[SignedScene, Ran]:
    """Kill the session of a push at the point. How many writes a session makes depends on how its replies come
    together: a point that is not reached is taken earlier."""
    for number in (point.number, point.number * 3 // 4, point.number // 2):
        scene = place.scene()
        place.tampering.next(point._replace(number=max(1, number)).injection(KILL))
        ran = scene.push()
        killed = place.tampering.fired()
        place.tampering.stop()
        if killed:
            return scene, ran
        assert not ran.codes, (point, ran)
    raise AssertionError(f"never reached: {point}")


def test_the_servers_session_is_killed(place: Place, chance: random.Random, long_run: bool) -> None:
    for point in chosen(place.server_points(), 100 if long_run else SHORT, chance):
        scene, ran = kill_session(place, point)
        assert ran.codes <= {"connection_lost", "connection_failed"}, (point, ran)
        judge(scene, point)


def test_the_run_is_killed(place: Place, chance: random.Random, long_run: bool) -> None:
    ended = 0
    for point in chosen(place.client_points(), 100 if long_run else SHORT, chance):
        scene = place.scene()
        ended += tamper(scene.push, place.log, point.injection(KILL)).killed
        judge(scene, point)
    assert ended >= SHORT // 2


@pytest.mark.parametrize("error", ["ENOSPC", "EDQUOT"])
@pytest.mark.parametrize(("file", "from_the_end"), [("signature", 2), ("manifest", 1)])
def test_no_room_for_the_name_of_a_file(file: str, from_the_end: int, error: str, place: Place) -> None:
    """sftp-server gives a new name by link(2), and names the manifest last."""
    scene = place.scene()
    place.tampering.next()
    scene.good()
    point = [each for each in place.tampering.calls() if each.call == "link"][-from_the_end]
    scene = place.scene()
    place.tampering.next(point.injection(f"error={error}"))
    ran = scene.push()
    place.tampering.stop()
    assert ran.failed, ran
    assert scene.judge.newest() == 1
    assert ("000002.mtree.sig" in scene.published) == (file == "manifest")
    assert (scene.far / "extra").exists(), "nothing is removed before the set is published"
    judge(scene, point)
