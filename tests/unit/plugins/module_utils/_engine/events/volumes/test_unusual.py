# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.volumes.limits import VolumeLimits
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.volumes.pattern import (
    MACHINE,
    PEOPLE,
    SPARSE,
    UNKNOWN,
    Pattern,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.volumes.series import Series
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.volumes.unusual import (
    unusual_day,
    unusual_drift,
    unusual_hour,
)

LIMITS = VolumeLimits(floor=100, day_floor=400, sparse_floor=1000)
DAY = 20_454
QUIET = Pattern(MACHINE, 0)


def daily(days: int, size: int = 1000, more: dict[int, int] | None = None) -> Series:
    """Return a batch at two o'clock of each day; more: hours after the last day, and their bytes."""
    series = Series()
    for day in range(days):
        series.add((DAY + day) * 24 + 2, size)
    for hour, extra in (more or {}).items():
        series.add((DAY + days) * 24 + hour, extra)
    return series


def test_an_unusual_hour_has_its_reason() -> None:
    series = daily(30, more={2: 1000, 14: 150})
    assert unusual_hour(series, (DAY + 30) * 24 + 2, QUIET, LIMITS) is None
    found = unusual_hour(series, (DAY + 30) * 24 + 14, QUIET, LIMITS)
    assert found == ("volume_hour", 150, 100, 28, 0, MACHINE)


def test_without_history_a_large_hour_has_no_baseline() -> None:
    series = daily(3, more={2: 1000, 3: 100})
    unknown = Pattern(UNKNOWN, 0)
    assert unusual_hour(series, (DAY + 3) * 24 + 3, unknown, LIMITS) is None
    found = unusual_hour(series, (DAY + 3) * 24 + 2, unknown, LIMITS)
    assert found == ("no_baseline", 1000, None, 3, None, UNKNOWN)


def test_an_unusual_day_has_its_reason() -> None:
    series = daily(30, more=dict.fromkeys(range(9), 250))
    found = unusual_day(series, DAY + 30, Pattern(PEOPLE, 0), LIMITS)
    assert found == ("volume_day", 2250, 2000, 28, 0, PEOPLE)
    assert unusual_day(series, DAY + 29, Pattern(PEOPLE, 0), LIMITS) is None
    assert unusual_day(series, DAY + 30, Pattern(SPARSE, 0), LIMITS) is None


def test_a_growth_is_reported_once_on_its_third_day() -> None:
    series = daily(40, size=1000)
    for day in range(40, 50):
        series.add((DAY + day) * 24 + 2, 2000)
    found = [day for day in range(30, 50) if unusual_drift(series, DAY + day, QUIET, LIMITS)]
    assert found == [42]
    grown = unusual_drift(series, DAY + 42, QUIET, LIMITS)
    assert grown is not None
    assert (grown.rule, grown.observed, grown.would_have_fired) == ("volume_drift", 2000, 0)
    assert 990 <= (grown.expected or 0) <= 1000


def test_earlier_growths_are_counted() -> None:
    series = daily(56)
    for day in (*range(35, 38), *range(50, 56)):
        series.add((DAY + day) * 24 + 2, 1000)
    found = [unusual_drift(series, DAY + day, QUIET, LIMITS) for day in range(48, 56)]
    assert [each.would_have_fired for each in found if each] == [1]
