# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many runs, each with one system call tampered with, side by side: at our end or at the server's.

with lanes(2) as made:
    points = made[0].points(variant)
    results = each_point(made, variant, points, act)
"""

from __future__ import annotations

__all__ = ["Lane", "Result", "Variant", "chosen", "each_point", "lanes"]

import random
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from ..running.lanes import in_lanes
from ..running.scratch import scratch
from ..servers.sshd import Sshd
from ..servers.vsftpd import Vsftpd
from .crash_points import Ended, Point, Tampering, record, tamper
from .fault_scene import FaultScene
from .ftps_runs import FtpsRuns
from .sync_runs import Ran, SyncRuns

_PREPARING = ("ftp_sync-", "askpass", '"target"', '"ask"', '"host_keys"')
"""Parts of calls that only prepare the ssh program or clean up after it."""


class Variant(NamedTuple):
    """One kind of run. side: whose process is tampered with: client, server."""

    name: str
    side: str
    push: bool
    options: dict[str, Any]


class Result(NamedTuple):
    """The result of one point. hit: the call that was tampered with, "" if the run never reached it."""

    hit: str
    wrong: list[str]
    litter: int = 0
    told: tuple[str, ...] = ()


class Lane(NamedTuple):
    """The private parts of one of the parallel processes."""

    server: Any
    tampering: Tampering
    place: Path
    runs: type[SyncRuns]

    @property
    def log(self) -> Path:
        return self.place / "log"

    def scene(self, variant: Variant, **options: Any) -> FaultScene:
        return FaultScene(self.server, self.place, push=variant.push, runs=self.runs, **{**variant.options, **options})

    def tampered(self, scene: FaultScene, *injections: str) -> Ended:
        """One run in a process of its own, tampered with."""
        return tamper(scene.runs.run, self.log, *injections, threads=self.threads)

    @property
    def threads(self) -> bool:
        """Whether a run has threads. Where it has none, its ssh must not be followed."""
        return self.runs is FtpsRuns

    def points(self, variant: Variant) -> list[Point]:
        """Return all calls of a good run from the moment on at which the session is there."""
        scene = self.scene(variant)
        scene.reset()
        # Load once here: the modules that Python loads for the first run of a process do not belong to the other runs.
        scene.runs.good()
        scene.reset()
        self.tampering.next()
        ended = record(scene.runs.good, self.log, threads=self.threads)
        assert scene.violations(ended.answer) == []
        if variant.side == "server":
            return self.tampering.calls()
        first = 0 if self.threads else next(at for at, point in enumerate(ended.calls) if point.call == "writev")
        return [point for point in ended.calls[first:] if not any(word in point.text for word in _PREPARING)]

    def wait_for_sessions(self) -> None:
        """The server has carried out all requests that reached it, and has noticed that the client is gone."""
        deadline = time.monotonic() + 60
        while self.server.session_pids():
            assert time.monotonic() < deadline, "a session does not end"
            time.sleep(0.005)

    def judge(self, scene: FaultScene, ran: Ran | None, hit: str) -> Result:
        """Return the violations after a run, and after two more undisturbed runs."""
        self.wait_for_sessions()
        wrong = scene.violations(ran)
        litter = sum(b".secure_sync" in name for name in scene.before.destination)
        wrong += scene.settle()
        told = () if ran is None else tuple(sorted(ran.codes))
        return Result(hit, [str(each) for each in wrong], litter, told)


@contextmanager
def lanes(count: int, runs: type[SyncRuns] = SyncRuns, **options: Any) -> Iterator[list[Lane]]:
    """Inside, there are `count` servers and places: sshd with `options`, or vsftpd for FtpsRuns."""
    place = scratch("lanes")
    place.chmod(0o755)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, place)
        made = []
        for number in range(count):
            own = place / str(number)
            own.mkdir()
            tampering = Tampering(own / "tampering")
            server = stack.enter_context(
                _vsftpd() if runs is FtpsRuns else Sshd(subsystem=tampering.subsystem, **options)
            )
            tampering.give(server.account.uid)
            made.append(Lane(server, tampering, own, runs))
        yield made


def _vsftpd() -> Vsftpd:
    """Return a server whose sessions do not wait long if a client is killed before its data connection is open."""
    return Vsftpd(config=("accept_timeout=5",))


def chosen(points: list[Point], count: int, chance: random.Random) -> list[Point]:
    """Give `count` points: half of them from those that do more than write."""
    if count >= len(points):
        return points
    rare = [point for point in points if not point.call.startswith("write")]
    picked = chance.sample(rare, min(len(rare), count // 2))
    rest = [point for point in points if point not in picked]
    return [*picked, *chance.sample(rest, count - len(picked))]


def each_point(
    made: list[Lane],
    variant: Variant,
    points: list[Point],
    act: Callable[[Lane, FaultScene, Point, int], Result],
) -> list[Result]:
    """Run `act` on fresh trees for each point, and return the results; `wrong` names the point."""

    def work(lane: Lane, share: Sequence[tuple[int, Point]]) -> list[Result]:
        scene = lane.scene(variant)
        results = []
        for number, point in share:
            scene.reset()
            result = act(lane, scene, point, number)
            results.append(result._replace(wrong=[f"at {point}: {text}" for text in result.wrong]))
        return results

    results = in_lanes(work, made, list(enumerate(points)))
    assert len(results) == len(points)
    return results
