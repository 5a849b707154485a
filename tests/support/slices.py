# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One of several alike cases in a short run, all of them in the long run.

The content of the last commit chooses, so that a run can be repeated and the next commit may take another; SLICE=1
chooses by hand.
"""

from __future__ import annotations

__all__ = ["slice_of"]

import functools
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

_ROOT = Path(__file__).parents[2]


def slice_of[Case](cases: Sequence[Case], *, long_run: bool) -> Sequence[Case]:
    """Give the cases of this run, and print which they are: a run shows that at its end."""
    chosen = cases if long_run else [cases[_number() % len(cases)]]
    print(f"{len(chosen)} of {len(cases)} cases: {', '.join(map(str, chosen))}")
    return chosen


@functools.cache
def _number() -> int:
    given = os.environ.get("SLICE")
    return int(given) if given else int(_tree(), 16)


def _tree() -> str:
    """Give the hash of the last commit's content; that of nothing where there is no repository."""
    command = ["git", "rev-parse", "HEAD^{tree}"]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "0"
