# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run with `trash_max_age` is killed at a system call that changes or sends, most often while it removes expired
days: nothing but them leaves the trash, and the next run finishes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps import (
    small_files as ftps_exclusive,
)
from support.scenes.crash_points import KILL, Point
from support.scenes.fault_lanes import Lane, Result, Variant, chosen, each_point, lanes
from support.scenes.fault_scene import OLD, FaultScene
from support.scenes.ftps_runs import FtpsRuns

SHORT = 4
GUARD_SECONDS = 2.0
KEPT = {".trash/2020-01-01/report": b"of a run without the option", ".trash/note": b"mine"}
EXPIRED = {
    f".trash/secure_sync-20{year}-01-01/{name}": b"%d" % year
    for year in range(15, 21)
    for name in ("a", "d/b", "d/e/c")
}
TREE: dict[bytes, Any] = {**OLD, **{name.encode(): data for name, data in (KEPT | EXPIRED).items()}}
OPTIONS: dict[str, Any] = {"old": TREE, "trash": b".trash", "trash_max_age": 30}
VARIANTS = [
    Variant("push", "client", True, OPTIONS),
    Variant("push", "server", True, OPTIONS),
    Variant("pull", "client", False, OPTIONS),
]
FTPS = Variant("push", "client", True, {**OPTIONS, "links": "skip"})


def trash_of(scene: FaultScene) -> dict[str, bytes]:
    place: Path = scene.destination
    found = [path for path in (place / ".trash").rglob("*") if path.is_file()]
    return {str(path.relative_to(place)): path.read_bytes() for path in found}


def kill(lane: Lane, scene: FaultScene, point: Point, server: bool) -> Result:
    """Kill one run at the point or, if it makes fewer calls, earlier; judge it and the two next runs."""
    for number in (point.number, point.number * 3 // 4, point.number // 2):
        scene.reset()
        injection = point._replace(number=max(1, number)).injection(KILL)
        if server:
            lane.tampering.next(injection)
            ran, killed = scene.runs.run(retries=0), lane.tampering.fired()
            lane.tampering.stop()
        else:
            ended = lane.tampered(scene, injection)
            ran, killed = ended.answer, ended.killed
        if killed:
            break
    after_kill = trash_of(scene)
    result = lane.judge(scene, ran, point.call if killed else "")
    after = trash_of(scene)
    result.wrong.extend(f"{name} left the trash" for name, data in KEPT.items() if after_kill.get(name) != data)
    result.wrong.extend(f"{name} left the trash" for name, data in KEPT.items() if after.get(name) != data)
    result.wrong.extend(f"{name} is still in the trash" for name in EXPIRED if name in after)
    if any((scene.destination / ".trash").glob("secure_sync-20[12]?-01-01")):
        result.wrong.append("a directory of an expired day is still in the trash")
    return result


def kill_some(variant: Variant, made: list[Lane], chance: random.Random, *, most: int | None) -> None:
    """Kill a run at all of its points; or at some of them, two thirds in the last third of the run."""
    points = made[0].points(variant)
    end = len(points) * 2 // 3
    few = most or len(points)
    picked = chosen(points[end:], few * 2 // 3, chance) + chosen(points[:end], few - few * 2 // 3, chance)
    server = variant.side == "server"
    picked = points if most is None else picked
    results = each_point(made, variant, picked, lambda lane, scene, point, _number: kill(lane, scene, point, server))
    wrong = [text for result in results for text in result.wrong]
    assert wrong == [], "\n".join(wrong[:20])
    hit = [result.hit for result in results if result.hit]
    assert len(hit) >= len(picked) * 3 // 4, f"the runs do not come to their points: {hit}"
    print(f"{len(hit)} kill points of {len(points)}, 0 violations")


@pytest.fixture(scope="module")
def made() -> Iterator[list[Lane]]:
    with lanes(2) as there:
        yield there


@pytest.mark.parametrize("variant", VARIANTS, ids=[f"{each.name}, {each.side} killed" for each in VARIANTS])
def test_killed(variant: Variant, made: list[Lane], chance: random.Random, long_run: bool) -> None:
    kill_some(variant, made, chance, most=None if long_run else SHORT)


def test_killed_over_ftps(chance: random.Random, long_run: bool) -> None:
    """The wait for the guard of a killed run is shorter than in production."""
    with pytest.MonkeyPatch.context() as patch, lanes(2, FtpsRuns) as there:
        patch.setattr(ftps_exclusive, "GUARD_DIES", GUARD_SECONDS)
        kill_some(FTPS, there, chance, most=None if long_run else SHORT)
