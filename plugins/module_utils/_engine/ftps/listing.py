# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parse the lines of LIST, in the form of ls(1) and of DOS's dir.

RFC 959 section 4.1.3 leaves the form to the server. Facts that a line lacks are None in the entry; a line of unknown
form is an error, never left out: a listing decides which entries are missing.
"""

from __future__ import annotations

import re
import time
from typing import Match, Optional, Tuple

from ..model.relpath import check_name
from ..model.tree import DIRECTORY, FILE, LINK, SPECIAL
from .listed import DAY, MINUTE, SECOND, Listed, malformed, nanoseconds
from .months import month_of

# Every repetition is bounded: the time for a line grows only with its length. Owner and group may hold spaces; they end
# at the first text that looks like size and date. One space precedes the name, further spaces are part of it.
_UNIX = re.compile(
    rb"(?P<kind>[-dlbcpsDPC])(?P<mode>[-rwxsStTlL]{9})[.+@]? {1,20}[0-9]{1,20} (?P<owner>.{0,200}?)"
    rb"(?<= )(?:(?P<size>[0-9]{1,18})|[0-9]{1,10}, {0,10}[0-9]{1,10}) {1,20}"
    rb"(?:(?P<iso>[0-9]{4}-[0-9]{2}-[0-9]{2}) {1,2}(?P<isotime>[0-9]{2}:[0-9]{2})"
    rb"|(?:(?P<month>[^ 0-9][^ ]{1,15}|[0-9]{1,2}[^ 0-9]{1,4}) {1,5}(?P<day>[0-9]{1,2})"
    rb"|(?P<day2>[0-9]{1,2})\.? {1,3}(?P<month2>[^ 0-9][^ ]{1,15}))"
    rb" {1,5}(?:(?P<time>[0-9]{1,2}:[0-9]{2})|(?P<year>[0-9]{4})))"
    rb" (?P<name>.*)",
    re.DOTALL,
)
_DOS = re.compile(
    rb"(?P<month>[0-9]{2})-(?P<day>[0-9]{2})-(?P<year>[0-9]{4}|[0-9]{2}) {1,10}(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})"
    rb"(?P<half>[AP]M)? {1,40}(?:(?P<what><[A-Z]{3,10}>) {1,10}|(?P<size>[0-9]{1,18}) )(?P<name>.+)",
    re.DOTALL,
)
_TOTAL = re.compile(rb"(?:total|totale|totaal|insgesamt|razem) {1,3}[0-9]{1,20}[KMGT]?", re.IGNORECASE)
_ARROW = b" -> "
_KINDS = {b"-": FILE, b"d": DIRECTORY, b"l": LINK}
_OWN = (b".", b"..")
_NOT_SET = b"-STlL"
_DAY_AHEAD = 86400
_MOST_YEARS = 9
"""How far back the 29th of February can be."""


def list_entry(line: bytes, *, now: float) -> Optional[Listed]:
    """Parse one line of LIST; return None for "total 12", "." and "..", and an empty line.

    now: the server's time in seconds since 1970, for dates without a year: they are the last such day, or today's clock
    running ahead. Raises UnsafeName for a name that is no part of a path, ProtocolViolation for a line that cannot be
    understood.
    """
    found = _UNIX.fullmatch(line)
    if found is not None:
        return _unix(line, found, now)
    found = _DOS.fullmatch(line)
    if found is not None:
        return _dos(line, found)
    if not line or _TOTAL.fullmatch(line):
        return None
    raise malformed(line)


def _unix(line: bytes, found: Match[bytes], now: float) -> Optional[Listed]:
    kind = _KINDS.get(found.group("kind"), SPECIAL)
    name, target = found.group("name"), None
    if kind is DIRECTORY and name in _OWN:
        return None
    size = int(found.group("size") or 0)
    if kind is LINK:
        name, target = _name_and_target(line, name, size)
    mtime, precision = _unix_time(line, found, now)
    return Listed(check_name(name), kind, size, mtime, precision, _mode(found.group("mode")), target)


def _name_and_target(line: bytes, text: bytes, size: int) -> Tuple[bytes, Optional[bytes]]:
    """Split a link's name and target. Its size is the length of the target: this locates the right arrow."""
    if size and text[-size - len(_ARROW) : -size] == _ARROW:
        return text[: -size - len(_ARROW)], text[-size:]
    arrows = text.count(_ARROW)
    if arrows > 1:
        raise malformed(line)
    name, _arrow, target = text.partition(_ARROW)
    return name, target or None


def _mode(text: bytes) -> int:
    bits = 0
    for letter in text:
        bits = bits << 1 | (letter not in _NOT_SET)
    return bits


def _unix_time(line: bytes, found: Match[bytes], now: float) -> Tuple[Optional[int], int]:
    try:
        if found.group("iso"):
            year, number, day = (int(part) for part in found.group("iso").split(b"-"))
            return nanoseconds(year, number, day, *_clock(found.group("isotime"))), MINUTE
        month = month_of(found.group("month") or found.group("month2"))
        day = int(found.group("day") or found.group("day2"))
        if month is None:
            return None, 0
        if found.group("year"):
            return nanoseconds(int(found.group("year")), month, day, 0, 0, 0), DAY
        return _latest(month, day, _clock(found.group("time")), now), MINUTE
    except ValueError:
        raise malformed(line) from None


def _clock(text: bytes) -> Tuple[int, int, int]:
    hour, _colon, minute = text.partition(b":")
    return int(hour), int(minute), 0


def _latest(month: int, day: int, clock: Tuple[int, int, int], now: float) -> int:
    latest = int(now) + _DAY_AHEAD
    this_year = time.gmtime(latest).tm_year
    for year in range(this_year, this_year - _MOST_YEARS, -1):
        try:
            mtime = nanoseconds(year, month, day, *clock)
        except ValueError:
            continue  # no 29th of February
        if mtime <= latest * SECOND:
            return mtime
    raise ValueError("not a valid day")


def _dos(line: bytes, found: Match[bytes]) -> Listed:
    year = int(found.group("year"))
    if year < 100:
        year += 1900 if year >= 70 else 2000
    hour = int(found.group("hour"))
    if found.group("half"):
        if not 1 <= hour <= 12:
            raise malformed(line)
        hour = hour % 12 + (12 if found.group("half") == b"PM" else 0)
    try:
        mtime = nanoseconds(
            year, int(found.group("month")), int(found.group("day")), hour, int(found.group("minute")), 0
        )
    except ValueError:
        raise malformed(line) from None
    what = found.group("what")
    kind = FILE if what is None else DIRECTORY if what == b"<DIR>" else SPECIAL
    size = int(found.group("size")) if kind is FILE else 0
    return Listed(check_name(found.group("name")), kind, size, mtime, MINUTE)
