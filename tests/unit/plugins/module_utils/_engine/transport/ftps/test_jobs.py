# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs on several threads whose results one thread reads."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.pool import Job, Run
from support.running.patience import HANG_SECONDS


@contextlib.contextmanager
def lane() -> Iterator[None]:
    """No job of these tests looks at its lane."""
    yield None


def emitting(number: int) -> Job:
    return lambda _lane, run: run.emit(number)


def failing(_lane: object, _run: Run) -> None:
    raise ValueError("no")


@pytest.mark.parametrize("width", [1, 2, 4])
def test_every_result_comes_once(width: int) -> None:
    assert sorted(Run(lane, map(emitting, range(50)), width).results()) == list(range(50))


@pytest.mark.parametrize("width", [1, 3])
def test_an_error_is_raised_behind_the_results_before_it(width: int) -> None:
    results = []
    with pytest.raises(ValueError, match="no"):
        results.extend(Run(lane, iter([failing]), width).results())
    found = Run(lane, iter([emitting(1), failing]), 1).results()
    assert next(found) == 1
    with pytest.raises(ValueError, match="no"):
        next(found)


def test_closing_ends_the_jobs_under_way() -> None:
    started, ended = threading.Event(), threading.Event()

    def endless(_lane: object, run: Run) -> None:
        started.set()
        try:
            while True:
                run.check()
        finally:
            ended.set()

    found = Run(lane, iter([emitting(1), endless]), 2).results()
    assert next(found) == 1
    assert started.wait(HANG_SECONDS)
    found.close()
    assert ended.is_set()


class Waiting:
    """In place of a lane and its session: a connection on which nothing comes."""

    def __init__(self) -> None:
        self.session = self
        self.here, self.there = socket.socketpair()
        self.cuts: list[bool] = []

    def cut(self, *, wholly: bool) -> None:
        self.cuts.append(wholly)
        if wholly:
            self.here.shutdown(socket.SHUT_RDWR)


def test_closing_cuts_what_a_thread_waits_for() -> None:
    waiting = Waiting()
    started, ended = threading.Event(), threading.Event()

    @contextlib.contextmanager
    def borrowed() -> Iterator[Waiting]:
        yield waiting

    def reading(lane: Waiting, _run: Run) -> None:
        started.set()
        lane.here.recv(1)
        ended.set()

    found = Run(borrowed, iter([emitting(1), reading]), 2).results()
    assert next(found) == 1
    assert started.wait(HANG_SECONDS)
    found.close()
    assert ended.is_set()
    assert waiting.cuts == [False, True]
    waiting.here.close()
    waiting.there.close()
