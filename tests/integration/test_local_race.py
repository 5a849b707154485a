# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The long form of the race that the unit tests run in short: a directory is swapped for a link all the time."""

from __future__ import annotations

import os
from pathlib import Path

from support.trees.swap_race import run_race

ROUNDS = 2000


def test_no_operation_ever_reaches_what_is_behind_the_link(tmp_path: Path) -> None:
    counts, outside = run_race(os.fsencode(tmp_path), ROUNDS)
    print(
        "%d rounds: %d operations done, %d met the link, %d writes or reads outside"
        % (ROUNDS, counts["done"], counts["refused"], len(outside))
    )
    assert outside == []
    assert counts["done"] > 1000
    assert counts["refused"] > 1000
