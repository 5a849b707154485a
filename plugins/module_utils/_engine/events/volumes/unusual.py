# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The judgement of one series: an hour, a day, the growth of the last days."""

from __future__ import annotations

from typing import Iterator, NamedTuple, Optional, Sequence

from .drift import Drift, drift_of
from .largest import fired, limit_of_largest
from .limits import VolumeLimits
from .pattern import SPARSE, UNKNOWN, Pattern, hour_limit
from .series import DAYS_OF_HOURS, Series

VOLUME_HOUR, VOLUME_DAY, VOLUME_DRIFT, NO_BASELINE = "volume_hour", "volume_day", "volume_drift", "no_baseline"


class Unusual(NamedTuple):
    """rule: the rule that fired
    observed: bytes
    expected: most bytes that are usual; None if the history is too short
    history_days: days that the rule knows
    would_have_fired: how often the rule would have fired in the last 28 days; None if the history is too short
    kind: of the account
    """

    rule: str
    observed: int
    expected: Optional[int]
    history_days: int
    would_have_fired: Optional[int]
    kind: str


def unusual_hour(series: Series, hour: int, pattern: Pattern, limits: VolumeLimits) -> Optional[Unusual]:
    """Judge the bytes of one hour, which may not have ended."""
    observed, history = series.in_hour(hour), series.history_days(hour)
    if observed <= limits.floor:
        return None
    if pattern.kind == UNKNOWN:
        return Unusual(NO_BASELINE, observed, None, history, None, UNKNOWN)
    most = hour_limit(pattern.kind, series.past_hours(hour), limits)
    if observed <= most:
        return None
    return Unusual(VOLUME_HOUR, observed, most, history, pattern.would_have_fired, pattern.kind)


def unusual_day(series: Series, day: int, pattern: Pattern, limits: VolumeLimits) -> Optional[Unusual]:
    """Judge the bytes of one day, which may not have ended. An account without a pattern has no usual day."""
    observed, past = series.in_day(day), series.past_days(day)[-DAYS_OF_HOURS:]
    if observed <= limits.day_floor or pattern.kind in (UNKNOWN, SPARSE) or not past:
        return None
    most = limit_of_largest(past, limits.largest_day, limits.day_floor)
    if observed <= most:
        return None
    alerts = len(fired(past, limits.largest_day, limits.day_floor))
    return Unusual(VOLUME_DAY, observed, most, len(past), alerts, pattern.kind)


def unusual_drift(series: Series, day: int, pattern: Pattern, limits: VolumeLimits) -> Optional[Unusual]:
    """Judge the growth up to `day`, which has ended. A growth is reported on its first day."""
    if pattern.kind in (UNKNOWN, SPARSE):
        return None
    days = series.past_days(day + 1)
    drift = _growth(days, day, limits)
    if drift is None or _growth(days[:-1], day - 1, limits):
        return None
    alerts = sum(1 for _each in _earlier_growths(days, day, limits))
    return Unusual(VOLUME_DRIFT, drift.observed, drift.expected, len(days), alerts, pattern.kind)


def _growth(days: Sequence[int], last: int, limits: VolumeLimits) -> Optional[Drift]:
    drift = drift_of(days, last, limits)
    return drift if drift.total > limits.drift_sum and drift.observed - drift.expected > limits.floor else None


def _earlier_growths(days: Sequence[int], last: int, limits: VolumeLimits) -> Iterator[int]:
    """Yield the days before `last`, of the last 28, on which a growth began."""
    grew = False
    for back in range(min(DAYS_OF_HOURS, len(days) - 1), 0, -1):
        grows = _growth(days[:-back], last - back, limits) is not None
        if grows and not grew:
            yield last - back
        grew = grows
