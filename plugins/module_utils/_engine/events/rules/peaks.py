# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history of a threshold: the largest value of each episode, by day.

An episode is one burst, one gap, one login. Its highest value is kept, so that the history can be counted against any
threshold, even if it was changed today.
"""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional

DAYS = 28
_DAY = 86400.0
_MOST = 1_000_000
"""The largest value; higher values count as this."""


class Peaks:
    """began: the day on which the history began; None before."""

    def __init__(self) -> None:
        self.began: Optional[int] = None
        self._days: Dict[int, Dict[int, int]] = {}

    def start(self, moment: float) -> None:
        """Begin the history, if it has not begun."""
        if self.began is None:
            self.began = int(moment // _DAY)

    def add(self, moment: float, value: int) -> None:
        """Record the highest value of an episode."""
        self.start(moment)
        of_day = self._days.setdefault(int(moment // _DAY), {})
        value = min(value, _MOST)
        of_day[value] = of_day.get(value, 0) + 1

    def history_days(self, now: float) -> int:
        """Return the number of whole days of history, at most 28."""
        return 0 if self.began is None else max(0, min(DAYS, int(now // _DAY) - self.began))

    def at_least(self, value: float, now: float) -> int:
        """Return how many episodes of the last 28 days reached `value`."""
        self._forget(now)
        return sum(count for of_day in self._days.values() for peak, count in of_day.items() if peak >= value)

    def _forget(self, now: float) -> None:
        oldest = int(now // _DAY) - DAYS
        self._days = {day: peaks for day, peaks in self._days.items() if day >= oldest}

    def written(self, now: float) -> Dict[str, Any]:
        """Return the history as plain data for JSON."""
        self._forget(now)
        days = {str(day): {str(peak): count for peak, count in peaks.items()} for day, peaks in self._days.items()}
        return {"began": self.began, "days": days}

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Peaks:
        """Return the history of `written`. Raises ValueError."""
        peaks = cls()
        peaks.began = data["began"]
        for day, values in data["days"].items():
            peaks._days[int(day)] = {int(value): count for value, count in values.items()}
        return peaks
