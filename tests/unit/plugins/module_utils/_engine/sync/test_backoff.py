# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often, and after which pauses, something is tried again."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AuthenticationFailed,
    ConnectionLost,
    ConnectTimeout,
    ProtocolViolation,
    SyncError,
    TlsFailed,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.backoff import Backoff


def test_pauses_double_up_to_half_a_minute() -> None:
    pauses: list[float] = []
    backoff = Backoff(9, sleep=pauses.append)
    for attempt in range(9):
        backoff.pause(ConnectionLost("gone"), left=9 - attempt)
    for pause, least in zip(pauses, [0.5, 1, 2, 4, 8, 16, 30, 30, 30], strict=True):
        assert least <= pause <= least * 1.25
    with pytest.raises(ConnectionLost):
        backoff.pause(ConnectionLost("gone"), left=0)
    backoff.progress()
    backoff.pause(ConnectionLost("gone"), left=1)
    assert pauses[-1] < 1


@pytest.mark.parametrize(
    "error", [AuthenticationFailed("no"), ProtocolViolation("no"), TlsFailed("no"), SyncError("no")]
)
def test_a_final_error_is_raised_at_once(error: SyncError) -> None:
    with pytest.raises(type(error)):
        Backoff(9, sleep=lambda _seconds: None).pause(error, left=1)


def test_winding_up() -> None:
    backoff = Backoff(9, sleep=lambda _seconds: None)
    backoff.give_up()
    with pytest.raises(ConnectionLost):
        backoff.pause(ConnectionLost("gone"), left=1)


def test_a_server_that_is_silent_from_the_start_is_asked_once() -> None:
    pauses: list[float] = []
    backoff = Backoff(9, sleep=pauses.append)
    with pytest.raises(ConnectTimeout):
        backoff.pause(ConnectTimeout("silent"), left=1)
    backoff.progress()
    backoff.pause(ConnectTimeout("silent"), left=1)
    assert len(pauses) == 1, "one that answered before may be restarting"


def test_a_login_that_does_not_end_is_tried_again() -> None:
    pauses: list[float] = []
    Backoff(9, sleep=pauses.append).pause(ConnectTimeout("cut", answered=True), left=1)
    assert len(pauses) == 1


def test_attempt() -> None:
    errors = [ConnectionLost("gone"), ConnectionLost("gone")]

    def act() -> str:
        if errors:
            raise errors.pop()
        return "done"

    assert Backoff(2, sleep=lambda _seconds: None).attempt(act) == "done"


@pytest.mark.parametrize(("retries", "expected"), [(0, 1), (1, 1), (3, 3)])
def test_a_lost_session_is_replaced_without_retries_too(retries: int, expected: int) -> None:
    assert Backoff(retries).for_a_loss == expected


def test_the_first_session_is_tried_once_without_retries() -> None:
    asked: list[int] = []

    def act() -> None:
        asked.append(1)
        raise ConnectionLost("gone")

    with pytest.raises(ConnectionLost):
        Backoff(0, sleep=lambda _seconds: None).attempt(act)
    assert asked == [1]
