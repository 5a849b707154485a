# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule of people: an hour, or a day, is compared with the largest of the history."""

from __future__ import annotations

from typing import List, Sequence


def limit_of_largest(past: Sequence[int], times: float, floor: int) -> int:
    """Return `times` the largest size, at least `floor`."""
    return max(int(times * max(past, default=0)), floor)


def fired(past: Sequence[int], times: float, floor: int) -> List[int]:
    """Return the indexes of the sizes in `past` that exceed the limit which all others give."""
    ordered = sorted(past, reverse=True)
    second = ordered[1:2]
    limit = limit_of_largest(second, times, floor)
    # Only the largest can exceed the largest of the others.
    return [past.index(ordered[0])] if ordered and ordered[0] > limit else []
