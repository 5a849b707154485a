# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind of an account, found by a back-test: the most sensitive rule that is quiet on the account's own history."""

from __future__ import annotations

from typing import NamedTuple, Sequence

from .largest import fired, limit_of_largest
from .limits import VolumeLimits
from .same_hour import fired_hours, limit_of_hour
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
