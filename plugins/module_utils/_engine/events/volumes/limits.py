# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The thresholds of the volume rules. The defaults come from synthetic accounts (docs/monitoring.md)."""

from __future__ import annotations

from typing import NamedTuple


class VolumeLimits(NamedTuple):
    """floor: bytes of an hour above its usual bytes, below which nothing is an alert
    day_floor: the same for a day
    sparse_floor: bytes of an hour of an account without a pattern
    deviations: an hour of a machine may differ from the median of its hour by this many median deviations
    largest_hour: an hour of people may have this many times the bytes of the largest hour
    largest_day: a day may have this many times the bytes of the largest day
    drift_slack, drift_sum: k and h of the cumulated sum, in standard deviations
    sparse_hours: an account with fewer active hours has no pattern
    tolerated: alerts in 28 days of history up to which an account counts as a machine
    least_days: days of history before the first judgement
    """

    floor: int = 50_000_000
    day_floor: int = 200_000_000
    sparse_floor: int = 1_000_000_000
    deviations: float = 6.0
    largest_hour: float = 3.0
    largest_day: float = 2.0
    drift_slack: float = 0.5
    drift_sum: float = 5.0
    sparse_hours: int = 10
    tolerated: int = 1
    least_days: int = 14
