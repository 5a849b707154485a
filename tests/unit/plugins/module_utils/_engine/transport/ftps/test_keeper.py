# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The heartbeats of a lock and of idle sessions."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ConnectionLost
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.listing import parse_time
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import Reply
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps import small_files as module
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.lane import Lane
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.small_files import Keeper
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.times import Times
from support.running.patience import HANG_SECONDS
from support.scripted.scripted_session import MLST, OK, told_lane

LOCK = RelPath(b"lock")
PROBE = b"20010203040506"
SECOND = 1_000_000_000
SOON = 0.02


class Scene:
    """A keeper of one lane. failures: how many of the next uses of the pool fail."""

    def __init__(self) -> None:
        self.told = told_lane({b"MDTM /t/lock": Reply(213, (PROBE,)), b"MFMT %s /t/lock" % PROBE: OK}, features=MLST)
        self.kept_alive: list[float] = []
        self.uses: list[bool] = []
        self.failures = 0
        self.keeper = Keeper(self, Times(self.told.server))
        self.keeper.clock_ahead = 0

    @contextlib.contextmanager
    def lane(self, *, beyond: bool = False) -> Iterator[Lane]:
        self.uses.append(beyond)
        self.failures -= 1
        if self.failures >= 0:
            raise ConnectionLost("gone")
        yield self.told

    def keep_alive(self, seconds: float) -> None:
        self.kept_alive.append(seconds)

    @property
    def touches(self) -> list[int]:
        """The times that the lock was given."""
        lines = [line.split()[1] for line in self.told.session.sent if line.startswith(b"MFMT") and PROBE not in line]
        return [parse_time(stamp) for stamp in lines]


@pytest.fixture
def scene() -> Iterator[Scene]:
    made = Scene()
    yield made
    made.keeper.stop()


def until(happened: Callable[[], object]) -> bool:
    end = time.monotonic() + HANG_SECONDS
    while not happened() and time.monotonic() < end:
        time.sleep(0.005)
    return bool(happened())


def test_a_lock_is_touched_again_and_again(scene: Scene) -> None:
    scene.keeper.touch_every(LOCK, SOON)
    scene.keeper.start()
    assert until(lambda: len(scene.touches) > 2)
    assert all(abs(touch - time.time_ns()) < 60 * SECOND for touch in scene.touches)
    assert all(scene.uses), "it does not wait for a session"


def test_a_touch_is_in_the_time_of_the_server(scene: Scene) -> None:
    scene.keeper.clock_ahead = 3600 * SECOND
    scene.keeper.touch_every(LOCK, SOON)
    scene.keeper.start()
    assert until(lambda: scene.touches)
    assert abs(scene.touches[0] - time.time_ns() - 3600 * SECOND) < 60 * SECOND


def test_no_touch_before_the_time_of_the_server_is_known(scene: Scene) -> None:
    scene.keeper.clock_ahead = None
    scene.keeper.touch_every(LOCK, SOON)
    scene.keeper.start()
    time.sleep(5 * SOON)
    assert scene.uses == []


def test_touches_end_when_the_lock_is_given_up(scene: Scene) -> None:
    scene.keeper.touch_every(LOCK, SOON)
    scene.keeper.start()
    assert until(lambda: scene.touches)
    scene.keeper.touch_every(LOCK, 0)
    count = len(scene.touches)
    time.sleep(5 * SOON)
    assert len(scene.touches) == count


def test_a_failure_does_not_end_the_heartbeats(scene: Scene) -> None:
    scene.failures = 2
    scene.keeper.touch_every(LOCK, SOON)
    scene.keeper.start()
    assert until(lambda: scene.touches)
    assert len(scene.uses) > 2


def test_idle_sessions_are_kept_alive(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SILENCE", SOON)
    scene.keeper.touch_every(LOCK, SOON)
    scene.keeper.start()
    assert until(lambda: len(scene.kept_alive) > 1)
    assert set(scene.kept_alive) == {SOON}


def test_a_keeper_stops_and_starts_once(scene: Scene) -> None:
    scene.keeper.start()
    thread = scene.keeper._thread
    scene.keeper.start()
    assert scene.keeper._thread is thread
    scene.keeper.touch_every(LOCK, SOON)
    assert until(lambda: scene.touches)
    scene.keeper.stop()
    assert thread is not None
    assert not thread.is_alive()
