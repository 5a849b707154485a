# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule of machines: an hour is compared with the same hour of the other days.

Its limit is the median and a number of median absolute deviations above it, and at least the floor. A job that begins a
minute earlier, or an hour earlier after a change of daylight saving time, is in the neighbouring hour: the highest
limit of the hour and its two neighbours counts.
"""

from __future__ import annotations

from typing import Iterator, List, Sequence

from .limits import VolumeLimits
from .series import HOURS_OF_DAY


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
    median = _median(sorted(column))
    deviation = _median(sorted(abs(size - median) for size in column))
    return int(median + max(limits.deviations * deviation, limits.floor))


def _median(ordered: Sequence[float]) -> float:
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
