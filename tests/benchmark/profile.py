# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the engine's time goes: one run of a work under cProfile, and one without for the true time."""

from __future__ import annotations

__all__ = ["run"]

import pstats
from collections.abc import Iterable

from .changed_rounds import changed_job
from .contender import Job
from .measure import prepare_idle
from .ours import ENGINE, engine_command
from .place import Place
from .timed import timed
from .workloads import IDLE, TRANSFER, Workload

_LINES = 30


def run(workload: Workload, directions: Iterable[str]) -> None:
    """Print, for each direction, the functions with the most time, own and cumulative."""
    with Place() as place:
        for direction in directions:
            if workload.kind != TRANSFER:
                prepare_idle(place, workload)
            plain, told = timed(engine_command(_job(place, workload, direction)), place.directory)
            job = _job(place, workload, direction)
            file = job.directory / "profile"
            profiled, output = timed(engine_command(job, "--profile", str(file)), job.directory)
            print(f"\n===== {workload.title}, {direction}: {plain:.3f} s, {profiled:.3f} s under the profiler")
            print(f"without: {told}under the profiler: {output}")
            for order in ("tottime", "cumulative"):
                pstats.Stats(str(file)).strip_dirs().sort_stats(order).print_stats(_LINES)


def _job(place: Place, workload: Workload, direction: str) -> Job:
    if workload.kind != TRANSFER:
        if workload.kind != IDLE:
            return changed_job(place, workload, direction, ENGINE)[0]
        return place.idle(workload, direction)[0]
    return place.fresh(workload, direction, workload.files)[0]
