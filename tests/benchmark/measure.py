# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rounds: every contender once in each, in an order that turns, with an empty destination and a clock."""

from __future__ import annotations

__all__ = ["measure", "prepare_idle", "rotated"]

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .changed_rounds import changed_round
from .contender import PEER, Contender, partakers
from .correct import Wrong, require_copy, require_untouched, snapshot
from .ours import engine_command
from .place import Place
from .sealed_rounds import sealed_round
from .signed_sets import publish_command
from .table import Measured
from .timed import Failed, timed
from .workloads import BLOCKS, IDLE, PULL, PUSH, RENAMED, Workload

Say = Callable[[str], None]


@dataclass
class _Series:
    contender: Contender
    rounds: int
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    peak_kib: int = 0
    failure: str = ""
    found: bool | None = None


def measure(
    place: Place, workload: Workload, direction: str, contenders: Sequence[Contender], *, rounds: int, say: Say
) -> list[Measured]:
    """Measure one work in one direction by all contenders that take part."""
    series = [
        _Series(each, workload.rounds_of(each.name, rounds)) for each in partakers(contenders, workload, direction)
    ]
    if workload.kind in (IDLE, RENAMED) and not workload.sealed:
        try:
            prepare_idle(place, workload)
        except Failed as error:
            say(f"  {workload.name} {direction}: not prepared: {error}")
            for each in series:
                each.failure = str(error)
    for number in range(rounds):
        for each in rotated(series, number):
            if number < each.rounds and not each.failure:
                _one(place, workload, direction, each)
                say(f"  {workload.name} {direction} {number + 1}: {each.contender.name}: {_last(each)}")
    return [
        Measured(
            contender=each.contender.name,
            kind=each.contender.kind,
            seconds=() if each.failure else tuple(each.seconds),
            files=workload.files_of(each.contender.name),
            of=workload.files,
            cpu=tuple(each.cpu),
            peak_kib=each.peak_kib,
            failure=each.failure,
            found=each.found,
        )
        for each in series
    ]


def rotated(items: Sequence[Any], number: int) -> list[Any]:
    """The items, rotated by one in each round, so that each follows different neighbours."""
    start = number % len(items) if items else 0
    return [*items[start:], *items[:start]]


def _one(place: Place, workload: Workload, direction: str, series: _Series) -> None:
    try:
        seconds, output = _run_of(workload)(place, workload, direction, series)
    except (Failed, Wrong) as error:
        series.failure = str(error)
        return
    series.seconds.append(seconds)
    if output.startswith("{"):
        told = json.loads(output)
        series.peak_kib = max(series.peak_kib, told["peak_kib"])
        series.cpu.append(sum(told["cpu_seconds"].values()))


def _run_of(workload: Workload) -> Callable[[Place, Workload, str, _Series], tuple[float, str]]:
    if workload.sealed:
        return _sealed
    return {IDLE: _idle, RENAMED: _changed, BLOCKS: _changed}.get(workload.kind, _transfer)


def _transfer(place: Place, workload: Workload, direction: str, series: _Series) -> tuple[float, str]:
    contender = series.contender
    if workload.signed and direction == PULL:
        _publish(place, workload)
    job, source, copy = place.fresh(workload, direction, workload.files_of(contender.name))
    done = timed(contender.command(job), job.directory)
    if not series.seconds:
        require_copy(contender, source, copy, signed=workload.signed)
    return done


def _sealed(place: Place, workload: Workload, direction: str, series: _Series) -> tuple[float, str]:
    done = sealed_round(place, workload, direction, series.contender, check=not series.seconds)
    if done.found is not None:
        series.found = done.found and series.found is not False
    return done.seconds, done.output


def _changed(place: Place, workload: Workload, direction: str, series: _Series) -> tuple[float, str]:
    return changed_round(place, workload, direction, series.contender, check=not series.seconds)


def _idle(place: Place, workload: Workload, direction: str, series: _Series) -> tuple[float, str]:
    job, _source, tree = place.idle(workload, direction)
    if not series.seconds and series.contender.kind != PEER:
        # The first run of rsync sets the owner; the first pull of secure_sync makes the record.
        timed(series.contender.command(job), job.directory)
    before = snapshot(tree)
    done = timed(series.contender.command(job), job.directory)
    require_untouched(before, tree)
    return done


def prepare_idle(place: Place, workload: Workload) -> None:
    """Make both ends equal, and their digests recorded, which is done with those that are proven."""
    job, _source, copy = place.idle(workload, PUSH)
    if not copy.exists():
        timed(publish_command(job) if workload.signed else engine_command(job, proof="auto"), job.directory)


def _publish(place: Place, workload: Workload) -> None:
    """Sign the source of pulls, once."""
    if not (place.source(workload, workload.files) / "MANIFEST").exists():
        job = place.publishing(workload)
        timed(publish_command(job), job.directory)


def _last(series: _Series) -> str:
    return f"failed: {series.failure}" if series.failure else f"{series.seconds[-1]:.3f} s"
