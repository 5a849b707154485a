# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes and times for people."""

from __future__ import annotations

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


def human_size(size: int) -> str:
    """`size` bytes for people, in the IEC's binary units: "12.4 MiB"."""
    unit = _unit_of(size)
    return f"{_in_unit(size, unit)} {_UNITS[unit]}"


def human_share(part: int, whole: int) -> str:
    """`part` of `whole` bytes in the unit of the whole: "3.1 of 10.4 GiB"."""
    unit = _unit_of(whole)
    return f"{_in_unit(part, unit)} of {_in_unit(whole, unit)} {_UNITS[unit]}"


def human_time(seconds: float) -> str:
    """`seconds` for people: "2.4 s", "81 s", "12 min 5 s", "3 h 20 min"."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = int(seconds + 0.5)
    if whole < 120:
        return f"{whole} s"
    if whole < 7200:
        return "%d min %d s" % divmod(whole, 60)
    return "%d h %d min" % divmod(whole // 60, 60)


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: "1 file", "1,204 files". many: a plural other than with "s"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _unit_of(size: int) -> int:
    value, unit = float(size), 0
    # 1023.95 would be shown as 1024.0.
    while value >= 1023.95 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return unit


def _in_unit(size: int, unit: int) -> str:
    return f"{size / 1024**unit:.1f}" if unit else f"{size}"
