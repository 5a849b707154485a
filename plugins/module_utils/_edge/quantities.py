# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers that people write: sizes, limits, shares, seconds."""

from __future__ import annotations

import re
from typing import Optional

from .._engine.errors import InvalidRequest
from .._engine.model.request import DeleteLimit

MOST_CONNECTIONS = 16
LEAST_BANDWIDTH = 1024
DAY = 86400.0

_LIMIT = re.compile(r"([0-9]+(?:\.[0-9]+)?)(%?)\Z", re.ASCII)
_DURATION = re.compile(r"([0-9]{1,9})([smhdw])\Z", re.ASCII)
_SECONDS_OF = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_SHORTEST, _LONGEST = 60, 3650 * 86400
_BYTES = re.compile(r"([0-9]+(?:\.[0-9]+)?|\.[0-9]+)\s*([A-Za-z]*)\Z", re.ASCII)
_NAMES = ("byte", "kilobyte", "megabyte", "gigabyte", "terabyte", "petabyte", "exabyte")


def byte_count(text: str) -> int:
    """Return the bytes of "1048576", "500K", "1.5MB" or "2 gigabyte" (K is 1024); raises ValueError.

    It reads the same texts as Ansible's human_to_bytes, which a program without Ansible does not have.
    """
    match = _BYTES.match(text.strip())
    if match is None:
        raise ValueError("not a number of bytes")
    try:
        return round(float(match.group(1)) * _factor(match.group(2)))
    except OverflowError:
        raise ValueError("too many bytes") from None


def _factor(unit: str) -> int:
    """Return the bytes of a unit, such as "", "k", "K", "KB" or "kilobyte"; "Kb" would be bits."""
    for power, name in enumerate(_NAMES):
        letter = name[0].upper()
        if unit.upper() == letter or unit.lower() == name or unit == letter + "B" * bool(power):
            return int(1024**power)
    if unit:
        raise ValueError("not a unit of bytes")
    return 1


def seconds_of_days(option: str, days: float) -> float:
    """Raises InvalidRequest for more than 100 years."""
    if not 0 <= days <= 36500:
        raise InvalidRequest(f"{option}: {days} is not a number of days", cure="Set it to 0 to 36500 days.")
    return days * DAY


def bandwidth(option: str, text: Optional[str]) -> Optional[int]:
    """Return the bytes a second of "500K", "10M", "1.5MB" or "1048576" (K is 1024); None stays None."""
    if text is None:
        return None
    try:
        value = byte_count(text)
    except ValueError:
        raise InvalidRequest(
            f"{option}: {text!r} is not a number of bytes a second",
            cure="Write it like 500K, 10M or 1048576; it counts bytes, not bits.",
        ) from None
    if value < LEAST_BANDWIDTH:
        raise InvalidRequest(f"{option}: {text!r} is too low", cure="Allow at least 1K, or leave it out for no limit.")
    return value


def size(option: str, text: str) -> int:
    """Return the bytes of "0", "500K", "10M" or "1048576" (K is 1024)."""
    try:
        value = byte_count(text)
    except ValueError:
        value = -1
    if value < 0:
        raise InvalidRequest(f"{option}: {text!r} is not a size", cure="Write bytes, like 1048576, 500K or 10M.")
    return value


def delete_limit(option: str, text: str) -> DeleteLimit:
    """Return the limit of "50" (files) or "10%" (of the destination's files)."""
    match = _LIMIT.match(text.strip())
    if match is None or (match.group(2) == "" and "." in match.group(1)):
        raise InvalidRequest(
            f"{option}: {text!r} is neither a number of files nor a percentage", cure="Write it like 50 or 10%."
        )
    value, percent = float(match.group(1)), bool(match.group(2))
    if percent and value > 100:
        raise InvalidRequest(f"{option}: {text!r} is more than all files", cure="Write at most 100%.")
    return DeleteLimit(value, percent)


def connections(option: str, text: str) -> Optional[int]:
    """Return the number of "1" to "16", or None for "auto"."""
    text = text.strip()
    if text == "auto":
        return None
    if not re.match(r"[0-9]{1,2}\Z", text, re.ASCII) or not 1 <= int(text) <= MOST_CONNECTIONS:
        raise InvalidRequest(
            f"{option}: {text!r} is not a number of connections",
            cure=f'Write "auto" or a number from 1 to {MOST_CONNECTIONS}.',
        )
    return int(text)


def count(option: str, value: int, *, least: int = 0, most: Optional[int] = None) -> int:
    """`value` if it lies within the bounds."""
    if value < least or (most is not None and value > most):
        bounds = f"{least} or more" if most is None else f"from {least} to {most}"
        raise InvalidRequest(f"{option}: {value} is out of range", cure=f"Write a number {bounds}.")
    return value


def seconds(option: str, value: float) -> float:
    """`value` if it is a time to wait: more than 0, at most a day (which also keeps out NaN and infinity)."""
    if not 0 < value <= DAY:
        raise InvalidRequest(
            f"{option}: {value} is not a valid time", cure=f"Write seconds, more than 0 and at most {DAY:.0f}."
        )
    return value


def duration(option: str, text: str, *, shortest: int = _SHORTEST) -> int:
    """Return the seconds of "90s", "15m", "12h", "14d" or "2w": from `shortest`, a minute, to ten years."""
    match = _DURATION.match(text.strip())
    value = int(match.group(1)) * _SECONDS_OF[match.group(2)] if match else 0
    if not shortest <= value <= _LONGEST:
        raise InvalidRequest(
            f"{option}: {text!r} is not a valid duration",
            cure=f"Write a number with s, m, h, d or w, from {shortest}s to 3650d, for example 14d.",
        )
    return value


def days(option: str, text: str) -> int:
    """Return the days of "30d", "4w" or "48h": whole days, from one day to ten years."""
    match = _DURATION.match(text.strip())
    value, rest = divmod(int(match.group(1)) * _SECONDS_OF[match.group(2)], int(DAY)) if match else (0, 0)
    if rest or not 1 <= value <= _LONGEST // DAY:
        raise InvalidRequest(
            f"{option}: {text!r} is not a number of days",
            cure=f"Write a number with d or w, from 1d to {_LONGEST // DAY:.0f}d, for example 30d.",
        )
    return value


def day(option: str, text: str) -> int:
    """Return the first second of a day in UTC. Raises InvalidRequest."""
    import calendar  # few modules have such an option; pylint: disable=import-outside-toplevel
    import time

    try:
        return calendar.timegm(time.strptime(text, "%Y-%m-%d"))
    except ValueError:
        raise InvalidRequest(
            f"{option}: {text!r} is not a day", cure=f"Write {option} as year, month and day: 2026-11-27."
        ) from None


def pause(option: str, value: float) -> float:
    """`value` if it is a number of seconds between 0 and a day."""
    if not 0 <= value <= DAY:
        raise InvalidRequest(
            f"{option}: {value} is not a valid time", cure=f"Write seconds, at least 0 and at most {DAY:.0f}."
        )
    return value
