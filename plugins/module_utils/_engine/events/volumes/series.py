# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bytes of one account in one direction: by hour for 28 days, by day for 56 days.

Hours and days are numbers since 1970, in UTC. Only hours with bytes are kept. As text, an hour is the distance from the
hour before and its bytes: "489000:52 1:1048576".
"""

from __future__ import annotations

from typing import Dict, Iterator, List, Mapping, Optional

HOURS_OF_DAY = 24
DAYS_OF_HOURS = 28
"""Days for which each hour is kept."""
DAYS_OF_DAYS = 56
"""Days for which the sum is kept."""


def hour_of(moment: float) -> int:
    """Return the number of the hour of a time in seconds since 1970."""
    return int(moment // 3600)


class Series:
    """first: the hour of the first bytes; None before."""

    __slots__ = ("_days", "_hours", "first")

    def __init__(self) -> None:
        self.first: Optional[int] = None
        self._hours: Dict[int, int] = {}
        self._days: Dict[int, int] = {}

    def add(self, hour: int, size: int) -> None:
        """Count bytes. They may come late, and in any order."""
        self.first = hour if self.first is None else min(self.first, hour)
        self._hours[hour] = self._hours.get(hour, 0) + size
        day = hour // HOURS_OF_DAY
        self._days[day] = self._days.get(day, 0) + size

    def forget(self, hour: int) -> None:
        """Remove everything that is too old at `hour`."""
        oldest, day = hour - DAYS_OF_HOURS * HOURS_OF_DAY, hour // HOURS_OF_DAY - DAYS_OF_DAYS
        self._hours = {each: size for each, size in self._hours.items() if each >= oldest}
        self._days = {each: size for each, size in self._days.items() if each >= day}

    def in_hour(self, hour: int) -> int:
        return self._hours.get(hour, 0)

    def in_day(self, day: int) -> int:
        return self._days.get(day, 0)

    def history_days(self, hour: int) -> int:
        """Return the number of whole days between the first bytes and `hour`, at most 28."""
        return 0 if self.first is None else max(0, min(DAYS_OF_HOURS, (hour - self.first) // HOURS_OF_DAY))

    def past_hours(self, hour: int) -> List[int]:
        """Return the bytes of each hour before `hour`, the oldest first: whole days, as many as are known."""
        find = self._hours.get
        return [find(each, 0) for each in range(hour - self.history_days(hour) * HOURS_OF_DAY, hour)]

    def past_days(self, day: int) -> List[int]:
        """Return the bytes of each whole day before `day`, the oldest first: as many as are known, at most 56."""
        if self.first is None:
            return []
        find, start = self._days.get, -(-self.first // HOURS_OF_DAY)
        return [find(each, 0) for each in range(max(start, day - DAYS_OF_DAYS), day)]

    def active_hours(self) -> List[int]:
        """Return the hours with bytes, in order."""
        return sorted(self._hours)

    def written(self) -> Dict[str, object]:
        """Return the series as plain data for JSON."""
        return {"first": self.first, "hours": _text(self._hours), "days": _text(self._days)}

    @classmethod
    def read(cls, data: Mapping[str, object]) -> Series:
        """Return the series of `written`. Raises ValueError."""
        series, first = cls(), data.get("first")
        series.first = None if first is None else int(str(first))
        series._hours = dict(_pairs(str(data["hours"])))
        series._days = dict(_pairs(str(data["days"])))
        return series


def _text(sizes: Mapping[int, int]) -> str:
    words, last = [], 0
    for number in sorted(sizes):
        words.append(f"{number - last}:{sizes[number]}")
        last = number
    return " ".join(words)


def _pairs(text: str) -> Iterator[tuple[int, int]]:
    number = 0
    for word in text.split():
        distance, size = word.split(":")
        number += int(distance)
        yield number, int(size)
