# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many small things on one server: cut into jobs, names that FTP cannot carry set apart, refusals explained."""

from __future__ import annotations

from typing import Callable, Iterable, Iterator, List, Optional, Sequence, Tuple, TypeVar

from ...errors import SyncError, UnsafeName
from ...ftps.replies import item_error
from ...model.relpath import RelPath
from ..base import Done
from .altered_names import Alteration
from .jobs import Job, Run
from .lane import Lane
from .server import Command

T = TypeVar("T")
Work = Callable[[Lane, List[T]], Iterable[object]]
"""Gives one result for each item."""

_UNSENDABLE = (b"\r", b"\n", b"\0")


def unsendable(path: bytes, alterations: Sequence[Alteration] = ()) -> Optional[UnsafeName]:
    """Return why FTP cannot carry this name; None if it can (RFC 959 section 5.3.2: a path has no CR and LF)."""
    if any(mark in path for mark in _UNSENDABLE):
        return UnsafeName("FTP cannot carry a name with a line end or a NUL", path=path)
    for each in alterations:
        if each.affects(path):
            return UnsafeName(f"the server {each.words}, so the name would mean another file", path=path)
    return None


def sendable(
    items: Iterable[T],
    path_of: Callable[[T], RelPath],
    refused: Callable[[T, SyncError], object],
    alterations: Sequence[Alteration] = (),
) -> Tuple[List[T], List[object]]:
    """Return the items whose names can be sent, and the results of the others. alterations: of the server."""
    good: List[T] = []
    bad: List[object] = []
    for item in items:
        error = unsendable(path_of(item), alterations)
        if error is None:
            good.append(item)
        else:
            bad.append(refused(item, error))
    return good, bad


def in_jobs(items: Sequence[T], work: Work[T], *, size: int) -> Iterator[Job]:
    """Yield the items in portions of at most `size`, each a job that emits its results when all of them are there."""
    for start in range(0, len(items), size):
        yield _job(list(items[start : start + size]), work)


def _job(portion: List[T], work: Work[T]) -> Job:
    def job(lane: Lane, run: Run) -> None:
        run.check()
        for result in work(lane, portion):
            run.emit(result)

    return job


def carry_out(
    lane: Lane,
    commands: Sequence[Tuple[RelPath, Command]],
    *,
    settle: Callable[[RelPath, SyncError], Optional[SyncError]] = lambda path, error: error,
) -> List[Done]:
    """Send one command for each path, all in one flight. settle: the meaning of an explained refusal."""
    replies = list(lane.session.call_many([command for _path, command in commands]))
    refusals = [(path, item_error(reply, path)) for (path, _command), reply in zip(commands, replies) if not reply.good]
    errors = lane.explain(refusals)
    return [
        Done(path, None if reply.good else settle(path, errors[path]))
        for (path, _command), reply in zip(commands, replies)
    ]
