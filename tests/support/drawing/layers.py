# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Places for the rooms of a drawing: every arrow points down, and passes between the rooms of the rows that it crosses.

A room is one row above the highest room that it imports. In a row between the two ends of an arrow, a bend takes a
place. Rooms and bends of a row are put in an order with few crossings: each goes to the mean of its neighbours in the
next row, down and up in turn, and stays in its wing.
"""

from __future__ import annotations

__all__ = ["Place", "Placed", "place"]

from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter
from itertools import pairwise
from statistics import mean
from typing import NamedTuple

from .arrows import WINGS, Room

ROW, GAP, BEND, WING_GAP = 104, 14, 8, 24
_SWEEPS = 24


class Place(NamedTuple):
    """A place in a row: `x` is its middle."""

    x: float
    row: int
    width: float


class Placed(NamedTuple):
    """places: of rooms; arrows: the places that each passes; wings: their left and right edges; rows: their number"""

    places: Mapping[str, Place]
    arrows: Mapping[tuple[str, str], list[Place]]
    wings: Mapping[str, tuple[float, float]]
    rows: int


def place(rooms: Mapping[str, Room], widths: Mapping[str, float]) -> Placed:
    """Return the places of rooms with these widths."""
    rows = _rows(rooms)
    chains = {
        (room.name, target): _chain(room.name, target, rows) for room in rooms.values() for target in room.targets
    }
    wing = {name: room.wing for name, room in rooms.items()}
    for (source, _target), chain in chains.items():
        wing |= dict.fromkeys(chain[1:-1], wing[source])
        rows |= {bend: rows[source] - 1 - number for number, bend in enumerate(chain[1:-1])}
    sizes = {name: widths.get(name, BEND) for name in rows}
    order = _ordered(rows, wing, list(chains.values()))
    edges = _wings(order, wing, sizes)
    x = _aligned(order, wing, sizes, edges, _neighbours(chains.values()))
    places = {name: Place(x[name], rows[name], sizes[name]) for name in rows}
    arrows = {ends: [places[name] for name in chain] for ends, chain in chains.items()}
    return Placed({name: places[name] for name in rooms}, arrows, edges, max(rows.values()) + 1)


def _rows(rooms: Mapping[str, Room]) -> dict[str, int]:
    rows: dict[str, int] = {}
    for name in TopologicalSorter({name: room.targets for name, room in rooms.items()}).static_order():
        rows[name] = max((rows[target] + 1 for target in rooms[name].targets), default=0)
    return rows


def _chain(source: str, target: str, rows: Mapping[str, int]) -> list[str]:
    bends = [f"{source}>{target}@{row}" for row in range(rows[source] - 1, rows[target], -1)]
    return [source, *bends, target]


def _neighbours(chains: Iterable[list[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for chain in chains:
        for upper, lower in pairwise(chain):
            found.setdefault(upper, []).append(lower)
            found.setdefault(lower, []).append(upper)
    return found


def _ordered(rows: Mapping[str, int], wing: Mapping[str, str], chains: list[list[str]]) -> list[list[str]]:
    """Return the names of each row, from the lowest row up, in their order."""
    order = [[name for name in rows if rows[name] == row] for row in range(max(rows.values()) + 1)]
    neighbours = _neighbours(chains)
    for sweep in range(_SWEEPS):
        downwards = sweep % 2 == 0
        for row in range(len(order))[:: -1 if downwards else 1]:
            at = {name: (number + 0.5) / len(line) for line in order for number, name in enumerate(line)}
            fixed = row + (1 if downwards else -1)
            order[row].sort(key=lambda name: (WINGS.index(wing[name]), _mean(name, at, neighbours, rows, fixed)))
    return order


def _mean(
    name: str, at: Mapping[str, float], neighbours: Mapping[str, list[str]], rows: Mapping[str, int], row: int
) -> float:
    found = [at[each] for each in neighbours.get(name, ()) if rows[each] == row]
    return mean(found) if found else at[name]


def _wings(
    order: list[list[str]], wing: Mapping[str, str], sizes: Mapping[str, float]
) -> dict[str, tuple[float, float]]:
    edges, left = {}, 0.0
    for each in WINGS:
        lines = [[sizes[name] for name in line if wing[name] == each] for line in order]
        width = max(sum(line) + GAP * (len(line) + 1) for line in lines)
        edges[each] = (left, left + width)
        left += width + WING_GAP
    return edges


def _aligned(
    order: list[list[str]],
    wing: Mapping[str, str],
    sizes: Mapping[str, float],
    edges: Mapping[str, tuple[float, float]],
    neighbours: Mapping[str, list[str]],
) -> dict[str, float]:
    """Return the middle of each name: near the mean of its neighbours, without overlaps, within its wing."""
    x: dict[str, float] = {}
    groups = [[name for name in line if wing[name] == each] for line in order for each in WINGS]
    for group in filter(None, groups):
        left, right = edges[wing[group[0]]]
        space = (right - left - sum(sizes[name] for name in group)) / (len(group) + 1)
        for name in group:
            left += space
            x[name], left = left + sizes[name] / 2, left + sizes[name]
    for _sweep in range(_SWEEPS):
        for group in filter(None, groups):
            wanted = [mean([x[each] for each in neighbours.get(name, [name])]) for name in group]
            x.update(zip(group, _spread(wanted, [sizes[name] for name in group], *edges[wing[group[0]]]), strict=True))
    return x


def _spread(wanted: list[float], sizes: list[float], left: float, right: float) -> list[float]:
    """Return the wanted middles, pushed apart to the right and then, at the right edge, back to the left."""
    found, edge = [], left
    for middle, size in zip(wanted, sizes, strict=True):
        found.append(max(middle, edge + GAP + size / 2))
        edge = found[-1] + size / 2
    edge = right
    for number in reversed(range(len(found))):
        found[number] = min(found[number], edge - GAP - sizes[number] / 2)
        edge = found[number] - sizes[number] / 2
    return found
