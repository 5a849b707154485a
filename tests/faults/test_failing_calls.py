# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each system call that changes something fails once, at our end or at the server's: disk full, quota, no permission,
input/output error. One item is lost, the task names it, and everything else is done."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pytest
from support.scenes.crash_points import Point
from support.scenes.fault_lanes import Lane, Result, Variant, chosen, each_point, lanes
from support.scenes.fault_scene import FaultScene
from support.scenes.sync_runs import Ran
from support.trees.trees import tree_digest

SHORT = 6
ERRORS: dict[str, tuple[str, ...]] = {
    "openat": ("ENOSPC", "EDQUOT", "EACCES", "EMFILE"),
    "pwrite64": ("ENOSPC", "EDQUOT", "EIO"),
    "fchmod": ("EPERM", "EIO"),
    "chmod": ("EPERM", "EIO"),
    "fchmodat2": ("EPERM", "EIO"),
    "utimensat": ("EPERM", "EIO"),
    "rename": ("EACCES", "EIO", "ENOSPC"),
    "renameat": ("EACCES", "EIO", "ENOSPC"),
    "link": ("EPERM", "EMLINK"),
    "linkat": ("EPERM", "EMLINK"),
    "unlink": ("EACCES", "EIO"),
    "unlinkat": ("EACCES", "EIO"),
    "rmdir": ("EACCES", "EBUSY"),
    "mkdir": ("ENOSPC", "EDQUOT", "EACCES"),
    "mkdirat": ("ENOSPC", "EDQUOT", "EACCES"),
    "symlink": ("ENOSPC", "EACCES"),
    "symlinkat": ("ENOSPC", "EACCES"),
    "fsync": ("EIO", "ENOSPC"),
}
CODES = {
    "ENOSPC": "no_space",
    "EDQUOT": "quota_exceeded",
    "EACCES": "permission_denied",
    "EPERM": "permission_denied",
}
"""The codes of the errors; all others are operation_failed. SFTP has a code of its own only for missing permission."""
VARIANTS = [
    Variant("push over an old tree", "server", True, {"durable": True}),
    Variant("push with a trash", "server", True, {"trash": b".trash"}),
    Variant("pull over an old tree", "client", False, {"durable": True}),
    Variant("pull with a trash", "client", False, {"trash": b".trash"}),
]


@pytest.fixture(scope="module")
def made() -> Iterator[list[Lane]]:
    """Yield the places in which work goes on side by side."""
    with lanes(2) as there:
        yield there


def fail_call(lane: Lane, scene: FaultScene, point: Point, number: int, side: str) -> Result:
    errors = ERRORS[point.call]
    error = errors[number % len(errors)]
    if side == "client":
        ended = lane.tampered(scene, point.injection(f"error={error}"))
        ran, hit = ended.answer, ended.injected
    else:
        lane.tampering.next(point.injection(f"error={error}"))
        ran = scene.runs.run()
        hit = lane.tampering.fired()
        lane.tampering.stop()
    lacking = not_stored(scene)
    result = lane.judge(scene, ran, f"{point.call} {error}" if hit else "")
    result.wrong.extend(f"{error}: {text}" for text in what_is_told_wrongly(ran, error, lacking))
    return result


def not_stored(scene: FaultScene) -> list[bytes]:
    """Return the files that the destination lacks in their new form.

    A file that replaces a directory waits for all others.
    """
    wanted, found, old = tree_digest(scene.source), tree_digest(scene.destination), scene.before.destination
    return [
        name
        for name, seen in wanted.items()
        if seen.kind == "f"
        and (name not in found or found[name].content != seen.content)
        and (name not in old or old[name].kind != "d")
    ]


def what_is_told_wrongly(ran: Ran, error: str, lacking: list[bytes]) -> list[str]:
    wrong = []
    code = CODES.get(error, "operation_failed")
    # Entries below a directory that could not be created fail with it, and so do entries of a directory that could not
    # be opened.
    others = {error.code for error in ran.errors if not (error.path or b"").startswith(b"locked/")}
    if not others <= {code, "operation_failed"} or not ran.codes <= {code, "operation_failed", "permission_denied"}:
        wrong.append(f"it was {code}: {ran}")
    for each in ran.errors:
        if each.path is None or not each.message:
            wrong.append(f"without a name: {each!r}")
    if ran.report.error is None:
        failed = {each.path for each in ran.errors}
        wrong += [f"{name!r} is lacking and was not told: {ran}" for name in lacking if name not in failed]
        if len({name.rpartition(b"/")[0] for name in lacking}) > 1:
            wrong.append(f"more than one item is lacking: {lacking}")
    return wrong


@pytest.mark.parametrize("variant", VARIANTS, ids=[f"{each.name}, at the {each.side}" for each in VARIANTS])
def test_every_call_fails_once(variant: Variant, made: list[Lane], chance: random.Random, long_run: bool) -> None:
    points = [point for point in made[0].points(variant) if point.call in ERRORS]
    picked = chosen(points, len(points) if long_run else SHORT, chance)
    results = each_point(made, variant, picked, lambda *given: fail_call(*given, variant.side))
    wrong = [text for result in results for text in result.wrong]
    assert wrong == [], "\n".join(wrong[:30])
    hit = Counter(result.hit for result in results if result.hit)
    assert sum(hit.values()) >= len(picked) * 3 // 4, f"the runs do not come to their points: {hit}"
    told = Counter(code for result in results for code in result.told)
    print(f"{sum(hit.values())} calls of {len(points)} failed, 0 violations; reported: {dict(told)}; {dict(hit)}")
