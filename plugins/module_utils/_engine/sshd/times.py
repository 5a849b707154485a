# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times in UTC, to the second: in the name of a file, and for people."""

from __future__ import annotations

import calendar
import time
from typing import Optional

__all__ = ["for_people", "in_a_name", "read_time"]

_IN_A_NAME = "%Y%m%dT%H%M%SZ"
_FOR_PEOPLE = "%Y-%m-%dT%H:%M:%SZ"


def in_a_name(moment: float) -> str:
    """Return the form 20261201T040000Z: names sort as their times do."""
    return time.strftime(_IN_A_NAME, time.gmtime(moment))


def for_people(moment: float) -> str:
    """Return the form 2026-12-01T04:00:00Z."""
    return time.strftime(_FOR_PEOPLE, time.gmtime(moment))


def read_time(text: str) -> Optional[float]:
    """Return the time that `for_people` wrote; None for other text."""
    try:
        return float(calendar.timegm(time.strptime(text, _FOR_PEOPLE)))
    except ValueError:
        return None
