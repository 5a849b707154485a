# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A part of the cases inside one test in a short run, all of them in the long run.

    slice_of(cases, long_run=long_run)              one of the cases
    third = slice_of(cases, 3, long_run=long_run)   or a third of them
    pairs = square(steps, kills, long_run=long_run) each step and each kill at least once, not each with each

Landings take turns: scripts/suites sets LANDING. Without it the first part runs. LANDING=NUMBER repeats the part of a
landing. Tests that only the long run affords have the marker `long`."""

from __future__ import annotations

import os
from collections.abc import Sequence


def slice_of[Case](cases: Sequence[Case], one_in: int = 0, *, long_run: bool) -> Sequence[Case]:
    """Return the cases of this run, and print which they are: a run shows that at its end.

    one_in: how many parts the cases are divided into; as many as there are cases if not given.
    """
    parts = one_in or len(cases)
    chosen = [case for place, case in enumerate(cases) if long_run or _is_of_part(place, parts)]
    return _printed(chosen, len(cases))


def square[Row, Column](
    rows: Sequence[Row], columns: Sequence[Column], *, long_run: bool
) -> Sequence[tuple[Row, Column]]:
    """Give pairs, row by row, in which each row and each column is: all of them in the long run. Print them."""
    parts = min(len(rows), len(columns))
    chosen = [
        (row, column)
        for down, row in enumerate(rows)
        for along, column in enumerate(columns)
        if long_run or _is_of_part(down + along, parts)
    ]
    return _printed(chosen, len(rows) * len(columns))


def _is_of_part(place: int, parts: int) -> bool:
    return place % parts == int(os.environ.get("LANDING", "0")) % parts


def _printed[Case](chosen: Sequence[Case], of: int) -> Sequence[Case]:
    print(f"{len(chosen)} of {of} cases: {', '.join(map(str, chosen))}")
    return chosen
