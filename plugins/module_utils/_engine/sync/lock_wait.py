# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wait for a lock that another run holds: look again after 1, 2, 4, 8, 15, 15 ... seconds.

The pauses add up to the time that the run may wait. A lock whose holder has ended is taken at the next look.
"""

from __future__ import annotations

from itertools import chain, repeat
from typing import Callable, Iterator

from ..errors import Locked

FIRST_PAUSES = (1.0, 2.0, 4.0, 8.0)
LONGEST_PAUSE = 15.0


def taken_in_turn(take: Callable[[], None], seconds: float, wait: Callable[[float], None]) -> bool:
    """Call `take` until it succeeds, and return whether that took more than one call.

    Raises Locked after `seconds` of pauses, with this time in its message.
    """
    waited = False
    for pause in _pauses(seconds):
        try:
            take()
            return waited
        except Locked:
            waited = True
            wait(pause)
    try:
        take()
    except Locked as error:
        raise error.at(error.path, message=f"{error.message}; waited {seconds:g} s for it") from error
    return waited


def _pauses(seconds: float) -> Iterator[float]:
    left = seconds
    for pause in chain(FIRST_PAUSES, repeat(LONGEST_PAUSE)):
        if left <= 0:
            return
        yield min(pause, left)
        left -= pause
