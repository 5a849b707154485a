# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drawing of the rooms is current, and shows every arrow of the table, downwards."""

from __future__ import annotations

import ast
import re
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

from support.drawing.arrows import BASE, WINGS, Room, read_rooms
from support.drawing.layers import place
from support.drawing.rooms import DRAWING, drawing

TABLE = Path(__file__).parents[1] / "test_import_layers.py"


def arrows() -> dict[str, str]:
    """Return the table as Python reads it."""
    for node in ast.parse(TABLE.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "ARROWS":
            return ast.literal_eval(node.value)
    raise AssertionError("there is no table")


def test_the_committed_drawing_is_current() -> None:
    assert DRAWING.read_text() == drawing(), "run scripts/draw-rooms"


def test_every_room_and_arrow_between_wings_is_read_from_the_table() -> None:
    above = {"_edge", "modules", "plugin_utils", "action", "doc_fragments"}
    rooms = read_rooms()
    assert {name: set(targets.split()) for name, targets in arrows().items() if name not in {*BASE, *above}} == {
        name: {*room.targets, *room.base} for name, room in rooms.items()
    }
    assert {room.wing for room in rooms.values()} == set(WINGS)


def test_every_arrow_is_drawn() -> None:
    shown = set(re.findall(r"<title>(\S+) imports (\S+)</title>", drawing()))
    assert shown == {(name, target) for name, room in read_rooms().items() for target in room.targets}
    assert len(shown) > 50


def test_a_new_arrow_makes_the_drawing_old(tmp_path: Path) -> None:
    table = tmp_path / "table.py"
    table.write_text(TABLE.read_text().replace('"ban": "sshd ', '"ban": "sshd jail '))
    assert read_rooms(table)["ban"].targets == ("sshd", "jail")


def test_arrows_point_down_and_boxes_do_not_overlap() -> None:
    rooms = read_rooms()
    placed = place(rooms, dict.fromkeys(rooms, 120.0))
    for way in placed.arrows.values():
        assert [each.row for each in way] == list(range(way[0].row, way[-1].row - 1, -1))
    for one, other in combinations(placed.places.values(), 2):
        assert one.row != other.row or abs(one.x - other.x) >= (one.width + other.width) / 2
    for name, room in rooms.items():
        left, right = placed.wings[room.wing]
        assert left <= placed.places[name].x <= right


def test_a_row_is_above_all_that_it_imports() -> None:
    chain = {
        "a": Room("a", "client", ("b", "c"), ()),
        "b": Room("b", "host", ("c",), ()),
        "c": Room("c", "host", (), ()),
    }
    placed = place(chain, dict.fromkeys(chain, 10.0))
    assert [placed.places[name].row for name in "abc"] == [2, 1, 0]
    assert len(placed.arrows["a", "c"]) == 3, "it bends in the row of b"


def test_the_drawing_is_valid_and_loads_nothing() -> None:
    root = ElementTree.fromstring(drawing())  # noqa: S314 - it is drawn here
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert re.findall(r"(?:href|src|url\()=?\S+", drawing().replace("url(#tip)", "")) == []
