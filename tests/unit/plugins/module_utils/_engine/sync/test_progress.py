# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The counters of a run, as steps of the run and whole runs report them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NotFound
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.report import (
    COMPARING,
    HASHING,
    LOGGING_IN,
    MOVING,
    PROVING,
    REMOVING,
    ProgressState,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.progress import Progress
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Staged
from support.contracts.transport_contract import transfers_of
from support.scenes.sync_pair import SyncPair
from support.trees.tree_spec import File

TRANSFER = transfers_of({b"f": File(b"content")})[0]


def test_begins_with_the_login() -> None:
    assert Progress(lambda: 7.5).state() == ProgressState(7.5, LOGGING_IN)


def test_entries_are_asked_for_when_a_state_is() -> None:
    progress, listed = Progress(lambda: 0.0), [1]
    progress.comparing(lambda: sum(listed))
    listed.append(120000)
    assert progress.state() == ProgressState(0.0, COMPARING, entries=120001)


def test_bytes_under_way_count_until_they_are_staged() -> None:
    progress, carried, states = Progress(lambda: 0.0), [1000], []

    def staged() -> Iterator[Staged]:
        carried[0] += 600
        states.append(progress.state())
        yield Staged(TRANSFER, 500)
        carried[0] += 100000
        states.append(progress.state())
        yield Staged(TRANSFER, error=NotFound("gone"))

    with progress.transfer([500, 700]):
        assert len(list(progress.moving(staged(), lambda: carried[0]))) == 2
    states.append(progress.state())
    assert [(state.phase, state.files, state.bytes) for state in states] == [
        (MOVING, 0, 600),
        (MOVING, 1, 1200),  # never more than there is
        (MOVING, 1, 500),
    ]
    assert {(state.files_total, state.bytes_total) for state in states} == {(2, 1200)}


def test_files_that_are_moved_again_count_once() -> None:
    progress = Progress()
    with progress.transfer([500]):
        for _attempt in range(2):
            list(progress.moving([Staged(TRANSFER, 500)], lambda: 0))
        assert progress.state()[2:6] == (1, 1, 500, 500)


def test_the_time_of_transfers_counts_also_if_they_fail() -> None:
    now = [10.0]
    progress = Progress(lambda: now[0])

    def fail() -> None:
        with progress.transfer([1]):
            now[0] += 2.5
            raise NotFound("x")

    with pytest.raises(NotFound):
        fail()
    assert progress.transfer_seconds == 2.5


class Seen(Progress):
    """Keeps the state at each change of the phase."""

    def __init__(self) -> None:
        self.states: list[ProgressState] = []
        super().__init__()

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "phase" and hasattr(self, "phase"):
            self.states.append(self.state())
        super().__setattr__(name, value)


@pytest.mark.parametrize("push", [True, False])
def test_a_whole_run(push: bool) -> None:
    source = {b"same": b"same", b"new": b"n" * 5000, b"changed": b"abc"}
    pair = SyncPair(source, {b"same": b"same", b"changed": b"abd", b"extra": b"x"}, push=push, delete=True)
    seen = Seen()
    report = pair.run(progress=seen)
    assert report.error is None
    phases = [state.phase for state in seen.states]
    assert phases == [LOGGING_IN, COMPARING, HASHING, MOVING, MOVING, PROVING]
    assert seen.phase == REMOVING
    compared, hashed, proving = seen.states[1], seen.states[2], seen.states[-1]
    assert compared.entries == 6
    assert hashed.files == hashed.files_total > 0
    assert proving[2:6] == (2, 2, 5003, 5003)
    assert 0 < report.transfer_seconds <= report.seconds


def test_a_check_moves_nothing() -> None:
    seen = Seen()
    report = SyncPair({b"a": b"1"}, {}).run(progress=seen, check_mode=True)
    assert MOVING not in [seen.phase, *(state.phase for state in seen.states)]
    assert report.transfer_seconds == 0
    assert report.seconds > 0


@pytest.mark.parametrize("push", [True, False])
def test_a_file_that_was_not_proven_counts_when_it_is_moved_again(push: bool) -> None:
    """While the second of two files is moved again, the state is that of the first alone."""
    pair = SyncPair({b"good": b"g" * 3000, b"again": b"a" * 5000}, {}, push=push)
    pair.peer.faults.flip(b"again", times=1)
    seen = Seen()
    assert pair.run(progress=seen).error is None
    states = [(state.phase, state.files, state.bytes) for state in seen.states]
    assert (PROVING, 1, 3000) in states, states
    assert seen.state()[2:6] == (2, 2, 8000, 8000)
