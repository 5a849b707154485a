# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The days of a trash with an age limit: one directory for each day, in UTC.

The name of the directory is the age of its entries: a rename changes no time of a file, and servers do not report
change times. The name has a prefix, because trees often have directories named by dates, and a trash may hold such
directories from runs without an age limit.
"""

from __future__ import annotations

import calendar
import time
from typing import Iterable, List, NamedTuple, Optional, Sequence, Tuple

from ..model.relpath import RelPath
from ..model.tree import DIRECTORY, Entry

DAY = 86400
_FORM = "secure_sync-%Y-%m-%d"


class TrashDays(NamedTuple):
    """The entries of a trash.

    expired: days beyond the age limit, oldest first; empty if `ahead` is not None
    ahead: the newest day, if it is after today
    others: entries that are not directories of a day
    """

    expired: Sequence[RelPath]
    ahead: Optional[RelPath]
    others: Sequence[RelPath]


def day_name(moment: float) -> bytes:
    """Return the name of the directory for the day of a time in seconds since 1970."""
    return time.strftime(_FORM, time.gmtime(moment)).encode()


def sort_days(entries: Iterable[Tuple[RelPath, Entry]], *, now: float, max_age: int) -> TrashDays:
    """Return which entries of a trash are expired. An entry stays for at least `max_age` days, also if it came in the
    last second of its day."""
    days: List[Tuple[int, RelPath]] = []
    others: List[RelPath] = []
    for path, entry in entries:
        day = _day_of(path.name) if entry.kind == DIRECTORY else None
        if day is None:
            others.append(path)
        else:
            days.append((day, path))
    days.sort()
    today = int(now) // DAY
    if days and days[-1][0] > today:
        return TrashDays((), days[-1][1], sorted(others))
    return TrashDays([path for day, path in days if today - day > max_age], None, sorted(others))


def _day_of(name: bytes) -> Optional[int]:
    """Return the day that `day_name` wrote, in days since 1970; None for any other name."""
    try:
        moment = calendar.timegm(time.strptime(name.decode("ascii"), _FORM))
    except ValueError:
        return None
    return moment // DAY if day_name(moment) == name else None
