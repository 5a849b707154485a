# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work done in processes side by side, each with things of its own: `in_lanes(work, [lane, other], items)`."""

from __future__ import annotations

__all__ = ["in_lanes"]

import os
import pickle
import signal
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, BinaryIO

from .processes import descendants


def in_lanes(work: Callable[[Any, Sequence[Any]], list[Any]], lanes: Sequence[Any], items: Sequence[Any]) -> list[Any]:
    """Call `work(lane, its share of the items)` in a forked process for each of `lanes`; give all that came of it.

    Servers that a lane uses are started before: they end with the process that started them.
    """
    children: list[tuple[int, BinaryIO]] = []
    found: list[Any] = []
    try:
        for number, lane in enumerate(lanes):
            children.append(_start(work, lane, items[number :: len(lanes)]))
        for _child, pipe in children:
            answer = pickle.load(pipe)  # noqa: S301  # written by our own child
            assert isinstance(answer, list), answer
            found += answer
    finally:
        for child, pipe in children:
            pipe.close()
            _end(child)
    return found


def _end(child: int) -> None:
    """Kill the remains of a lane that did not answer, and wait for it."""
    for pid in [child, *descendants(child)]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    os.waitpid(child, 0)


def _start(work: Callable[[Any, Sequence[Any]], list[Any]], lane: Any, share: Sequence[Any]) -> tuple[int, BinaryIO]:
    answer, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(answer)
        _child(work, lane, share, tell)
    os.close(tell)
    return child, os.fdopen(answer, "rb")


def _child(work: Callable[[Any, Sequence[Any]], list[Any]], lane: Any, share: Sequence[Any], tell: int) -> None:
    """The work of one lane; does not return."""
    try:
        try:
            answer: Any = work(lane, share)
        except BaseException:
            answer = traceback.format_exc()
        with open(tell, "wb") as pipe:
            pickle.dump(answer, pipe)
    finally:
        os._exit(0)
