# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two names of a rename in a line that does not show where the first of them ends. Pure.

A client chooses the names, so a line can have thousands of meanings. Only the first are sought, so that the work for a
line, and its memory, have a limit. A line with more meanings than that decides nothing.
"""

from __future__ import annotations

from typing import AnyStr, List, Sequence, Tuple

MOST_MEANINGS = 16


def ends_of_first(names: AnyStr, mark: AnyStr, start: int = 0) -> List[int]:
    """Return the places of a mark from a place on: all, or one more than the limit."""
    found: List[int] = []
    place = names.find(mark, start)
    while place >= 0 and len(found) <= MOST_MEANINGS:
        found.append(place)
        place = names.find(mark, place + 1)
    return found


def are_too_many(meanings: Sequence[Tuple[bytes, bytes]]) -> bool:
    """Return whether a line has more meanings than the limit."""
    return len(meanings) > MOST_MEANINGS
