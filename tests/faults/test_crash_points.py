# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run is killed at each system call that changes or sends, and so is the server's session: the state after the kill,
and after the next two runs."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import PartialFiles
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync import (
    delta_store,
    execution,
    partials,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps import (
    small_files as ftps_exclusive,
)
from support.scenes.crash_points import KILL, Point
from support.scenes.fault_lanes import Lane, Result, Variant, chosen, each_point, lanes
from support.scenes.fault_scene import LATER, PAST, FaultScene
from support.scenes.ftps_runs import FtpsRuns
from support.trees.tree_spec import SECOND, File

SHORT = 4
BLOCKS_SIZE = 600_000
GUARD_SECONDS = 2.0
SESSIONS = 2
LARGE = [bytes([number]) * 70_000 for number in range(4)]
RENAMED = {
    "old": {
        b"log.1": File(LARGE[1], 0o644, PAST),
        b"log.2": File(LARGE[2], 0o600, PAST),
        **{b"before/%d" % number: File(b"content %d" % number, 0o644, PAST) for number in range(9)},
    },
    "new": {
        b"log.1": File(LARGE[0], 0o644, PAST + SECOND),
        b"log.2": File(LARGE[1], 0o644, PAST + SECOND),
        b"log.3": File(LARGE[2], 0o600, PAST + SECOND),
        **{b"after/%d" % number: File(b"content %d" % number, 0o600, PAST) for number in range(9)},
    },
    "compare": "checksum",
}
"""The server of these tests hashes: files that were renamed are found without a record."""
VARIANTS = [
    Variant("push of renamed and rotated files", "client", True, RENAMED),
    Variant("push of renamed and rotated files", "server", True, RENAMED),
    Variant("pull of renamed files", "client", False, RENAMED),
    Variant("push over an old tree", "client", True, {}),
    Variant("push over an old tree", "server", True, {}),
    Variant("push to a new place, durable", "client", True, {"old": None, "durable": True}),
    Variant("push to a new place, durable", "server", True, {"old": None, "durable": True}),
    Variant("push with a trash", "client", True, {"trash": b".trash"}),
    Variant("push with a trash", "server", True, {"trash": b".trash"}),
    Variant("pull over an old tree", "client", False, {}),
    Variant("pull to a new place, durable", "client", False, {"old": None, "durable": True}),
    Variant("pull with a trash", "client", False, {"trash": b".trash"}),
]


OLD_BLOCKS = bytes(range(250)) * (BLOCKS_SIZE // 250)
NEW_BLOCKS = OLD_BLOCKS[:300_000] + b"changed" + OLD_BLOCKS[300_007:] + b"longer"
BLOCKS = {
    "old": {b"large": File(OLD_BLOCKS, 0o640, PAST), b"small": File(b"old", 0o644, PAST)},
    "new": {b"large": File(NEW_BLOCKS, 0o640, LATER), b"small": File(b"new", 0o644, LATER)},
    "recorded": True,
}
BY_BLOCKS = [
    Variant("push by blocks", "client", True, BLOCKS),
    Variant("push by blocks", "server", True, BLOCKS),
]
"""A file of 10 blocks, of which 2 are sent. Files of this size count as large."""


FTPS = [
    Variant("push over an old tree", "client", True, {"links": "skip"}),
    Variant("push to a new place", "client", True, {"links": "skip", "old": None}),
    Variant("pull over an old tree", "client", False, {"links": "skip"}),
]


@pytest.fixture(scope="module")
def made() -> Iterator[list[Lane]]:
    """Yield the places in which work goes on side by side."""
    with lanes(2) as there:
        yield there


@pytest.fixture(scope="module")
def made_ftps() -> Iterator[list[Lane]]:
    """Yield the same over FTPS. The wait for the guard of a killed run is shorter than in production."""
    with pytest.MonkeyPatch.context() as patch, lanes(2, FtpsRuns) as there:
        patch.setattr(ftps_exclusive, "GUARD_DIES", GUARD_SECONDS)
        yield there


def kill_client(lane: Lane, scene: FaultScene, point: Point, _number: int) -> Result:
    """How many calls a run makes depends on how its requests come together: one not reached is taken earlier."""
    for number in (point.number, point.number * 3 // 4, point.number // 2):
        scene.reset()
        ended = lane.tampered(scene, point._replace(number=max(1, number)).injection(KILL))
        if ended.killed:
            break
    return lane.judge(scene, ended.answer, point.call if ended.killed else "")


def kill_session(lane: Lane, scene: FaultScene, point: Point, number: int) -> Result:
    """Every other time the run may make a new session, and then it has to go well."""
    again = bool(number % 2)
    lane.tampering.next(point.injection(KILL))
    ran = scene.runs.run(retries=SESSIONS if again else 0)
    hit = point.call if lane.tampering.fired() else ""
    lane.tampering.stop()
    result = lane.judge(scene, ran, hit)
    if again and ran.failed:
        result.wrong.append(f"a new session did not mend it: {ran}")
    if not ran.codes <= {"connection_lost", "connection_failed"}:
        result.wrong.append(f"told something else: {ran}")
    return result


Kill = Callable[[Lane, FaultScene, Point, int], Result]


def named(variants: list[Variant]) -> list[str]:
    return [f"{each.name}, {each.side} killed" for each in variants]


@pytest.mark.parametrize("variant", VARIANTS, ids=named(VARIANTS))
def test_killed_at_every_call(variant: Variant, made: list[Lane], chance: random.Random, long_run: bool) -> None:
    kill_all(variant, made, chance, most=None if long_run else SHORT)


@pytest.fixture
def _such_files_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (delta_store, execution):
        monkeypatch.setattr(module, "LARGE", BLOCKS_SIZE)


@pytest.mark.usefixtures("_such_files_are_large")
@pytest.mark.parametrize("variant", BY_BLOCKS, ids=named(BY_BLOCKS))
def test_killed_at_every_call_by_blocks(
    variant: Variant, made: list[Lane], chance: random.Random, long_run: bool
) -> None:
    scene = made[0].scene(variant)
    scene.reset()
    assert scene.runs.good().report.stats["bytes_saved"] == 8 * 65536
    kill_all(variant, made, chance, most=None if long_run else SHORT)


@pytest.mark.parametrize("variant", FTPS, ids=named(FTPS))
def test_killed_at_every_call_of_ftps(
    variant: Variant, made_ftps: list[Lane], chance: random.Random, long_run: bool
) -> None:
    kill_all(variant, made_ftps, chance, most=None if long_run else SHORT)


LEFT = {
    "old": {b"large": File(OLD_BLOCKS, 0o640, PAST), b"small": File(b"old", 0o644, PAST)},
    "new": {b"large": File(NEW_BLOCKS * 5, 0o440, LATER), b"small": File(b"new", 0o644, LATER)},
    "links": "skip",
    "partial": PartialFiles(min_size=BLOCKS_SIZE),
    "bandwidth_limit": 8 << 20,
}
CONTINUED = [
    Variant("push that continues", "client", True, LEFT),
    Variant("pull that continues", "client", False, LEFT),
]


@pytest.fixture
def _recorded_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """These runs take less than the second after which their record is written again."""
    monkeypatch.setattr(partials, "_PAUSE", 0.0)


@pytest.mark.usefixtures("_recorded_at_once")
@pytest.mark.parametrize("variant", CONTINUED, ids=named(CONTINUED))
@pytest.mark.parametrize("protocol", ["made", "made_ftps"])
def test_killed_at_every_call_of_a_run_that_continues(
    variant: Variant, protocol: str, request: pytest.FixtureRequest, chance: random.Random, long_run: bool
) -> None:
    """The first runs are killed until one has left a part of the large file, the next at any call."""

    def kill_twice(lane: Lane, scene: FaultScene, point: Point, _number: int) -> Result:
        source = (scene.source / "large").read_bytes()
        wrong = []
        for killed_at in (*middle, point):
            if killed_at is not point and list(scene.state.glob("*.partial-*")):
                continue
            lane.tampered(scene, killed_at.injection(KILL))
            lane.wait_for_sessions()
            if (scene.destination / "large").read_bytes() not in (OLD_BLOCKS, source):
                wrong.append(f"a mixture after the kill at {killed_at}")
        scene.look()
        ran = scene.runs.run()
        result = lane.judge(scene, ran, "continued" if ran.report.stats["bytes_saved"] else "not continued")
        return result._replace(wrong=wrong + result.wrong)

    made: list[Lane] = request.getfixturevalue(protocol)
    points = made[0].points(variant)
    moves = "writev sendto write" if variant.push else "pwrite64"
    moving = [point for point in points if point.call in moves.split() and "secure_sync" not in point.text]
    middle = [moving[len(moving) * part // 4] for part in (1, 2, 3)]  # a busy machine moves more with a call, or less
    picked = [points[0], *chosen(points[1:], len(points) if long_run else SHORT - 1, chance)]
    results = each_point(made, variant, picked, kill_twice)
    assert [text for result in results for text in result.wrong] == []
    hit = Counter(result.hit for result in results)
    assert hit["continued"], "no run left a part of the file"
    print(f"{len(picked)} pairs of kills of {len(points)}; third runs: {dict(hit)}")


def kill_all(variant: Variant, made: list[Lane], chance: random.Random, *, most: int | None) -> None:
    """Kill a run at all of its points, or some of them."""
    kill: Kill = kill_client if variant.side == "client" else kill_session
    points = made[0].points(variant)
    picked = chosen(points, most or len(points), chance)
    results = each_point(made, variant, picked, kill)
    wrong = [text for result in results for text in result.wrong]
    assert wrong == [], "\n".join(wrong[:20])
    hit = Counter(result.hit for result in results if result.hit)
    assert sum(hit.values()) >= len(picked) * 3 // 4, f"the runs do not come to their points: {hit}"
    print(
        f"{sum(hit.values())} kill points of {len(points)}, 0 violations; {sum(each.litter for each in results)} "
        f"temporary files were left behind, all gone after the next run; {dict(hit)}"
    )
