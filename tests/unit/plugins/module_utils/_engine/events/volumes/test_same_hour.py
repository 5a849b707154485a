# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.volumes.limits import VolumeLimits
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.volumes.pattern import (
    fired_hours,
    limit_of_hour,
)

LIMITS = VolumeLimits(floor=100, deviations=6)


def nightly(days: int = 28, hour: int = 2, size: int = 1000) -> list[int]:
    """Return the hours of a batch; its size alternates by 10."""
    return [size + 10 * (day % 2) if each == hour else 0 for day in range(days) for each in range(24)]


def test_the_limit_is_the_median_and_six_deviations() -> None:
    spread = [1000 + 100 * (day % 5) if hour == 2 else 0 for day in range(25) for hour in range(24)]
    assert limit_of_hour([*spread, 0, 0], LIMITS) == 1200 + 6 * 100


def test_the_limit_is_at_least_a_floor_above_the_median() -> None:
    past = nightly()
    assert limit_of_hour([*past, 0, 0], LIMITS) == 1005 + 100
    assert limit_of_hour([*past] + [0] * 12, LIMITS) == 100, "at noon, nothing is usual"


def test_the_neighbouring_hours_count_too() -> None:
    past = nightly()
    limits = {hour: limit_of_hour([*past, *[0] * hour], LIMITS) for hour in range(24)}
    assert {hour for hour, limit in limits.items() if limit > 100} == {1, 2, 3}


def test_around_midnight_too() -> None:
    assert limit_of_hour(nightly(hour=23), LIMITS) > 1000
    assert limit_of_hour([*nightly(hour=0), *[0] * 23], LIMITS) > 1000


def test_the_history_is_judged_without_the_hour_itself() -> None:
    past = nightly()
    assert fired_hours(past, LIMITS) == []
    past[10 * 24 + 2] = 5000
    past[12 * 24 + 14] = 101
    assert fired_hours(past, LIMITS) == [10 * 24 + 2, 12 * 24 + 14]


def test_nothing_is_known_of_a_single_day() -> None:
    assert fired_hours(nightly(1), LIMITS) == [2]
    assert limit_of_hour([], LIMITS) == 100
