# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A slow growth: a cumulated sum (CUSUM) of the days.

Each day is compared, on a logarithmic scale, with days of its kind (working day or weekend) that are older than the
watched days. Deviations above the slack add up; the sum is an alert above its limit. A single day counts at most
`MOST_OF_A_DAY` standard deviations: one large day is a matter of the other rules.
"""

from __future__ import annotations

import math
from typing import Dict, List, NamedTuple, Sequence

from .limits import VolumeLimits

WATCHED_DAYS = 14
"""The last days, whose growth is sought."""
LEAST_REFERENCE = 14
"""Older days that are needed."""
MOST_OF_A_DAY = 3.0
_LEAST_DEVIATION = 0.1
_EPOCH_WEEKDAY = 3
"""1970-01-01 was a Thursday; Monday is 0."""


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
