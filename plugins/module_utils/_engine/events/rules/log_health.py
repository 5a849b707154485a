# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs in words that no pattern knows: a server was upgraded, or its log is not its own."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional

from ..event import UNKNOWN, Alert, Event
from .limits import PARSER_UNKNOWN, RuleLimits
from .peaks import Peaks

_HOUR = 3600


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
        observed = "%d of %d lines of this hour are unknown" % (self._hour[2], self._hour[1])
        expected = "at most %.1f %%" % (100 * limit)
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
