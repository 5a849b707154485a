# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clock of the host, and whether it was set back between two moments: the order of events is then unknown."""

from __future__ import annotations

import time
from typing import NamedTuple

from ...system.boot_id import boot_id

_SLACK = 1.0
"""Seconds: the two clocks of a moment are not read at once."""


class Moment(NamedTuple):
    """wall: seconds since 1970
    boot: the id of the boot
    running: seconds since the boot, also asleep; nothing sets this clock
    """

    wall: float
    boot: str
    running: float


def now() -> Moment:
    """Return this moment."""
    return Moment(time.time(), boot_id().decode("ascii"), time.clock_gettime(time.CLOCK_BOOTTIME))


def was_set_back(earlier: Moment, later: Moment) -> bool:
    """Return whether the clock was set back between two moments."""
    passed = later.running - earlier.running if later.boot == earlier.boot else 0.0
    return later.wall - earlier.wall < passed - _SLACK
