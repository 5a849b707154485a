# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rounds: every contender once in each, in an order that turns, with an empty destination and a clock."""

from __future__ import annotations

__all__ = ["Failed", "measure", "prepare_idle", "rotated", "timed"]

import json
import os
import select
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..support.running.processes import end
from .contender import Command, Contender
from .correct import Wrong, require_copy, require_untouched, snapshot
from .ours import engine_command
from .place import Place
from .signed_sets import publish_command
from .table import Measured
from .workloads import IDLE, PULL, PUSH, Workload

_LIMIT = 400.0
Say = Callable[[str], None]


class Failed(Exception):
    """The program ended badly or not at all."""


@dataclass
class _Series:
    contender: Contender
    rounds: int
    seconds: list[float] = field(default_factory=list)
    peak_kib: int = 0
    failure: str = ""


def measure(
    place: Place, workload: Workload, direction: str, contenders: Sequence[Contender], *, rounds: int, say: Say
) -> list[Measured]:
    """Measure one work in one direction by all contenders that take part."""
    series = [
        _Series(each, workload.rounds_of(each.name, rounds))
        for each in contenders
        if each.takes_part(workload, direction)
    ]
    if workload.kind == IDLE:
        prepare_idle(place, workload)
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
            peak_kib=each.peak_kib,
            failure=each.failure,
        )
        for each in series
    ]


def rotated(items: Sequence[Any], number: int) -> list[Any]:
    """The items, rotated by one in each round, so that each follows different neighbours."""
    start = number % len(items) if items else 0
    return [*items[start:], *items[:start]]


def timed(command: Command, directory: Path) -> tuple[float, str]:
    """Run a program from its start to its end. Gives the seconds and its standard output. Raises Failed."""
    words, output, errors = (directory / each for each in ("stdin", "stdout", "stderr"))
    words.write_text(command.stdin)
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(directory), **command.environment}
    with open(words, "rb") as stdin, open(output, "wb") as stdout, open(errors, "wb") as stderr:
        start = time.perf_counter()
        process = subprocess.Popen(
            command.argv, stdin=stdin, stdout=stdout, stderr=stderr, cwd=directory, env=environment
        )
        try:
            _await(process)
            seconds = time.perf_counter() - start
        finally:
            end(process)
    if process.returncode:
        told = (output.read_text(errors="replace") + errors.read_text(errors="replace"))[-400:]
        raise Failed(f"exit status {process.returncode}: {' '.join(told.split())}")
    return seconds, output.read_text(errors="replace")


def _await(process: subprocess.Popen[bytes]) -> None:
    """Return at the very end of the process; Popen.wait with a time limit would look every 50 ms only."""
    descriptor = os.pidfd_open(process.pid)
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        if not poll.poll(_LIMIT * 1000):
            raise Failed(f"not done after {_LIMIT:.0f} s")
    finally:
        os.close(descriptor)


def _one(place: Place, workload: Workload, direction: str, series: _Series) -> None:
    run = _idle if workload.kind == IDLE else _transfer
    try:
        seconds, output = run(place, workload, direction, series)
    except (Failed, Wrong) as error:
        series.failure = str(error)
        return
    series.seconds.append(seconds)
    if output.startswith("{"):
        series.peak_kib = max(series.peak_kib, json.loads(output)["peak_kib"])


def _transfer(place: Place, workload: Workload, direction: str, series: _Series) -> tuple[float, str]:
    contender = series.contender
    if workload.signed and direction == PULL:
        _publish(place, workload)
    job, source, copy = place.fresh(workload, direction, workload.files_of(contender.name))
    done = timed(contender.command(job), job.directory)
    if not series.seconds:
        require_copy(contender, source, copy, signed=workload.signed)
    return done


def _idle(place: Place, workload: Workload, direction: str, series: _Series) -> tuple[float, str]:
    job, tree = place.idle(workload, direction)
    if not series.seconds:
        # The first run may set attributes other than content, such as the owner.
        timed(series.contender.command(job), job.directory)
    before = snapshot(tree)
    done = timed(series.contender.command(job), job.directory)
    require_untouched(before, tree)
    return done


def prepare_idle(place: Place, workload: Workload) -> None:
    """Make both ends equal, and their digests recorded, which is done with those that are proven."""
    job, copy = place.idle(workload, PUSH)
    if not copy.exists():
        timed(publish_command(job) if workload.signed else engine_command(job, proof="auto"), job.directory)


def _publish(place: Place, workload: Workload) -> None:
    """Sign the source of pulls, once."""
    if not (place.source(workload, workload.files) / "MANIFEST").exists():
        job = place.publishing(workload)
        timed(publish_command(job), job.directory)


def _last(series: _Series) -> str:
    return f"failed: {series.failure}" if series.failure else f"{series.seconds[-1]:.3f} s"
