# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backoff: how often a session is made again, and how long to wait before."""

from __future__ import annotations

import random
import time
from typing import Callable, TypeVar

from ..errors import SyncError

__all__ = ["Backoff"]

T = TypeVar("T")

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0


class Backoff:
    """At most `retries` attempts in a row without progress, after 0.5 s, 1 s, 2 s ... 30 s, each up to a quarter
    longer by chance, so that many clients of one server do not come back at the same moment."""

    def __init__(self, retries: int, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._retries = retries
        self._sleep = sleep
        self._failures = 0
        self.gave_up = False

    def progress(self) -> None:
        """Something was done: the count begins anew."""
        self._failures = 0

    def give_up(self) -> None:
        """From now on every error is final: the run is being wound up."""
        self.gave_up = True

    def pause(self, error: SyncError) -> None:
        """Wait before the next attempt; raise `error` where there shall be none."""
        if not error.retryable or self.gave_up or self._failures >= self._retries:
            raise error
        pause = min(FIRST_PAUSE * 2**self._failures, LONGEST_PAUSE)
        self._failures += 1
        self._sleep(pause * (1 + random.random() / 4))  # noqa: S311 - no secret hangs on it

    def attempt(self, act: Callable[[], T]) -> T:
        """`act`, again until it goes well or raises what is final."""
        while True:
            try:
                return act()
            except SyncError as error:
                self.pause(error)
