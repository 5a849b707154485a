# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs that cannot be trusted to be complete: silent, or in words that no pattern knows."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, NamedTuple, Optional

from ...model.human import human_time
from ..event import UNKNOWN, Alert, Event
from .limits import LOG_SILENT, PARSER_UNKNOWN, RuleLimits
from .peaks import Peaks

__all__ = ["LogHealth", "Reading"]

_HOUR = 3600


class Reading(NamedTuple):
    """The lines of one pass over the logs.

    lines: number of lines of the servers
    unknown: lines that no pattern knows
    newest: time of the newest line of these; None without a line
    probe: time of the newest login that a probe saw succeed; None without a probe
    """

    lines: int = 0
    unknown: int = 0
    newest: Optional[float] = None
    probe: Optional[float] = None


class LogHealth:
    """Add readings; each may cause alerts."""

    def __init__(self) -> None:
        self._newest: Optional[float] = None
        self._silent_since: Optional[float] = None
        self._hour: List[int] = [0, 0, 0]
        self._silences = Peaks()
        self._shares = Peaks()

    def add(self, reading: Reading, now: float, limits: RuleLimits) -> List[Event]:
        """Return the alerts that this reading causes."""
        self._silences.start(now)
        self._shares.start(now)
        return [each for each in (self._silent(reading, now, limits), self._unknown(reading, now, limits)) if each]

    def _silent(self, reading: Reading, now: float, limits: RuleLimits) -> Optional[Event]:
        """A probe logged in, and the log has no line of it although there was time to write it."""
        if reading.newest is not None:
            self._newest = max(reading.newest, self._newest or 0)
        probe = reading.probe
        is_silent = probe is not None and now - probe > limits.silent_after and (self._newest or 0) < probe
        if not is_silent or probe is None:
            self._silent_since = self._silent_since if probe is None else None
            return None
        if self._silent_since is not None:
            return None
        fired = self._silences.at_least(1, now)
        self._silences.add(now, 1)
        self._silent_since = now
        last = "no line at all" if self._newest is None else "no line for %s" % human_time(now - self._newest)
        observed = "%s, although a probe logged in %s ago" % (last, human_time(now - probe))
        expected = "a line within %s of a login" % human_time(limits.silent_after)
        return _alert(now, Alert(LOG_SILENT, observed, expected, self._silences.history_days(now), fired))

    def _unknown(self, reading: Reading, now: float, limits: RuleLimits) -> Optional[Event]:
        """The share of one hour, reported once; an hour with few lines has no share."""
        hour = int(now // _HOUR)
        if hour != self._hour[0]:
            self._end_hour(now, limits)
            self._hour = [hour, 0, 0]
        before = self._share(limits)
        self._hour[1] += reading.lines
        self._hour[2] += reading.unknown
        share, limit = self._share(limits), limits.unknown_share
        if share <= limit or before > limit:
            return None
        observed = "%d of %d lines of this hour are unknown" % (self._hour[2], self._hour[1])
        expected = "at most %.1f %%" % (100 * limit)
        fired = self._shares.at_least(1000 * limit + 1, now)
        return _alert(now, Alert(PARSER_UNKNOWN, observed, expected, self._shares.history_days(now), fired))

    def _share(self, limits: RuleLimits) -> float:
        _hour, lines, unknown = self._hour
        return unknown / lines if lines >= limits.unknown_lines else 0.0

    def _end_hour(self, now: float, limits: RuleLimits) -> None:
        """Record the share, in thousandths."""
        if self._share(limits):
            self._shares.add(now, int(1000 * self._share(limits)))

    def written(self, now: float) -> Dict[str, Any]:
        """Return the state as plain data for JSON."""
        return {
            "newest": self._newest,
            "silent_since": self._silent_since,
            "hour": self._hour,
            "silences": self._silences.written(now),
            "shares": self._shares.written(now),
        }

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> LogHealth:
        """Return the state of `written`. Raises ValueError."""
        health = cls()
        health._newest, health._silent_since = data["newest"], data["silent_since"]
        health._hour = list(data["hour"])
        health._silences, health._shares = Peaks.read(data["silences"]), Peaks.read(data["shares"])
        return health


def _alert(now: float, alert: Alert) -> Event:
    return Event(now, alert.rule, UNKNOWN, alert=alert)
