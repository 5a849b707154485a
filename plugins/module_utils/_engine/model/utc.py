# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times as text, always in UTC: one form for people, one for names of files."""

from __future__ import annotations

import calendar
import time

_FOR_PEOPLE = "%Y-%m-%dT%H:%M:%SZ"
_IN_A_NAME = "%Y%m%dT%H%M%SZ"


def utc(moment: float) -> str:
    """Return a time as 2026-12-01T04:00:00Z; as @ and seconds since 1970 if the calendar has no such day."""
    try:
        return time.strftime(_FOR_PEOPLE, time.gmtime(moment))
    except (OverflowError, ValueError, OSError):
        return f"@{int(moment)}"


def parse_utc(text: str) -> int:
    """Return the time that `utc` wrote; raises ValueError."""
    return calendar.timegm(time.strptime(text, _FOR_PEOPLE))


def in_a_name(moment: float) -> str:
    """Return a time as 20261201T040000Z: names sort as their times do."""
    return time.strftime(_IN_A_NAME, time.gmtime(moment))


def parse_name(text: str) -> int:
    """Return the time that `in_a_name` wrote; raises ValueError."""
    return calendar.timegm(time.strptime(text, _IN_A_NAME))
