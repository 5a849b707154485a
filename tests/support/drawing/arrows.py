# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of arrows in tests/unit/test_import_layers.py, with the wing of each room, which its comments name."""

from __future__ import annotations

__all__ = ["BASE", "WINGS", "Room", "read_rooms"]

import re
from pathlib import Path
from typing import NamedTuple

BASE = ("system", "model", "errors")
"""The rooms below all others."""
WINGS = ("client", "identity", "host", "evidence")
_TABLE = Path(__file__).parents[2] / "unit" / "test_import_layers.py"
_LINE = re.compile(
    r'^    (?:# (?P<wing>\w+): .*|"(?P<room>[\w.]+)": "(?P<targets>[\w. *]*(?:"\n +"[\w. *]*)*)",)$', re.M
)


class Room(NamedTuple):
    """A room of a wing: the rooms of the wings that it imports, and the rooms of the base."""

    name: str
    wing: str
    targets: tuple[str, ...]
    base: tuple[str, ...]


def read_rooms(table: Path = _TABLE) -> dict[str, Room]:
    """Return the rooms of the wings by their names, in the order of the table."""
    rooms, wing = {}, ""
    for line in _LINE.finditer(table.read_text()):
        wing = line["wing"] or wing
        if line["room"] and wing in WINGS:
            targets = re.findall(r"[\w.*]+", line["targets"])
            base = tuple(each for each in targets if each in BASE)
            rooms[line["room"]] = Room(line["room"], wing, tuple(t for t in targets if t not in BASE), base)
    return rooms
