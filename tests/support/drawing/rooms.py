# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drawing of the rooms and of all arrows between them: docs/images/rooms.svg, drawn by scripts/draw-rooms."""

from __future__ import annotations

__all__ = ["DRAWING", "drawing"]

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from .arrows import BASE, WINGS, Room, read_rooms
from .layers import ROW, Place, Placed, place

DRAWING = Path(__file__).parents[3] / "docs" / "images" / "rooms.svg"

_HEIGHT, _MARGIN, _TOP, _TITLE, _BAR = 50, 16, 140, 34, 34
_STYLE = """
  svg { font-family: "DejaVu Sans", Verdana, sans-serif; }
  .paper { fill: #ffffff; } .wing { fill: #f3f4f6; } .room, .bar { fill: #ffffff; stroke-width: 1.5; }
  .name { fill: #111827; font-size: 14px; text-anchor: middle; }
  .base { fill: #6b7280; font-size: 11px; text-anchor: middle; }
  .title { fill: #374151; font-size: 15px; font-weight: bold; }
  .arrow { fill: none; stroke-width: 1.5; } .implied { opacity: 0.4; } .bar { stroke: #6b7280; }
  .client { stroke: #1d6fb8; } .identity { stroke: #b45309; } .host { stroke: #15803d; } .evidence { stroke: #7e3fb2; }
  .above { stroke: #6b7280; }
  .tip { stroke: none; fill: #6b7280; }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117; } .wing { fill: #161b22; } .room, .bar { fill: #0d1117; }
    .name { fill: #e6edf3; } .base { fill: #9ba4ae; } .title { fill: #c9d1d9; } .bar { stroke: #9ba4ae; }
    .client { stroke: #58a6ff; } .identity { stroke: #e3a33c; } .host { stroke: #56c271; }
    .evidence { stroke: #bc8cff; }
    .above { stroke: #9ba4ae; }
    .tip { fill: #9ba4ae; }
  }
"""
_LICENSE = """<!--
Copyright: (c) 2026, secure.ftp_synchronize contributors
GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
Drawn by scripts/draw-rooms from the table in tests/unit/test_import_layers.py.
-->"""


def drawing() -> str:
    """Return the text of the drawing."""
    rooms = read_rooms()
    placed = place(rooms, {name: max(9 * len(_last(name)) + 14, 92) for name in rooms})
    width = round(max(right for _left, right in placed.wings.values()) + 2 * _MARGIN)
    bottom = _TOP + _TITLE + placed.rows * ROW + 16
    height = bottom + _BAR + _MARGIN
    inside = [*_arrows(rooms, placed), *_rooms(rooms, placed)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
            _LICENSE,
            "<title>Rooms of the engine and the arrows between them</title>",
            f"<style>{_STYLE}</style>",
            f"<defs>{_tip('tip')}</defs>",
            f'<rect class="paper" width="{width}" height="{height}"/>',
            *_above(width),
            f'<g transform="translate({_MARGIN} {_TOP})">',
            *_wings(placed),
            "</g>",
            f'<g transform="translate({_MARGIN} {_TOP + _TITLE})">',
            *inside,
            "</g>",
            *_below(width, bottom),
            "</svg>\n",
        ]
    )


def _tip(name: str) -> str:
    shape = '<path class="tip" d="M0 0 8 4 0 8z"/>'
    return f'<marker id="{name}" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">{shape}</marker>'


def _above(width: int) -> Iterator[str]:
    yield from _box("modules", "", width * 0.2, 36, 130, "above")
    yield from _box("action", "", width * 0.5, 36, 130, "above")
    beyond = "rotation.client_keys, jail, trust, errors"
    yield from _box("plugin_utils", beyond, width * 0.82, 36, 270, "above")
    yield _line(width * 0.5 + 65, 36, width * 0.82 - 135, 36)
    for x in (0.2, 0.5, 0.82):
        yield _line(width * x, 61, width * x, 85)
    yield from _bar("_edge: the interface to Ansible; it may import every room below", 86, width)


def _below(width: int, y: int) -> Iterator[str]:
    yield from _bar("base, below all: system \u2192 model \u2192 errors", y, width)


def _bar(text: str, y: float, width: int) -> Iterator[str]:
    yield f'<rect class="bar" x="{_MARGIN}" y="{y}" width="{width - 2 * _MARGIN}" height="{_BAR}" rx="6"/>'
    yield f'<text class="name" x="{width / 2:.0f}" y="{y + _BAR / 2 + 5:.0f}">{text}</text>'


def _line(x: float, y: float, to_x: float, to_y: float) -> str:
    return f'<path class="arrow above" marker-end="url(#tip)" d="M{x:.0f} {y:.0f}L{to_x:.0f} {to_y:.0f}"/>'


def _wings(placed: Placed) -> Iterator[str]:
    for wing in WINGS:
        left, right = placed.wings[wing]
        height = _TITLE + placed.rows * ROW
        yield f'<rect class="wing" x="{left:.0f}" y="0" width="{right - left:.0f}" height="{height}" rx="10"/>'
        yield f'<text class="title" x="{left + 14:.0f}" y="24">{wing}</text>'


def _arrows(rooms: dict[str, Room], placed: Placed) -> Iterator[str]:
    implied = {ends: _implied(rooms, *ends) for ends in placed.arrows}
    for source, target in sorted(placed.arrows, key=lambda ends: not implied[ends]):
        look = f"arrow {rooms[source].wing}" + (" implied" if implied[source, target] else "")
        path = f'd="{_curve(placed.arrows[source, target], placed.rows)}"'
        yield f'<path class="{look}" marker-end="url(#tip)" {path}><title>{source} imports {target}</title></path>'


def _implied(rooms: dict[str, Room], source: str, target: str) -> bool:
    """Return whether other arrows lead from source to target too."""
    return any(target in _below_room(rooms, each) for each in rooms[source].targets if each != target)


def _below_room(rooms: dict[str, Room], name: str) -> set[str]:
    return {name}.union(*(_below_room(rooms, each) for each in rooms[name].targets))


def _curve(way: list[Place], rows: int) -> str:
    points = [(each.x, _y(each, rows)) for each in way]
    points[0] = (points[0][0], points[0][1] + _HEIGHT / 2)
    points[-1] = (points[-1][0], points[-1][1] - _HEIGHT / 2)
    path = "M%.0f %.0f" % points[0]
    for (x, y), (to_x, to_y) in pairwise(points):
        half = (y + to_y) / 2
        path += f"C{x:.0f} {half:.0f} {to_x:.0f} {half:.0f} {to_x:.0f} {to_y:.0f}"
    return path


def _y(each: Place, rows: int) -> float:
    return (rows - 0.5 - each.row) * ROW


def _rooms(rooms: dict[str, Room], placed: Placed) -> Iterator[str]:
    for name, room in rooms.items():
        each = placed.places[name]
        base = "" if len(room.base) == len(BASE) else " ".join(room.base)
        yield from _box(name, base, each.x, _y(each, placed.rows), each.width, room.wing)


def _box(name: str, below: str, x: float, y: float, width: float, wing: str) -> Iterator[str]:
    left, top = x - width / 2, y - _HEIGHT / 2
    above = name.removesuffix(_last(name))
    yield f'<rect class="room {wing}" x="{left:.0f}" y="{top:.0f}" width="{width:.0f}" height="{_HEIGHT}" rx="6"/>'
    yield f'<text class="name" x="{x:.0f}" y="{y + 5:.0f}">{_last(name)}</text>'
    for text, line in ((above, y - 11), (below, y + 19)):
        if text:
            yield f'<text class="base" x="{x:.0f}" y="{line:.0f}">{text}</text>'


def _last(name: str) -> str:
    return name.rpartition(".")[2]
