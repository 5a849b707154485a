# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From when until when a pin counts. It stands in the comment of its line, where ssh does not look."""

from __future__ import annotations

import re
from datetime import datetime
from typing import List, NamedTuple, Optional

from ..model.utc import utc

ACTIVE, NEXT, RETIRING, EXPIRED = "active", "next", "retiring", "expired"
VALIDITY_MARK = "secure_sync:valid_"
_WORD = re.compile(r"(?:^|(?<=[ \t]))secure_sync:valid_(?P<end>from|until)=(?P<moment>[^ \t]*)[ \t]*")
_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:Z|\+00:00))?\Z")


class Validity(NamedTuple):
    """Seconds since 1970; None is without limit. readable: False if a line has a value that is no time."""

    valid_from: Optional[int] = None
    valid_until: Optional[int] = None
    readable: bool = True

    def phase(self, now: float) -> str:
        """ACTIVE, NEXT (not yet valid), RETIRING (valid, and its end is known) or EXPIRED.

        A time that cannot be parsed counts as EXPIRED.
        """
        if not self.readable or (self.valid_until is not None and now >= self.valid_until):
            return EXPIRED
        if self.valid_from is not None and now < self.valid_from:
            return NEXT
        return ACTIVE if self.valid_until is None else RETIRING

    def counts(self, now: float) -> bool:
        """Return whether a pin of this validity proves a server at `now`."""
        return self.phase(now) in (ACTIVE, RETIRING)


def parse_moment(text: str) -> int:
    """Return the seconds since 1970 of "2026-12-31T23:59:59Z" or "2026-12-31" (its first second, UTC); raises
    ValueError."""
    match = _MOMENT.match(text.strip())
    if match is None:
        raise ValueError("not a time in UTC")
    try:
        return int(datetime.fromisoformat(f"{match.group(1)}T{match.group(2) or '00:00:00'}+00:00").timestamp())
    except ValueError:
        raise ValueError("not a valid day or time") from None


def validity_of(comment: str) -> Validity:
    """Return the validity in the comment of a line; of several words for one end the narrower counts."""
    if VALIDITY_MARK not in comment:
        return Validity()
    starts: List[int] = []
    ends: List[int] = []
    readable = True
    for word in _WORD.finditer(comment):
        try:
            (starts if word.group("end") == "from" else ends).append(parse_moment(word.group("moment")))
        except ValueError:
            readable = False
    return Validity(max(starts, default=None), min(ends, default=None), readable)


def in_comment(comment: str, validity: Validity) -> str:
    """`comment` with the words for `validity` in place of those that it has."""
    words = [_WORD.sub("", comment).strip(" \t")]
    ends = (("from", validity.valid_from), ("until", validity.valid_until))
    words += [f"{VALIDITY_MARK}{end}={utc(moment)}" for end, moment in ends if moment is not None]
    return " ".join(filter(None, words))


def limits_in(comment: str) -> str:
    """Return the words of `comment` for a validity, unchanged, readable or not."""
    return " ".join(word.group(0).strip(" \t") for word in _WORD.finditer(comment))
