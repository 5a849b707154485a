# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A large file that changed a little, pushed over a distance: by blocks, and whole by other programs."""

from __future__ import annotations

__all__ = ["report"]

import os
import random
import shutil
import statistics
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from .contender import Command, Job
from .ours import engine_command
from .peers import CONTENDERS
from .place import Place
from .table import markdown
from .timed import Failed, timed
from .workloads import PUSH, Workload

_SIZE = 1 << 30
_BLOCK = 64 << 10
_PEERS = ("lftp -P4", "rclone", "rsync")
_TARGET = 0.3
Say = Callable[[str], None]


def report(rounds: int, say: Say, scale: int = 1) -> str:
    """Measure everything, and return the table. scale: divides the size of the file."""
    size = _SIZE // scale
    work = Workload("changed-blocks", "1 file, 1 % of its blocks changed", 1, size, delay=0.01)
    commands = {each.name: each.command for each in CONTENDERS if each.name in _PEERS}
    seconds: dict[str, list[float]] = {}
    for name, shell, command in (
        *((name, True, command) for name, command in commands.items()),
        ("secure_sync, `delta: auto`, server hash", True, partial(engine_command, proof="auto", delta="auto")),
        ("secure_sync, `delta: always`, no shell", False, partial(engine_command, proof="auto", delta="always")),
    ):
        with Place(shell=shell) as place:
            for number in range(rounds):
                try:
                    took = _run(place, work, command, first="secure_sync" in name)
                except Failed as failure:
                    say(f"  {name}: {failure}")
                    continue
                seconds.setdefault(name, []).append(took)
                say(f"  {name} {number + 1}: {took:.1f} s")
    return f"{work.title}, {size >> 20} MiB at 20 ms round trip, {rounds} rounds, medians:\n\n{_table(seconds)}"


def _run(place: Place, work: Workload, command: Callable[[Job], Command], *, first: bool) -> float:
    """Return the seconds of a push of the changed file. first: the program itself stored the old file before."""
    job, source, destination = place.fresh(work, PUSH, 1)
    near = job.directory / "near"
    job = replace(job, near=near)
    shutil.copytree(source, near)
    if first:
        timed(command(job), job.directory)
    else:
        shutil.copytree(source, destination)
        place.give(destination)
    _change(near / "f0", work.size)
    took, _output = timed(command(job), job.directory)
    if (near / "f0").read_bytes() != (destination / "f0").read_bytes():
        raise Failed("the file at the server is another")
    return took


def _change(path: Path, size: int) -> None:
    """Change one byte in a hundredth of the blocks, here and there."""
    blocks = size // _BLOCK
    mtime = path.stat().st_mtime + 100
    with path.open("r+b") as file:
        for block in random.Random(size).sample(range(blocks), max(1, blocks // 100)):
            file.seek(block * _BLOCK)
            (byte,) = file.read(1)
            file.seek(block * _BLOCK)
            file.write(bytes([byte ^ 1]))
    os.utime(path, (mtime, mtime))


def _table(seconds: dict[str, list[float]]) -> str:
    medians = {name: statistics.median(runs) for name, runs in seconds.items()}
    peers = [median for name, median in medians.items() if name in _PEERS and name != "rsync"]
    rows = []
    for name, median in medians.items():
        ratio = f"{median / min(peers):.2f}" if peers else ""
        rows.append((name, f"{median:.1f}", ratio, f"{_TARGET:.2f}" if "secure_sync" in name else ""))
    return markdown(("", "seconds", "to the fastest peer without a program at the far end", "target (at most)"), rows)
