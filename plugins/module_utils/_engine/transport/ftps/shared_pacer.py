# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SharedPacer: holds the content bytes of several threads together to so many a second."""

from __future__ import annotations

import threading
import time
from typing import Callable, Optional

from ...system.pacer import Pacer

_NAP = 0.2
"""Seconds: the longest time until a request to stop is noticed."""


class SharedPacer:
    """rate: bytes a second, or None for no limit."""

    def __init__(self, rate: Optional[int]) -> None:
        self._pacer = Pacer(rate)
        self._lock = threading.Lock()

    @property
    def spent(self) -> int:
        """Return all bytes so far."""
        return self._pacer.spent

    def found(self, size: int) -> None:
        """Count bytes that have moved after all, or take off those that have not."""
        with self._lock:
            self._pacer.spent += size

    def pay(self, size: int, check: Callable[[], None] = lambda: None) -> None:
        """Wait until `size` bytes may move. check: called in between, raises to end the wait."""
        while True:
            with self._lock:
                pause = self._pacer.refill(time.monotonic())
                if pause is None:
                    self._pacer.spend(size)
                    return
            check()
            time.sleep(min(pause, _NAP))
