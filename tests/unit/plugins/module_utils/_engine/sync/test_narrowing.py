# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the items at which sessions end are found, and how many sessions that takes."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionLost,
    Stalled,
    SyncError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.backoff import MOST_IN_A_ROW
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.narrowing import MANY, Narrowing

ATTEMPTS = 3
WINDOW = 192


class Trial(NamedTuple):
    """done, failed: items in the order of their end. losses: sessions lost. shares: how many items each attempt had."""

    done: list[int]
    failed: list[int]
    losses: int
    shares: list[int]


def narrow(count: int, poison: set[int], *, error: SyncError | None = None, ordered: bool = False) -> Trial:
    """Play a transport with WINDOW items under way, which loses its session as soon as one of `poison` is among
    them."""
    pending = dict.fromkeys(range(count))
    narrowing: Narrowing[int] = Narrowing(pending, attempts=ATTEMPTS, ordered=ordered)
    error = error or ConnectionLost("cut")
    trial = Trial([], [], 0, [])
    in_a_row = 0
    while pending:
        share = narrowing.share()
        trial.shares.append(len(share))
        bad = next((at for at, item in enumerate(share) if item in poison), None)
        # Operations long before the fault have been answered; its neighbours were in flight with it.
        whole = share if bad is None else share[: max(0, bad - WINDOW)]
        for item in whole:
            del pending[item]
            trial.done.append(item)
            in_a_row = 0
        if bad is None:
            if not narrowing.share_done():
                break
            continue
        trial = trial._replace(losses=trial.losses + 1)
        for item in narrowing.lost(error, failed_before=in_a_row):
            del pending[item]
            trial.failed.append(item)
            in_a_row += 1
    return trial


def test_one_loss_changes_nothing() -> None:
    pending = dict.fromkeys(range(5000))
    narrowing: Narrowing[int] = Narrowing(pending, attempts=ATTEMPTS, ordered=False)
    assert len(narrowing.share()) == 5000
    for item in range(700):
        del pending[item]
    assert narrowing.lost(ConnectionLost("cut"), failed_before=0) == []
    assert len(narrowing.share()) == 4300, "all that is left, at full speed"


def test_a_bad_line_on_which_much_is_done_is_not_narrowed() -> None:
    pending = dict.fromkeys(range(50_000))
    narrowing: Narrowing[int] = Narrowing(pending, attempts=ATTEMPTS, ordered=False)
    for _loss in range(20):
        for item in list(pending)[:2000]:
            del pending[item]
        assert narrowing.lost(ConnectionLost("cut"), failed_before=0) == []
        assert len(narrowing.share()) == len(pending)


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize(
    ("count", "poison"),
    [
        (1, {0}),
        (2, {1}),
        (300, {0}),
        (300, {299}),
        (5000, {2500}),
        (5000, {7, 1999, 2000, 4999}),
        (5000, set(range(100, 5000, 700))),
    ],
)
def test_the_poison_alone_fails(count: int, poison: set[int], ordered: bool) -> None:
    trial = narrow(count, poison, ordered=ordered)
    assert sorted(trial.failed) == sorted(poison)
    assert sorted(trial.done) == sorted(set(range(count)) - poison)
    assert trial.losses <= 1 + len(poison) * (ATTEMPTS + 3)


def test_ordered_items_keep_their_order() -> None:
    trial = narrow(5000, {2500, 2600}, ordered=True)
    assert trial.done == sorted(trial.done)


def test_many_of_a_kind_in_a_row_are_all_found() -> None:
    """Twenty files of one kind at which a filter ends each session: the other 480 are done."""
    poison = set(range(100, 120))
    trial = narrow(500, poison)
    assert set(trial.failed) == poison
    assert len(trial.done) == 480
    assert trial.losses <= len(poison) * (ATTEMPTS + 2)


def test_after_a_stall_no_second_one_is_risked_with_all() -> None:
    trial = narrow(1000, {500}, error=Stalled("silent"))
    assert trial.failed == [500]
    assert trial.losses == 1 + 1 + ATTEMPTS


def test_sessions_of_no_use_end_the_run() -> None:
    with pytest.raises(ConnectionLost):
        narrow(10_000, set(range(10_000)))


def test_a_share_whose_items_were_all_done_before_the_loss() -> None:
    pending = dict.fromkeys(range(3))
    narrowing: Narrowing[int] = Narrowing(pending, attempts=ATTEMPTS, ordered=True)
    narrowing.lost(Stalled("silent"), failed_before=0)
    pending.clear()
    assert narrowing.lost(ConnectionLost("cut"), failed_before=0) == []
    assert narrowing.share() == []


@pytest.mark.parametrize(("done", "narrows"), [(MANY, False), (MANY - 1, True)])
def test_the_number_of_done_items_that_clears_all_of_them(done: int, narrows: bool) -> None:
    pending = dict.fromkeys(range(3 * MANY))
    narrowing: Narrowing[int] = Narrowing(pending, attempts=ATTEMPTS, ordered=True)
    narrowing.lost(ConnectionLost("cut"), failed_before=0)
    for item in range(done):
        del pending[item]
    narrowing.lost(ConnectionLost("cut"), failed_before=0)
    assert (len(narrowing.share()) < len(pending)) is narrows


def test_the_number_of_failed_items_in_a_row_that_shows_a_useless_server() -> None:
    narrowing: Narrowing[int] = Narrowing({1: None}, attempts=ATTEMPTS, ordered=True)
    assert narrowing.lost(ConnectionLost("cut"), failed_before=MOST_IN_A_ROW - 1) == []
    with pytest.raises(ConnectionLost):
        narrowing.lost(ConnectionLost("cut"), failed_before=MOST_IN_A_ROW)


def test_a_session_that_brings_an_item_further_is_no_failure() -> None:
    pending = {0: None}
    narrowing: Narrowing[int] = Narrowing(pending, attempts=2, ordered=False)
    lost = ConnectionLost("cut")
    assert [narrowing.lost(lost, failed_before=0, useful=True) for _loss in range(9)] == [[]] * 9
    assert narrowing.lost(lost, failed_before=0) == []
    assert narrowing.lost(lost, failed_before=0, useful=True) == []
    assert narrowing.lost(lost, failed_before=0) == []
    assert narrowing.lost(lost, failed_before=0) == [0]


def test_an_item_that_goes_further_among_others_does_not_hide_the_cause() -> None:
    """Several items are under way: each loss makes the share smaller, as without progress."""
    pending = dict.fromkeys(range(40))
    narrowing: Narrowing[int] = Narrowing(pending, attempts=2, ordered=True)
    shares = []
    for _loss in range(4):
        shares.append(len(narrowing.share()))
        assert narrowing.lost(ConnectionLost("cut"), failed_before=0, useful=True) == []
    assert shares == [40, 40, 32, 1]
