# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The health of logs: unknown lines, late feeds, and no line of a probe.

- Lines in words that no pattern knows: a server was upgraded, or its log is not its own.
- Feeds that did not come: without a limit of its own, only an account with the pattern of a machine is a feed. It is
  late after a number of times its longest pause. A pause is reported once.
- No line of a probe: the level of the log is too low, or the journal loses lines.
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

from ...model.human import human_time
from ...model.utc import utc
from ..event import UNKNOWN, Alert, Event
from ..probe.answer import Answer
from ..volumes.pattern import MACHINE
from ..volumes.series import DAYS_OF_HOURS, Series, hour_of
from ..volumes.volumes import Volumes
from .limits import LATE_FEED, LOG_SILENT, PARSER_UNKNOWN, RuleLimits
from .peaks import Peaks

_HOUR = 3600
Reported = Dict[str, int]
"""Feed -> the last active hour whose pause was reported."""


class LogHealth:
    """Add the numbers of lines of each pass; they may cause an alert."""

    def __init__(self) -> None:
        self._hour: List[int] = [0, 0, 0]
        self._shares = Peaks()

    def add(self, lines: int, unknown: int, now: float, limits: RuleLimits) -> Optional[Event]:
        """Return the alert about the share of unknown lines in this hour, once; few lines have no share."""
        self._shares.start(now)
        hour = int(now // _HOUR)
        if hour != self._hour[0]:
            self._end_hour(now, limits)
            self._hour = [hour, 0, 0]
        before = self._share(limits)
        self._hour[1] += lines
        self._hour[2] += unknown
        share, limit = self._share(limits), limits.unknown_share
        if share <= limit or before > limit:
            return None
        observed = f"unknown lines of this hour: {self._hour[2]} of {self._hour[1]}"
        expected = f"at most {100 * limit:.1f} %"
        fired = self._shares.at_least(1000 * limit + 1, now)
        alert = Alert(PARSER_UNKNOWN, observed, expected, self._shares.history_days(now), fired)
        return Event(now, PARSER_UNKNOWN, UNKNOWN, alert=alert)

    def _share(self, limits: RuleLimits) -> float:
        _hour, lines, unknown = self._hour
        return unknown / lines if lines >= limits.unknown_lines else 0.0

    def _end_hour(self, now: float, limits: RuleLimits) -> None:
        """Record the share, in thousandths."""
        if self._share(limits):
            self._shares.add(now, int(1000 * self._share(limits)))

    def written(self, now: float) -> Dict[str, Any]:
        """Return the state as plain data for JSON."""
        return {"hour": self._hour, "shares": self._shares.written(now)}

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> LogHealth:
        """Return the state of `written`. Raises ValueError."""
        health = cls()
        health._hour, health._shares = list(data["hour"]), Peaks.read(data["shares"])
        return health


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
        feed, (usual, most) = f"{account} {direction}", _most(account, active, limits)
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
        return f"at least every {human_time(seconds)}", seconds / 3600
    longest = max(pauses(active), default=1)
    return f"a pause of at most {longest} h, as before", longest * limits.late_times + 1


def _late_before(active: List[int], most: float) -> int:
    return sum(pause > most for pause in pauses(active))


def _alert(account: str, direction: str, now: float, series: Series, seen: Tuple[int, str, int]) -> Event:
    pause, usual, fired = seen
    history = min(DAYS_OF_HOURS, series.history_days(hour_of(now)))
    alert = Alert(LATE_FEED, f"no {direction} for {pause} h", usual, history, fired)
    return Event(now, direction, "unknown", account, alert=alert)


class LogSilence:
    """Add the last answer of the probe at each pass. A silence is reported once, until a probe is logged again."""

    def __init__(self) -> None:
        self._is_silent = False
        self._silences = Peaks()

    def add(self, answer: Optional[Answer], now: float) -> List[Event]:
        if answer is None:
            return []
        self._silences.start(now)
        was_silent, self._is_silent = self._is_silent, not answer.is_logged
        if answer.is_logged or was_silent:
            return []
        fired, days = self._silences.at_least(1, now), self._silences.history_days(now)
        self._silences.add(now, 1)
        observed = f"sshd has logged no line about the connection of {utc(answer.moment)}"
        return [
            Event(now, LOG_SILENT, UNKNOWN, alert=Alert(LOG_SILENT, observed, "a line within a minute", days, fired))
        ]

    def written(self, now: float) -> Dict[str, Any]:
        """Return the state as plain data for JSON."""
        return {"is_silent": self._is_silent, "silences": self._silences.written(now)}

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> LogSilence:
        """Return the state of `written`. Raises ValueError."""
        silence = cls()
        silence._is_silent, silence._silences = data["is_silent"], Peaks.read(data["silences"])
        return silence
