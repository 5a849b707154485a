# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at the lock of another run follow each other at growing distances, within the time of the task."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import Locked, NoSpace
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.lock import LOCK_NAME, taken_in_turn
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.lock_holder import LockHolder
from support.scenes.sync_pair import SyncPair, codes, done
from support.trees.memory_transport import MemoryTransport

ELSEWHERE = LockHolder("fedcba9876543210", "0" * 16, "elsewhere", 1, "1").text()


class Holder:
    """A lock that is free after so many looks."""

    def __init__(self, looks: int, error: Exception | None = None) -> None:
        self.looks, self.pauses, self._error = looks, [], error or Locked("locked", path=b"x", cure="Wait.")

    def take(self) -> None:
        self.looks -= 1
        if self.looks >= 0:
            raise self._error


@pytest.mark.parametrize(
    ("looks", "seconds", "pauses"),
    [(0, 5.0, []), (1, 5.0, [1.0]), (3, 100.0, [1.0, 2.0, 4.0]), (7, 100.0, [1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0])],
)
def test_the_lock_is_taken_when_it_is_free(looks: int, seconds: float, pauses: list[float]) -> None:
    holder = Holder(looks)
    assert taken_in_turn(holder.take, seconds, holder.pauses.append) == bool(looks)
    assert holder.pauses == pauses


@pytest.mark.parametrize(
    ("seconds", "pauses"),
    [(0.5, [0.5]), (3.0, [1.0, 2.0]), (4.5, [1.0, 2.0, 1.5]), (40.0, [1.0, 2.0, 4.0, 8.0, 15.0, 10.0])],
)
def test_the_time_ends_with_a_last_look(seconds: float, pauses: list[float]) -> None:
    holder = Holder(99)
    with pytest.raises(Locked) as caught:
        taken_in_turn(holder.take, seconds, holder.pauses.append)
    assert caught.value.message == f"locked; waited {seconds:g} s for it"
    assert (caught.value.path, caught.value.cure) == (b"x", "Wait.")
    assert holder.pauses == pauses
    assert holder.looks == 99 - len(pauses) - 1


def test_another_error_is_final() -> None:
    holder = Holder(1, NoSpace("full"))
    with pytest.raises(NoSpace):
        taken_in_turn(holder.take, 5.0, holder.pauses.append)
    assert holder.pauses == []


@pytest.mark.parametrize("push", [True, False])
def test_a_run_sees_what_was_done_while_it_waited(push: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other run stores `new`, which both sides have at its end: it is neither stored again nor removed."""
    pair = SyncPair({b"a": b"1"}, {b"a": b"1", LOCK_NAME: ELSEWHERE}, push=push, delete=True)
    pair.destination.node(LOCK_NAME).mtime = pair.destination.disk.now

    def other_run_ends(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            for side in pair.source, pair.destination:
                side.create_file(RelPath(b"new"), b"2")
            for _done in pair.destination.remove_files([RelPath(LOCK_NAME)]):
                pass

    # The login takes so long that this host's side is listed meanwhile.
    monkeypatch.setattr(MemoryTransport, "ready", lambda _side: False)
    pauses: list[float] = []
    pair.sleeps = Pauses(other_run_ends)
    report = pair.run(lock_wait=60.0)
    assert codes(report) == set()
    assert pauses == [1.0, 2.0]
    assert [action for _path, action in done(report) if action in ("store", "remove")] == []
    assert pair.destination.snapshot().keys() == {b"a", b"new"}


def test_check_mode_waits_for_nobody() -> None:
    pair = SyncPair({b"a": b"1"}, {LOCK_NAME: ELSEWHERE})
    pair.destination.node(LOCK_NAME).mtime = pair.destination.disk.now
    assert codes(pair.run(lock_wait=60.0, check_mode=True)) == set()
    assert pair.sleeps == []


def test_a_lock_that_stays_is_an_error_with_the_time() -> None:
    pair = SyncPair({b"a": b"1"}, {LOCK_NAME: ELSEWHERE})
    pair.destination.node(LOCK_NAME).mtime = pair.destination.disk.now
    report = pair.run(lock_wait=3.0)
    assert codes(report) == {"locked"}
    assert "waited 3 s for it" in report.error.message
    assert list(pair.destination.snapshot()) == [LOCK_NAME]


class Pauses:
    """Takes the place of the list of pauses of a pair."""

    def __init__(self, append: object) -> None:
        self.append = append
