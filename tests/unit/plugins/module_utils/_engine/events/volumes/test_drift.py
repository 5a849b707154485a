# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.volumes.limits import VolumeLimits
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.volumes.unusual import (
    LEAST_REFERENCE,
    WATCHED_DAYS,
    drift_of,
)

LIMITS = VolumeLimits()
MONDAY = 20_451
"""2025-12-29."""


def days(usual: int, grown: float = 1.0, of_growth: int = 0) -> list[int]:
    """Return 42 days that alternate by a fifth; the last days are larger."""
    sizes = [usual + usual // 5 * (day % 2) for day in range(42)]
    return [*sizes[: 42 - of_growth], *(int(grown * size) for size in sizes[42 - of_growth :])]


def total(sizes: list[int]) -> float:
    return drift_of(sizes, MONDAY + len(sizes) - 1, LIMITS).total


def test_a_steady_size_adds_up_to_little() -> None:
    assert total(days(1000)) < 2


def test_growth_adds_up_day_by_day() -> None:
    totals = [total(days(1000, 1.3, number)) for number in range(5)]
    assert totals == sorted(totals)
    assert totals[4] > LIMITS.drift_sum


def test_one_large_day_is_not_enough() -> None:
    assert total(days(1000, 1000, 1)) < LIMITS.drift_sum


def test_a_quiet_weekend_is_compared_with_weekends() -> None:
    week = [1000, 1100, 1000, 1100, 1000, 5, 5]
    assert total(week * 6) < 2
    assert total([*week * 5, 1000, 1100, 1000, 1100, 1000, 500, 500]) > LIMITS.drift_sum - 1


def test_the_observed_days_are_those_of_the_growth() -> None:
    drift = drift_of(days(1000, 2.0, 4), MONDAY + 41, LIMITS)
    assert 2000 <= drift.observed <= 2200
    assert 1000 < drift.expected < 1200


def test_a_short_history_has_no_drift() -> None:
    assert drift_of([1] * (LEAST_REFERENCE - 1) + [10**9] * WATCHED_DAYS, MONDAY, LIMITS).total == 0
