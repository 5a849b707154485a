# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The volumes of all accounts, judged once for each hour, day and account.

bytes of each event -> series (hours of 28 days, days of 56) -> pattern, once a day -> limit of the hour and the day

- `pattern` finds the kind of an account by a test on its own history: the rule of machines if that would have been
  quiet, else the rule of people; accounts that are rarely active, or new, have kinds of their own.
- `unusual` compares a series with these limits, and sums up the days, which finds a slow growth when a day has ended.
  Its judgement has the observed and the expected bytes, the days of history and the number of alerts that the same
  rule would have caused in the last 28 days.
- Bytes may come late. Each hour, day and growth is reported once. The state is plain data.
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Set, Tuple

from .limits import VolumeLimits
from .pattern import UNKNOWN, Pattern, pattern_of
from .series import DAYS_OF_HOURS, HOURS_OF_DAY, Series, hour_of
from .unusual import Unusual, unusual_day, unusual_drift, unusual_hour

UPLOAD, DOWNLOAD = "upload", "download"

_Key = Tuple[str, str]
"""Account and direction."""


class UnusualVolume(NamedTuple):
    """account, direction: the series
    hour: the first hour of the judged time, since 1970
    unusual: the judgement
    """

    account: str
    direction: str
    hour: int
    unusual: Unusual


class Volumes:
    """Add the bytes of events, then judge."""

    def __init__(self) -> None:
        self._series: Dict[_Key, Series] = {}
        self._patterns: Dict[_Key, Tuple[int, Pattern]] = {}
        self._touched: Set[Tuple[_Key, int]] = set()
        self._reported: Set[Tuple[str, str, str, int]] = set()
        self._last_day: Optional[int] = None

    def add(self, account: str, direction: str, moment: float, size: int, *, learn: bool = False) -> None:
        """Count the bytes of one event. learn: they are history, and not judged."""
        if size > 0:
            key, hour = (account, direction), hour_of(moment)
            self._series.setdefault(key, Series()).add(hour, size)
            if not learn:
                self._touched.add((key, hour))

    def judge(self, now: float, limits: VolumeLimits) -> List[UnusualVolume]:
        """Return the unusual volumes since the last call. Each hour, day and growth is reported once."""
        hour = hour_of(now)
        found = [*self._hours_and_days(limits), *self._ended_days(hour // HOURS_OF_DAY, limits)]
        self._touched.clear()
        return [each for each in found if self._is_new(each)]

    def series(self) -> Mapping[_Key, Series]:
        """Return the bytes of each account and direction."""
        return self._series

    def pattern(self, key: _Key, hour: int, limits: VolumeLimits) -> Pattern:
        """Return the kind of an account, found once a day."""
        day = hour // HOURS_OF_DAY
        known = self._patterns.get(key)
        if known is None or known[0] != day:
            known = self._patterns[key] = (day, pattern_of(self._series[key].past_hours(hour), limits))
        return known[1]

    def _hours_and_days(self, limits: VolumeLimits) -> Iterator[UnusualVolume]:
        for key, hour in sorted(self._touched):
            series, pattern, day = self._series[key], self.pattern(key, hour, limits), hour // HOURS_OF_DAY
            in_hour = unusual_hour(series, hour, pattern, limits)
            in_day = unusual_day(series, day, pattern, limits)
            if in_hour:
                # A short history is reported once a day.
                yield UnusualVolume(*key, day * HOURS_OF_DAY if pattern.kind == UNKNOWN else hour, in_hour)
            if in_day:
                yield UnusualVolume(*key, day * HOURS_OF_DAY, in_day)

    def _ended_days(self, today: int, limits: VolumeLimits) -> Iterator[UnusualVolume]:
        """Yield the growth of each account, once for each day that has ended; forget old hours then."""
        since = today if self._last_day is None else max(self._last_day, today - DAYS_OF_HOURS)
        for day in range(since, today):
            for key, series in self._series.items():
                pattern = self.pattern(key, (day + 1) * HOURS_OF_DAY, limits)
                drift = unusual_drift(series, day, pattern, limits)
                if drift:
                    yield UnusualVolume(*key, day * HOURS_OF_DAY, drift)
        if since < today:
            self._forget(today * HOURS_OF_DAY)
        self._last_day = today if self._last_day is None else max(self._last_day, today)

    def _forget(self, hour: int) -> None:
        for series in self._series.values():
            series.forget(hour)
        self._reported = {name for name in self._reported if name[3] >= hour - DAYS_OF_HOURS * HOURS_OF_DAY}

    def _is_new(self, each: UnusualVolume) -> bool:
        name = (each.unusual.rule, each.account, each.direction, each.hour)
        known = name in self._reported
        self._reported.add(name)
        return not known

    def written(self) -> Dict[str, Any]:
        """Return the volumes as plain data for JSON."""
        return {
            "last_day": self._last_day,
            "touched": sorted([*key, hour] for key, hour in self._touched),
            "reported": sorted(list(name) for name in self._reported),
            "series": [[*key, series.written()] for key, series in sorted(self._series.items())],
        }

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Volumes:
        """Return the volumes of `written`. Raises ValueError."""
        volumes = cls()
        volumes._last_day = data["last_day"]
        volumes._touched = {((account, way), hour) for account, way, hour in data["touched"]}
        # JSON has lists; pylint: disable-next=unnecessary-comprehension
        volumes._reported = {(rule, account, direction, hour) for rule, account, direction, hour in data["reported"]}
        volumes._series = {(account, way): Series.read(each) for account, way, each in data["series"]}
        return volumes
