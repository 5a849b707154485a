# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Feeds that did not come.

Without a limit of its own, only an account with the pattern of a machine is a feed: it is late after a number of times
its longest pause. A pause is reported once.
"""

from __future__ import annotations

from typing import Dict, Iterator, List, Tuple

from ...model.human import human_time
from ..event import Alert, Event
from ..volumes.pattern import MACHINE
from ..volumes.series import DAYS_OF_HOURS, Series, hour_of
from ..volumes.volumes import Volumes
from .limits import LATE_FEED, RuleLimits

Reported = Dict[str, int]
"""Feed -> the last active hour whose pause was reported."""


def late_feeds(volumes: Volumes, now: float, limits: RuleLimits, reported: Reported) -> Iterator[Event]:
    """Yield an alert for each feed that is late since the last call. Changes `reported`."""
    hour = hour_of(now)
    for (account, direction), series in sorted(volumes.series().items()):
        active, is_machine = (
            series.active_hours(),
            volumes.pattern((account, direction), hour, limits.volumes).kind == MACHINE,
        )
        if not active or not (is_machine or account in limits.feeds):
            continue
        feed, (usual, most) = "%s %s" % (account, direction), _most(account, active, limits)
        if hour - active[-1] > most and reported.get(feed) != active[-1]:
            reported[feed] = active[-1]
            yield _alert(account, direction, now, series, (hour - active[-1], usual, _late_before(active, most)))


def pauses(active: List[int]) -> List[int]:
    """Return the hours between active hours, in order."""
    return [later - earlier for earlier, later in zip(active, active[1:])]


def _most(account: str, active: List[int], limits: RuleLimits) -> Tuple[str, float]:
    """Return the expectation for people, and the hours after which the feed is late."""
    if account in limits.feeds:
        seconds = limits.feeds[account]
        return "at least every %s" % human_time(seconds), seconds / 3600
    longest = max(pauses(active), default=1)
    return "a pause of at most %d h, as before" % longest, longest * limits.late_times + 1


def _late_before(active: List[int], most: float) -> int:
    return sum(pause > most for pause in pauses(active))


def _alert(account: str, direction: str, now: float, series: Series, seen: Tuple[int, str, int]) -> Event:
    pause, usual, fired = seen
    history = min(DAYS_OF_HOURS, series.history_days(hour_of(now)))
    alert = Alert(LATE_FEED, "no %s for %d h" % (direction, pause), usual, history, fired)
    return Event(now, direction, "unknown", account, alert=alert)
