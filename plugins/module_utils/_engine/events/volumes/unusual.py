# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The judgement of one series: an hour, a day, the growth of the last days.

A slow growth shows in a cumulated sum (CUSUM) of the days. Each day is compared, on a logarithmic scale, with days of
its kind (working day or weekend) that are older than the watched days. Deviations above the slack add up; the sum is
an alert above its limit. A single day counts at most `MOST_OF_A_DAY` standard deviations: one large day is a matter of
the other rules.
"""

from __future__ import annotations

import math
from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence

from .limits import VolumeLimits
from .pattern import SPARSE, UNKNOWN, Pattern, fired, hour_limit, limit_of_largest
from .series import DAYS_OF_HOURS, Series

VOLUME_HOUR, VOLUME_DAY, VOLUME_DRIFT, NO_BASELINE = "volume_hour", "volume_day", "volume_drift", "no_baseline"
WATCHED_DAYS = 14
"""The last days, whose growth is sought."""
LEAST_REFERENCE = 14
"""Older days that are needed."""
MOST_OF_A_DAY = 3.0
_LEAST_DEVIATION = 0.1
_EPOCH_WEEKDAY = 3
"""1970-01-01 was a Thursday; Monday is 0."""


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


class Drift(NamedTuple):
    """The state of the sum after the last day.

    total: the sum, in standard deviations
    observed: mean bytes of the watched days since the growth began
    expected: mean bytes of days of these kinds before
    """

    total: float
    observed: int
    expected: int


def drift_of(days: Sequence[int], last: int, limits: VolumeLimits) -> Drift:
    """Return the drift. days: bytes of each day up to the day `last` (a number since 1970), the oldest first."""
    older, watched = days[:-WATCHED_DAYS], days[-WATCHED_DAYS:]
    if len(older) < LEAST_REFERENCE:
        return Drift(0.0, 0, 0)
    first = last - len(days) + 1
    usual = _usual(older, first)
    total, began = 0.0, 0
    for index, size in enumerate(watched):
        mean, deviation = usual[_is_weekend(first + len(older) + index)]
        grown = min((_scale(size) - mean) / deviation, MOST_OF_A_DAY)
        total = max(0.0, total + grown - limits.drift_slack)
        began = began if total else index + 1
    return _drift(total, watched[began:], [usual[_is_weekend(last - back)][0] for back in range(len(watched) - began)])


def _drift(total: float, grown: Sequence[int], means: List[float]) -> Drift:
    if not grown:
        return Drift(total, 0, 0)
    expected = sum(math.expm1(mean) for mean in means) / len(means)
    return Drift(total, sum(grown) // len(grown), int(expected))


def _usual(days: Sequence[int], first: int) -> Dict[bool, tuple[float, float]]:
    """Return mean and standard deviation of the logarithms, of working days and of weekends."""
    kinds: Dict[bool, List[float]] = {False: [], True: []}
    for index, size in enumerate(days):
        kinds[_is_weekend(first + index)].append(_scale(size))
    return {kind: _mean_and_deviation(values) for kind, values in kinds.items()}


def _mean_and_deviation(values: List[float]) -> tuple[float, float]:
    mean = sum(values) / len(values)
    square = sum((value - mean) ** 2 for value in values) / max(1, len(values) - 1)
    return mean, max(math.sqrt(square), _LEAST_DEVIATION)


def _scale(size: int) -> float:
    return math.log1p(size)


def _is_weekend(day: int) -> bool:
    return (day + _EPOCH_WEEKDAY) % 7 >= 5
