# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A part of the cases inside one test in a short run, all of them in the long run.

    slice_of(cases, long_run=long_run)              one of the cases
    third = slice_of(cases, 3, long_run=long_run)   or a third of them

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
    number = int(os.environ.get("LANDING", "0"))
    chosen = [case for place, case in enumerate(cases) if long_run or (place - number) % parts == 0]
    print(f"{len(chosen)} of {len(cases)} cases: {', '.join(map(str, chosen))}")
    return chosen
