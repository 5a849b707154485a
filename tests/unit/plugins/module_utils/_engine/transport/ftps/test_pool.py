# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lanes of a pool: which are opened, lent, kept and closed."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AuthenticationFailed,
    ConnectionFailed,
    ConnectionLost,
    SyncError,
    TrustError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.lane import Lane
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.pool import FtpsPool
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.server import Server
from support.running.patience import HANG_SECONDS
from support.scripted.scripted_session import ToldSession


class Scene:
    """A pool. refusals: the errors of the logins to come, None for a login that succeeds."""

    def __init__(self, *refusals: SyncError | None, most: int = 2) -> None:
        self.refusals, self.notes = list(refusals), []
        self.made: list[Lane] = []
        self.pool = FtpsPool(self._open, most_for=lambda _lane: most, note=self.notes.append)
        self.pool.start()

    def _open(self) -> Lane:
        error = self.refusals.pop(0) if self.refusals else None
        if error is not None:
            raise error
        self.made.append(Lane(ToldSession({}), Server(b"/t")))
        return self.made[-1]


def test_the_error_of_the_first_login_is_that_of_every_use() -> None:
    pool = Scene(AuthenticationFailed("no")).pool
    for _number in range(2):
        with pytest.raises(AuthenticationFailed):
            pool.wait()
    with pytest.raises(AuthenticationFailed), pool.lane():
        pass


def test_a_lane_that_is_free_is_lent_again() -> None:
    scene = Scene()
    with scene.pool.lane() as first:
        pass
    with scene.pool.lane() as second:
        assert second is first
    assert scene.pool.lanes == scene.made == [first]


def test_another_is_opened_while_one_is_in_use() -> None:
    scene = Scene()
    with scene.pool.lane() as first, scene.pool.lane() as second:
        assert first is not second
    assert scene.pool.lanes == [first, second]


def test_no_more_than_the_most() -> None:
    scene = Scene(most=1)
    with ThreadPoolExecutor(1) as threads:
        with scene.pool.lane() as first:
            waiting = threads.submit(lambda: scene.pool.lane().__enter__())
            with pytest.raises(TimeoutError):
                waiting.result(0.05)
        assert waiting.result(5) is first
    assert len(scene.made) == 1


def test_one_beyond_the_most_is_not_waited_for() -> None:
    scene = Scene(most=1)
    with scene.pool.lane() as first, scene.pool.lane(beyond=True) as second:
        assert first is not second


def test_where_one_beyond_the_most_is_refused_it_waits_like_others() -> None:
    scene = Scene(None, AuthenticationFailed("530"), most=1)
    with ThreadPoolExecutor(1) as threads:
        with scene.pool.lane() as first:
            waiting = threads.submit(lambda: scene.pool.lane(beyond=True).__enter__())
            with pytest.raises(TimeoutError):
                waiting.result(0.05)
        assert waiting.result(5) is first
    assert scene.made == [first]


def test_all_lanes_up_to_the_most() -> None:
    pool = Scene(most=3).pool
    with pool.lane() as first, pool.lane() as second, pool.lane() as third:
        assert len({id(lane) for lane in (first, second, third)}) == 3


@pytest.mark.parametrize("refusal", [AuthenticationFailed("530"), ConnectionFailed("421"), ConnectionLost("gone")])
def test_a_server_that_admits_fewer(refusal: SyncError) -> None:
    scene = Scene(None, refusal, most=3)
    with ThreadPoolExecutor(1) as threads:
        with scene.pool.lane() as first:
            waiting = threads.submit(lambda: scene.pool.lane().__enter__())
            with pytest.raises(TimeoutError):
                waiting.result(0.05)
        assert waiting.result(5) is first
    assert scene.pool.most == 1
    assert scene.notes == [f"the server refused more sessions than 1: {refusal.message}"]


def test_another_error_is_raised_and_harms_nothing() -> None:
    scene = Scene(None, TrustError("unproven"))
    with scene.pool.lane() as first, pytest.raises(TrustError), scene.pool.lane():
        pass
    with scene.pool.lane() as again:
        assert again is first


def test_a_lost_session_leaves_the_pool() -> None:
    scene = Scene()
    with scene.pool.lane() as lane:
        lane.session.closed = True
    assert scene.pool.lanes == []
    with pytest.raises(ConnectionLost), scene.pool.lane():
        pass


def test_idle_sessions_are_kept_alive() -> None:
    scene = Scene()
    with scene.pool.lane() as idle, scene.pool.lane():
        pass
    with scene.pool.lane() as busy:
        scene.pool.keep_alive(0.0)
        assert busy.session.sent == []
    (other,) = (lane for lane in scene.made if lane is not busy)
    assert other.session.sent == [b"NOOP"]
    scene.pool.keep_alive(60.0)
    assert (idle.session.sent + scene.made[1].session.sent).count(b"NOOP") == 1
    assert len(scene.pool.lanes) == 2


def test_a_lane_that_was_kept_alive_is_free_once() -> None:
    pool = Scene().pool
    with pool.lane():
        pass
    pool.keep_alive(0.0)
    with pool.lane() as one, pool.lane() as two:
        assert one is not two


def test_closing_ends_all() -> None:
    scene = Scene()
    with scene.pool.lane() as busy, scene.pool.lane() as free:
        pass
    with scene.pool.lane() as busy:
        scene.pool.close()
        free = next(lane for lane in scene.made if lane is not busy)
        assert (free.session.closed, busy.session.closed) == (True, False)
    assert busy.session.closed
    assert scene.pool.lanes == []
    with pytest.raises(ConnectionLost), scene.pool.lane():
        pass


def test_a_login_that_ends_after_the_pool_is_closed_at_once() -> None:
    may_end, made = threading.Event(), []

    def open_lane() -> Lane:
        may_end.wait(HANG_SECONDS)
        made.append(Lane(ToldSession({}), Server(b"/t")))
        return made[0]

    pool = FtpsPool(open_lane, most_for=lambda _lane: 1, note=pytest.fail)
    pool.start()
    assert not pool.ready
    threading.Timer(0.05, may_end.set).start()
    pool.close()
    assert made[0].session.closed
    assert pool.lanes == []


def test_jobs_run_on_the_lanes() -> None:
    scene = Scene()
    jobs = [lambda lane, run, number=number: run.emit((number, lane in scene.made)) for number in range(5)]
    assert sorted(scene.pool.run(jobs, width=9)) == [(number, True) for number in range(5)]
    assert len(scene.made) <= 2
