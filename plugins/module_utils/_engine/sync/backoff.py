# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backoff: how often a session is made again, and how long to wait before."""

from __future__ import annotations

import random
import time
from itertools import count
from typing import Callable, TypeVar

from ..errors import ConnectTimeout, SyncError

T = TypeVar("T")

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
MOST_IN_A_ROW = 8
"""Failed items with nothing done between them, after which the session is the cause and not the items."""


class Backoff:
    """At most `retries` attempts in a row, after 0.5 s, 1 s, 2 s ... 30 s while nothing is done in between, each up to
    a quarter longer by chance, so that many clients of one server do not come back at the same moment.

    A session that is lost is replaced even with `retries` of 0: an item that ends its session must not end the run.

    A server that was silent from the start is not tried again: its address or port is wrong, or a firewall drops the
    packets to it.
    """

    def __init__(self, retries: int, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self.retries = retries
        self._sleep = sleep
        self._failures = 0
        self._answered = False
        self.gave_up = False

    def progress(self) -> None:
        """Note that something was done: the pauses begin with the shortest again."""
        self._failures = 0
        self._answered = True

    def wait(self, seconds: float) -> None:
        """Wait for something else than a session."""
        self._sleep(seconds)

    def give_up(self) -> bool:
        """Make every error final from now on: the run is being wound up. Return False if it is already."""
        first, self.gave_up = not self.gave_up, True
        return first

    @property
    def for_a_loss(self) -> int:
        """Attempts to replace a lost session; also sessions that one item may lose on its own."""
        return max(1, self.retries)

    def pause(self, error: SyncError, *, left: int) -> None:
        """Wait before the next attempt; raise `error` if it is final or no attempt is `left`."""
        if self.gave_up or left <= 0 or not self._may_help(error):
            raise error
        pause = min(FIRST_PAUSE * 2**self._failures, LONGEST_PAUSE)
        self._failures += 1
        self._sleep(pause * (1 + random.random() / 4))  # noqa: S311 - no secret hangs on it

    def _may_help(self, error: SyncError) -> bool:
        """Return whether another attempt can end better."""
        was_silent = isinstance(error, ConnectTimeout) and not error.answered
        return error.retryable and (self._answered or not was_silent)

    def attempt(self, act: Callable[[], T]) -> T:
        """Call `act` until it returns or raises a final error."""
        for attempts in count():
            try:
                return act()
            except SyncError as error:
                self.pause(error, left=self.retries - attempts)
        raise AssertionError  # count() has no end
