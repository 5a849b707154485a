# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holding content to a rate."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.system.pacer import Pacer


def test_no_rate_is_always_open() -> None:
    pacer = Pacer(None)
    pacer.spend(1 << 40)
    assert pacer.open
    assert pacer.refill(0.0) is None


@pytest.mark.parametrize("rate", [None, 1000])
def test_counts_what_was_spent(rate: int | None) -> None:
    pacer = Pacer(rate)
    for size in (1, 0, 70000):
        pacer.spend(size)
    assert pacer.spent == 70001


def test_nothing_moves_before_the_first_time_and_one_token_is_enough() -> None:
    pacer = Pacer(1000)
    assert not pacer.open
    pacer.refill(0.0)
    pacer.refill(0.001)
    assert pacer.open


def test_what_was_overspent_is_waited_for() -> None:
    pacer = Pacer(1000)
    pacer.refill(0.0)
    pacer.refill(1.0)
    assert pacer.open
    pacer.spend(600)
    assert not pacer.open
    assert pacer.refill(1.0) == pytest.approx(0.5, abs=0.01)
    assert pacer.refill(1.6) is None


def test_a_long_pause_does_not_save_up() -> None:
    pacer = Pacer(1000)
    pacer.refill(0.0)
    pacer.refill(3600.0)
    pacer.spend(101)
    assert not pacer.open


@pytest.mark.parametrize("block", [10, 100, 999, 5000])
def test_the_rate_holds_whatever_the_blocks(block: int) -> None:
    pacer, now, moved = Pacer(1000), 0.0, 0
    while now < 60:
        pause = pacer.refill(now)
        if pacer.open:
            pacer.spend(block)
            moved += block
        else:
            now += pause or 0.001
    assert 60_000 - 1000 <= moved <= 60_000 + 1000 + block
