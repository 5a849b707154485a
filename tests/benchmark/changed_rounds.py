# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A round of work on equal trees whose source then changes: the directory of all files gets another name, or a file
gets other bytes in a few of its blocks."""

from __future__ import annotations

__all__ = ["change_blocks", "changed_job", "changed_round", "require_renamed"]

import json
import os
import random
import shutil
from pathlib import Path

from .contender import OURS, Contender, Job
from .correct import Wrong, require_same
from .ours import engine_command
from .place import OLD, Place
from .timed import timed
from .workloads import RENAMED, Workload

_NEW = "new"
_BLOCK = 64 << 10


def changed_round(
    place: Place, workload: Workload, direction: str, contender: Contender, *, check: bool
) -> tuple[float, str]:
    """Give the seconds and the standard output. check: compare the trees afterwards. Raises Failed, Wrong."""
    job, source, copy = changed_job(place, workload, direction, contender)
    seconds, output = timed(contender.command(job), job.directory)
    if workload.kind == RENAMED:
        require_renamed(output, copy)
    if check:
        require_same(contender, source, copy)
    return seconds, output


def changed_job(place: Place, workload: Workload, direction: str, contender: Contender) -> tuple[Job, Path, Path]:
    """Make both trees equal again and change the source. Gives the job and the paths of the source and the destination.

    All digests are recorded, and the blocks of a file where the contender is secure_sync and stored it itself.
    """
    job, source, copy = place.idle(workload, direction, shell=contender.shell)
    if workload.kind == RENAMED:
        if (source / _NEW).exists():
            (source / _NEW).rename(source / OLD)
        timed(engine_command(job, proof="auto"), job.directory)
        (source / OLD).rename(source / _NEW)
    else:
        shutil.rmtree(copy, ignore_errors=True)
        store = contender.command if contender.kind == OURS else engine_command
        timed(store(job), job.directory)
        change_blocks(next(path for path in source.rglob("*") if path.is_file()))
    return job, source, copy


def change_blocks(path: Path) -> None:
    """Change one byte in a hundredth of the blocks, here and there."""
    status = path.stat()
    blocks = status.st_size // _BLOCK
    mtime = status.st_mtime + 100
    with path.open("r+b") as file:
        for block in random.Random(blocks).sample(range(blocks), max(1, blocks // 100)):
            file.seek(block * _BLOCK)
            (byte,) = file.read(1)
            file.seek(block * _BLOCK)
            file.write(bytes([byte ^ 1]))
    os.utime(path, (mtime, mtime))


def require_renamed(output: str, copy: Path) -> None:
    """The old name is gone; the engine, whose output is its result, sent no content."""
    if (copy / OLD).exists():
        raise Wrong(f"{OLD} is still there")
    stats = json.loads(output)["stats"] if output.startswith("{") else {}
    moved = sum(stats.get(name, 0) for name in ("bytes_sent", "bytes_received"))
    if moved:
        raise Wrong(f"{moved} bytes of content crossed the network")
