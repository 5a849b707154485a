# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listed: one entry as a server listed it, and the times that servers write."""

from __future__ import annotations

import calendar
import re
import time
from datetime import datetime
from typing import NamedTuple, Optional

from ..errors import ProtocolViolation
from ..model.display import display

SECOND = 10**9
MINUTE = 60 * SECOND
DAY = 24 * 60 * MINUTE

_TIME = re.compile(rb"([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})(?:\.([0-9]{1,30}))?")
_MOST_SHOWN = 200


class Listed(NamedTuple):
    """One entry as the server listed it.

    name: checked, one part of a path
    kind: as Entry.kind
    size: bytes, None if the listing has none
    mtime: nanoseconds since 1970, taken as UTC, None if not listed
    precision: nanoseconds that mtime is rounded down to (a second, a minute, a day), 0 if mtime is None
    mode: permission bits or None
    target: of a link, if listed
    unique: the server's identity of the file (RFC 3659 section 7.5.2), b"" if not listed
    """

    name: bytes
    kind: str
    size: Optional[int] = None
    mtime: Optional[int] = None
    precision: int = 0
    mode: Optional[int] = None
    target: Optional[bytes] = None
    unique: bytes = b""


def malformed(line: bytes) -> ProtocolViolation:
    """Return the error for a line that cannot be understood."""
    return ProtocolViolation(f"the server lists a line that cannot be parsed: {display(line[:_MOST_SHOWN])}")


def nanoseconds(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int:
    """Return a time in UTC as nanoseconds since 1970. Raises ValueError for a day or time that
    there is not."""
    datetime(year, month, day, hour, minute, second)
    return calendar.timegm((year, month, day, hour, minute, second, 0, 0, 0)) * SECOND


def parse_time(text: bytes) -> int:
    """YYYYMMDDHHMMSS[.sss], UTC (RFC 3659 section 2.3), as nanoseconds since 1970. Raises ProtocolViolation."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise malformed(text)
    year, month, day, hour, minute, second = (int(found.group(number)) for number in range(1, 7))
    try:
        whole = nanoseconds(year, month, day, hour, minute, min(second, 59))  # 60 is a leap second
    except ValueError:
        raise malformed(text) from None
    return whole + int((found.group(7) or b"0").ljust(9, b"0")[:9])


def render_time(mtime: int) -> bytes:
    """Nanoseconds since 1970 as YYYYMMDDHHMMSS, UTC, rounded down to the second."""
    return b"%04d%02d%02d%02d%02d%02d" % time.gmtime(mtime // SECOND)[:6]
