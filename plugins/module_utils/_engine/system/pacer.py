# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pacer: the limit of the bandwidth. It holds the content bytes to so many a second."""

from __future__ import annotations

from typing import Optional

_BURST = 0.1
"""Seconds of the rate that may go at once."""


class Pacer:
    """A token bucket. rate: bytes a second, or None for no limit.

    A caller that wants to move content calls `open`, and records the moved bytes with `spend`.
    spent: all bytes so far
    """

    def __init__(self, rate: Optional[int]) -> None:
        self._rate = rate
        self.spent = 0
        self._tokens = 0.0
        self._then: Optional[float] = None

    @property
    def open(self) -> bool:
        """Return whether content may move now."""
        return self._rate is None or self._tokens > 0

    def spend(self, size: int) -> None:
        """Book `size` bytes; the bucket may go below nothing, which the time to come pays."""
        self.spent += size
        if self._rate is not None:
            self._tokens -= size

    def refill(self, now: float) -> Optional[float]:
        """Fill up to `now` (monotonic seconds); seconds until it is open again, None when it is open."""
        if self._rate is None:
            return None
        if self._then is not None:
            self._tokens = min(self._tokens + (now - self._then) * self._rate, self._rate * _BURST)
        self._then = now
        return None if self._tokens > 0 else -self._tokens / self._rate + 0.001
