# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A round of encrypted work. Each contender has a tree of its own at the server, which only it can read."""

from __future__ import annotations

__all__ = ["sealed_round"]

import os
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from .contender import Contender, Job
from .correct import require_same, require_untouched, snapshot
from .place import Place
from .timed import timed
from .workloads import CHANGED, IDLE, PULL, PUSH, Workload


class Round(NamedTuple):
    """seconds and standard output; found: whether a change was found, of CHANGED work"""

    seconds: float
    output: str
    found: bool | None = None


def sealed_round(place: Place, workload: Workload, direction: str, contender: Contender, *, check: bool) -> Round:
    """Do the work once. check: also read the encrypted files, and compare them. Raises Failed, Wrong."""
    if workload.kind == IDLE:
        return _idle(place, workload, contender)
    if workload.kind == CHANGED:
        return _changed(place, workload, contender, check=check)
    return (_push if direction == PUSH else _pull)(place, workload, contender, check=check)


def _push(place: Place, workload: Workload, contender: Contender, *, check: bool) -> Round:
    place.forget_sealed(contender.name)
    job = _prepared(place, workload, contender)
    done = Round(*timed(contender.command(job), job.directory))
    if check:
        _read(place, workload, contender, check=True)
    return done


def _pull(place: Place, workload: Workload, contender: Contender, *, check: bool) -> Round:
    _stored(place, workload, contender)
    return _read(place, workload, contender, check=check)


def _idle(place: Place, workload: Workload, contender: Contender) -> Round:
    job, far = _stored(place, workload, contender)
    before = snapshot(far)
    done = Round(*timed(contender.command(job), job.directory))
    require_untouched(before, far)
    return done


def _changed(place: Place, workload: Workload, contender: Contender, *, check: bool) -> Round:
    job, far = _stored(place, workload, contender)
    _change(job.near)
    before = snapshot(far)
    seconds, output = timed(contender.command(job), job.directory)
    found = snapshot(far) != before
    if check and found:
        _read(place, workload, contender, check=True)
    return Round(seconds, output, found)


def _prepared(place: Place, workload: Workload, contender: Contender) -> Job:
    job = place.sealed(workload, PUSH, place.contents(workload), contender.name)
    if contender.prepare is not None:
        timed(contender.prepare(job), job.directory)
    return job


def _stored(place: Place, workload: Workload, contender: Contender) -> tuple[Job, Path]:
    """Return the job of a second push, and the directory with the content of the first."""
    far = place.sealed_tree(contender.name)
    if not far.exists():
        job = _prepared(place, workload, contender)
        timed(contender.command(job), job.directory)
    job = place.sealed(workload, PUSH, place.contents(workload), contender.name)
    return job, far / contender.stored


def _read(place: Place, workload: Workload, contender: Contender, *, check: bool) -> Round:
    """Pull into an empty directory, with nothing known of earlier runs."""
    opened = place.emptied()
    job = replace(place.sealed(workload, PULL, opened, contender.name), directory=place.directory)
    done = Round(*timed(contender.command(job), job.directory))
    if check:
        require_same(contender, place.contents(workload), opened)
    return done


def _change(tree: Path) -> None:
    """Write other bytes into one file; its size and its mtime stay."""
    file = next(path for path in sorted(tree.rglob("*")) if path.is_file())
    status = file.stat()
    file.write_bytes(os.urandom(status.st_size))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
