# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts within the last minutes, by subject: a source, an account.

A burst begins with the first count after a quiet time and ends when the window is empty. Its highest count is recorded
as one episode. The number of subjects is bounded: the subject that was quiet for the longest time is removed first.
"""

from __future__ import annotations

from typing import Any, Dict, Mapping

from .peaks import Peaks

MOST_SUBJECTS = 10_000


class _Burst:
    """minutes: minute -> count
    peak: highest count within the window
    """

    __slots__ = ("minutes", "peak")

    def __init__(self) -> None:
        self.minutes: Dict[int, int] = {}
        self.peak = 0


class Window:
    """Add events in the order of their time."""

    def __init__(self, minutes: int) -> None:
        self.peaks = Peaks()
        self._width = minutes
        self._bursts: Dict[str, _Burst] = {}

    def add(self, subject: str, moment: float) -> int:
        """Count one event; return the count if it is the highest of this burst, else 0."""
        minute = int(moment // 60)
        count = self.count(subject, moment) + 1
        burst = self._bursts.pop(subject, None) or _Burst()
        burst.minutes[minute] = burst.minutes.get(minute, 0) + 1
        # The end of the dictionary has the subjects that were counted last.
        self._bursts[subject] = burst
        if len(self._bursts) > MOST_SUBJECTS:
            self._end(next(iter(self._bursts)), moment)
        if count <= burst.peak:
            return 0
        burst.peak = count
        return count

    def count(self, subject: str, moment: float) -> int:
        """Return the count of a subject within the window that ends at `moment`."""
        burst = self._bursts.get(subject)
        if burst is None:
            return 0
        oldest = int(moment // 60) - self._width
        burst.minutes = {minute: count for minute, count in burst.minutes.items() if minute > oldest}
        if not burst.minutes:
            self._end(subject, moment)
        return sum(burst.minutes.values())

    def sweep(self, moment: float) -> None:
        """End the bursts whose window is empty."""
        for subject in list(self._bursts):
            if self.count(subject, moment):
                return

    def _end(self, subject: str, moment: float) -> None:
        self.peaks.add(moment, self._bursts.pop(subject).peak)

    def written(self, now: float) -> Dict[str, Any]:
        """Return the window as plain data for JSON."""
        bursts = [[subject, burst.peak, sorted(burst.minutes.items())] for subject, burst in self._bursts.items()]
        return {"peaks": self.peaks.written(now), "bursts": bursts}

    @classmethod
    def read(cls, data: Mapping[str, Any], minutes: int) -> Window:
        """Return the window of `written`. Raises ValueError."""
        window = cls(minutes)
        window.peaks = Peaks.read(data["peaks"])
        for subject, peak, counts in data["bursts"]:
            burst = window._bursts[subject] = _Burst()
            burst.peak, burst.minutes = peak, dict(counts)
        return window
