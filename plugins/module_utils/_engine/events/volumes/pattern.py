# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind of an account, found by a back-test: the most sensitive rule that is quiet on the account's own history.

The rule of machines compares an hour with the same hour of the other days. Its limit is the median and a number of
median absolute deviations above it, and at least the floor. A job that begins a minute earlier, or an hour earlier
after a change of daylight saving time, is in the neighbouring hour: the highest limit of the hour and its two
neighbours counts.

The rule of people compares an hour, or a day, with the largest of the history.
"""

from __future__ import annotations

from statistics import median
from typing import Iterator, List, NamedTuple, Sequence

from .limits import VolumeLimits
from .series import HOURS_OF_DAY

MACHINE, PEOPLE, SPARSE, UNKNOWN = "machine", "people", "sparse", "unknown"


class Pattern(NamedTuple):
    """kind: the rule for the hours of the account
    would_have_fired: alerts of this rule on the history
    """

    kind: str
    would_have_fired: int


def pattern_of(past: Sequence[int], limits: VolumeLimits) -> Pattern:
    """Return the kind of an account. past: bytes of each hour of whole days."""
    if len(past) < limits.least_days * HOURS_OF_DAY:
        return Pattern(UNKNOWN, 0)
    if sum(size > 0 for size in past) < limits.sparse_hours:
        return Pattern(SPARSE, len(fired(past, limits.largest_hour, limits.sparse_floor)))
    alerts = len(fired_hours(past, limits))
    if alerts <= limits.tolerated:
        return Pattern(MACHINE, alerts)
    return Pattern(PEOPLE, len(fired(past, limits.largest_hour, limits.floor)))


def hour_limit(kind: str, past: Sequence[int], limits: VolumeLimits) -> int:
    """Return the bytes above which the hour after `past` is unusual. Without a known kind it is the floor."""
    if kind == MACHINE:
        return limit_of_hour(past, limits)
    if kind == UNKNOWN:
        return limits.floor
    return limit_of_largest(past, limits.largest_hour, limits.sparse_floor if kind == SPARSE else limits.floor)


def limit_of_hour(past: Sequence[int], limits: VolumeLimits) -> int:
    """Return the largest usual size of the hour after `past`, which has whole days."""
    return max(_limit(column, limits) for column in _columns(past, len(past)))


def fired_hours(past: Sequence[int], limits: VolumeLimits) -> List[int]:
    """Return the indexes of the hours in `past` that exceed the limit which all other days give."""
    found = []
    for index, size in enumerate(past):
        # No limit is below the floor, so most hours need no look at the others.
        if size > limits.floor and size > max(_limit(column, limits) for column in _columns(past, index)):
            found.append(index)
    return found


def _columns(past: Sequence[int], index: int) -> Iterator[List[int]]:
    """Yield the sizes of the hour of `index` and of its two neighbours, of all days but its own."""
    own = index // HOURS_OF_DAY
    for hour in (index % HOURS_OF_DAY + distance for distance in (0, -1, 1)):
        column = past[hour % HOURS_OF_DAY :: HOURS_OF_DAY]
        yield [size for day, size in enumerate(column) if day != own]


def _limit(column: List[int], limits: VolumeLimits) -> int:
    if not column:
        return limits.floor
    usual = median(column)
    deviation = median(abs(size - usual) for size in column)
    return int(usual + max(limits.deviations * deviation, limits.floor))


def limit_of_largest(past: Sequence[int], times: float, floor: int) -> int:
    """Return `times` the largest size, at least `floor`."""
    return max(int(times * max(past, default=0)), floor)


def fired(past: Sequence[int], times: float, floor: int) -> List[int]:
    """Return the indexes of the sizes in `past` that exceed the limit which all others give."""
    ordered = sorted(past, reverse=True)
    second = ordered[1:2]
    limit = limit_of_largest(second, times, floor)
    # Only the largest can exceed the largest of the others.
    return [past.index(ordered[0])] if ordered and ordered[0] > limit else []
