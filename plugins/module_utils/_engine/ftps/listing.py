# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parse listings: the lines of MLSD and MLST (RFC 3659 section 7), and of LIST, in the form of ls(1) and of DOS's dir.

RFC 959 section 4.1.3 leaves the form of LIST to the server. Facts that a line lacks are None in the entry; a line of
unknown form is an error, never left out: a listing decides which entries are missing.
"""

from __future__ import annotations

import calendar
import re
import time
from datetime import datetime
from typing import Dict, Match, NamedTuple, Optional, Pattern, Tuple

from ..errors import ProtocolViolation
from ..model.display import display
from ..model.relpath import check_name
from ..model.tree import DIRECTORY, FILE, LINK, PERMISSION_BITS, SPECIAL

_SELF = (b"cdir", b"pdir")
_MLSD_KINDS = {b"file": FILE, b"dir": DIRECTORY, b"cdir": DIRECTORY, b"pdir": DIRECTORY}
# ProFTPD: "OS.unix=symlink", or "OS.unix=slink:TARGET" if configured; pure-ftpd: "OS.unix=slink".
_LINKS = (b"os.unix=slink", b"os.unix=symlink")
_SIZE = re.compile(rb"[0-9]{1,18}")
_OCTAL = re.compile(rb"(?:0o)?[0-7]{1,7}")
"""With Python's prefix, as pyftpdlib writes it."""
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
_WORDS = (
    "jan january januar janv ene enero gen gennaio sty",
    "feb february februar févr fév fev febrero febbraio lut",
    "mar march mär märz mrz mars mrt marzo maart",
    "apr april avr avril abr abril aprile kwi",
    "may mai mayo mag maggio mei maj maio",
    "jun june juni juin junio giu giugno cze",
    "jul july juli juil julio lug luglio lip",
    "aug august août aoû ago agosto sie",
    "sep sept september septembre septiembre set wrz",
    "oct october okt oktober ott ottobre out octobre octubre paź",
    "nov november novembre noviembre lis",
    "dec december dez dezember déc dic dicembre diciembre gru",
)
_MONTHS: Dict[str, int] = {word: number for number, words in enumerate(_WORDS, 1) for word in words.split()}
SECOND = 10**9
_TIME = re.compile(rb"([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})(?:\.([0-9]{1,30}))?")
_MOST_SHOWN = 200


def mlsd_entry(line: bytes) -> Optional[Listed]:
    """Parse one line of MLSD; return None for the directory itself and its parent (cdir, pdir).

    Raises UnsafeName for a name that is no part of a path, ProtocolViolation for a line that cannot be understood.
    """
    facts, name = _split(line)
    if facts.get(b"type", b"").lower() in _SELF:
        return None
    return _listed(line, facts, check_name(name))


def mlst_entry(line: bytes) -> Listed:
    """Return the middle line of MLST's reply, with its leading space or without. The name is a path of the server's:
    the entry has the last part of it, b"" for the root. A directory asked for by its own name (cdir) is a directory.

    Raises as mlsd_entry.
    """
    facts, path = _split(line[1:] if line[:1] == b" " else line)
    name = path.rstrip(b"/").rpartition(b"/")[2]
    return _listed(line, facts, check_name(name) if name else name)


def _split(line: bytes) -> Tuple[Dict[bytes, bytes], bytes]:
    # Every fact ends with ";", so that the first "; " is the end of them: a group's name may hold a space.
    text, separator, name = line.partition(b"; ")
    if not separator:
        raise malformed(line)
    facts: Dict[bytes, bytes] = {}
    for fact in text.split(b";"):
        key, equals, value = fact.partition(b"=")
        if not equals:
            raise malformed(line)
        facts[key.lower()] = value
    return facts, name


def _listed(line: bytes, facts: Dict[bytes, bytes], name: bytes) -> Listed:
    kind, target = _kind(line, facts)
    return Listed(
        name=name,
        kind=kind,
        size=_number(line, facts.get(b"size")),
        mtime=parse_time(facts[b"modify"]) if facts.get(b"modify") else None,
        mode=_octal_mode(line, facts.get(b"unix.mode")),
        target=target,
    )


def _kind(line: bytes, facts: Dict[bytes, bytes]) -> Tuple[str, Optional[bytes]]:
    stated = facts.get(b"type")
    if not stated:
        raise malformed(line)
    lower = stated.lower()
    kind = _MLSD_KINDS.get(lower)
    if kind is not None:
        return kind, None
    for mark in _LINKS:
        if lower == mark:
            return LINK, None
        if lower.startswith(mark + b":"):
            return LINK, stated[len(mark) + 1 :] or None
    return SPECIAL, None


def _number(line: bytes, stated: Optional[bytes], form: Pattern[bytes] = _SIZE, base: int = 10) -> Optional[int]:
    if stated is None:
        return None
    if not form.fullmatch(stated):
        raise malformed(line)
    return int(stated, base)


def _octal_mode(line: bytes, stated: Optional[bytes]) -> Optional[int]:
    mode = _number(line, stated, _OCTAL, 8)
    return None if mode is None else mode & PERMISSION_BITS


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
    return Listed(check_name(name), kind, size, _unix_time(line, found, now), _mode(found.group("mode")), target)


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


def _unix_time(line: bytes, found: Match[bytes], now: float) -> Optional[int]:
    try:
        if found.group("iso"):
            year, number, day = (int(part) for part in found.group("iso").split(b"-"))
            return nanoseconds(year, number, day, *_clock(found.group("isotime")))
        month = month_of(found.group("month") or found.group("month2"))
        day = int(found.group("day") or found.group("day2"))
        if month is None:
            return None
        if found.group("year"):
            return nanoseconds(int(found.group("year")), month, day, 0, 0, 0)
        return _latest(month, day, _clock(found.group("time")), now)
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
    return Listed(check_name(found.group("name")), kind, size, mtime)


def month_of(word: bytes) -> Optional[int]:
    """Return the month, 1 to 12, or None if the word is none that is known; "11月" is a month too."""
    try:
        text = word.decode("utf-8").lower().rstrip(".,")
    except UnicodeDecodeError:
        return None
    number = text.rstrip("月월")
    if number != text and number.isascii() and number.isdigit():
        return int(number) if 1 <= int(number) <= 12 else None
    return _MONTHS.get(text)


class Listed(NamedTuple):
    """One entry as the server listed it.

    name: checked, one part of a path
    kind: as Entry.kind
    size: bytes, None if the listing has none
    mtime: nanoseconds since 1970, taken as UTC, None if not listed
    mode: permission bits or None
    target: of a link, if listed
    """

    name: bytes
    kind: str
    size: Optional[int] = None
    mtime: Optional[int] = None
    mode: Optional[int] = None
    target: Optional[bytes] = None


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
