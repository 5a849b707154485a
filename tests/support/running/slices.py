# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One of several alike cases in a short run, all of them in the long run, and tests of the long run alone.

    @pytest.mark.sliced("debian13", "debian12")     tests that are parametrized by these; also as pytestmark of a module
    @pytest.mark.one_in(3)                          a third of the cases of a test with any parameters; also
                                                    as pytestmark: tests without parameters are in each part
    @pytest.mark.one_in(2, 0)                       a test, a class or, as pytestmark, a file that takes turns: this
                                                    has place 0 of 2
    @pytest.mark.long                               not in a short run
    slice_of(cases, long_run=long_run)              cases inside one test: one of them
    third = slice_of(cases, 3, long_run=long_run)   or a third of them
    pairs = square(steps, kills, long_run=long_run) each step and each kill at least once, not each with each

The content of the last commit chooses, so that a run can be repeated and the next commit may take another case. SLICE=1
chooses by hand, SLICE=all takes all. That number selects a system, and a sixth of it selects a part of many cases, and
a 360th a file: so each system gets each part in time, and each file each part of its tests."""

from __future__ import annotations

__all__ = ["is_of_part", "leave_out_other_slices", "slice_of", "square"]

import functools
import os
import subprocess
from collections.abc import Collection, Sequence
from pathlib import Path

import pytest

from .left_out import leave_out

_ROOT = Path(__file__).parents[3]
_SYSTEMS = 6
"""After so many numbers each choice of two and of three systems has come up."""
_FILES = 60 * _SYSTEMS
"""After so many each part of one in up to five, in each system."""
_NUMBERS = 60 * _FILES


def slice_of[Case](cases: Sequence[Case], one_in: int = 0, *, long_run: bool) -> Sequence[Case]:
    """Return the cases of this run, and print which they are: a run shows that at its end.

    one_in: how many parts the cases are divided into; as many as there are cases if not given.
    """
    chosen = _part(cases, one_in, long_run=long_run) if one_in else _chosen(cases, long_run=long_run)
    return _printed(chosen, len(cases))


def square[Row, Column](
    rows: Sequence[Row], columns: Sequence[Column], *, long_run: bool
) -> Sequence[tuple[Row, Column]]:
    """Give pairs, row by row, in which each row and each column is: all of them in the long run. Print them."""
    pairs = [(row, column) for row in rows for column in columns]
    if _is_whole(long_run=long_run):
        return _printed(pairs, len(pairs))
    diagonal = [
        (row, column)
        for down, row in enumerate(rows)
        for along, column in enumerate(columns)
        if is_of_part(down + along, min(len(rows), len(columns)))
    ]
    return _printed(diagonal, len(pairs))


def leave_out_other_slices(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests of other slices, unless the command names a test, and count them in the output."""
    whole = _is_whole(long_run=config.getoption("--long"))
    if whole or any("::" in argument for argument in config.args):
        return
    places, named = _places(items), config.args
    left_out = {
        item
        for item in items
        if item.get_closest_marker("long")
        or _has_other_case(item)
        or _is_of_another_part(item, places.get(item, 0), named)
    }
    leave_out(config, items, left_out, f"of other slices than SLICE={_number()}; SLICE=all takes all")


def _has_other_case(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("sliced")
    if marker is None:
        return False
    parameters = item.name.partition("[")[2].rstrip("]").split("-")
    others = set(marker.args) - set(_chosen(marker.args, long_run=False))
    return not others.isdisjoint(parameters)


def _is_of_another_part(item: pytest.Item, place: int, named: Collection[str]) -> bool:
    markers = [] if _is_whole(long_run=False) else item.iter_markers_with_node("one_in")
    return any(not _is_in_part(item, node, marker.args, place, named) for node, marker in markers)


def _is_in_part(
    item: pytest.Item,
    node: pytest.Collector | pytest.Item,
    arguments: Sequence[int],
    place: int,
    named: Collection[str],
) -> bool:
    """Return whether one of the markers of a test lets it run: that of its own, of its class or of its file."""
    one_in, *own = arguments
    if own and isinstance(node, pytest.Module):
        return node.nodeid in named or is_of_part(*own, one_in, _FILES)
    return not (own or _ids(item)) or is_of_part(*(own or [place]), one_in)


def _places(items: Sequence[pytest.Item]) -> dict[pytest.Item, int]:
    """Give each test that has parts its place among its cases: the sum of the places of its parameters.

    So a part of a test with two parameters has each value of both, as it is in a diagonal of a square.
    """
    seen: dict[tuple[str, int], list[str]] = {}
    places = {}
    for item in items:
        if item.get_closest_marker("one_in"):
            values = [seen.setdefault((item.nodeid.partition("[")[0], n), []) for n in range(len(_ids(item)))]
            places[item] = sum(_place(known, value) for known, value in zip(values, _ids(item), strict=True))
    return places


def _ids(item: pytest.Item) -> Sequence[str]:
    """Return the names of the parameters; `callspec.indices` belong to the whole case, not to each parameter."""
    return item.callspec._idlist if hasattr(item, "callspec") else ()


def _place(known: list[str], value: str) -> int:
    if value not in known:
        known.append(value)
    return known.index(value)


def _chosen[Case](cases: Sequence[Case], *, long_run: bool) -> Sequence[Case]:
    return cases if _is_whole(long_run=long_run) else [cases[_number() % len(cases)]]


def _part[Case](cases: Sequence[Case], one_in: int, *, long_run: bool) -> Sequence[Case]:
    whole = _is_whole(long_run=long_run)
    return [case for place, case in enumerate(cases) if whole or is_of_part(place, one_in)]


def is_of_part(place: int, one_in: int, after: int = _SYSTEMS) -> bool:
    """Return whether this run includes a place, given its share of all places. after: numbers with the same share."""
    return place % one_in == _number() // after % one_in


def _is_whole(*, long_run: bool) -> bool:
    return long_run or os.environ.get("SLICE") == "all"


def _printed[Case](chosen: Sequence[Case], of: int) -> Sequence[Case]:
    print(f"{len(chosen)} of {of} cases: {', '.join(map(str, chosen))}")
    return chosen


@functools.cache
def _number() -> int:
    given = os.environ.get("SLICE")
    return int(given) if given else int(_tree(), 16) % _NUMBERS


def _tree() -> str:
    """Return the hash of the last commit's content, or of nothing without a repository."""
    command = ["git", "rev-parse", "HEAD^{tree}"]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "0"
