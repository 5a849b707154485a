# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One of several alike cases in a short run, all of them in the long run.

    @pytest.mark.sliced("debian13", "debian12")     tests that are parametrized by these; also as pytestmark of a module
    slice_of(cases, long_run=long_run)              cases inside one test

The content of the last commit chooses, so that a run can be repeated and the next commit may take another case. SLICE=1
chooses by hand, SLICE=all takes all.
"""

from __future__ import annotations

__all__ = ["leave_out_other_slices", "slice_of"]

import functools
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]


def slice_of[Case](cases: Sequence[Case], *, long_run: bool) -> Sequence[Case]:
    """Give the cases of this run, and print which they are: a run shows that at its end."""
    chosen = _chosen(cases, long_run=long_run)
    print(f"{len(chosen)} of {len(cases)} cases: {', '.join(map(str, chosen))}")
    return chosen


def leave_out_other_slices(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests of other slices; a run says how many tests it deselected."""
    left_out = {item for item in items if _is_of_another_slice(item, long_run=config.getoption("--long"))}
    if left_out:
        config.hook.pytest_deselected(items=[item for item in items if item in left_out])
        items[:] = [item for item in items if item not in left_out]


def _is_of_another_slice(item: pytest.Item, *, long_run: bool) -> bool:
    marker = item.get_closest_marker("sliced")
    if marker is None:
        return False
    parameters = item.name.partition("[")[2].rstrip("]").split("-")
    others = set(marker.args) - set(_chosen(marker.args, long_run=long_run))
    return not others.isdisjoint(parameters)


def _chosen[Case](cases: Sequence[Case], *, long_run: bool) -> Sequence[Case]:
    whole = long_run or os.environ.get("SLICE") == "all"
    return cases if whole else [cases[_number() % len(cases)]]


@functools.cache
def _number() -> int:
    given = os.environ.get("SLICE")
    return int(given) if given else int(_tree(), 16)


def _tree() -> str:
    """Give the hash of the last commit's content; that of nothing where there is no repository."""
    command = ["git", "rev-parse", "HEAD^{tree}"]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "0"
