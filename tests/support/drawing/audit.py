# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of an audit: the newest report of the Molecule scenario audit, from its title to its list of all
controls. scripts/draw-audit draws it."""

from __future__ import annotations

__all__ = ["PICTURE", "REPORT", "draw", "size"]

import struct
from pathlib import Path

from ..judges.browser import Browser

_ROOT = Path(__file__).parents[3]
PICTURE = _ROOT / "docs/images/audit.png"
REPORT = _ROOT / ".cache/hosts/audit/reports/latest/audit.html"
_WIDTH = 1200
_LAST = "All controls"
"""Heading of the last section in the picture."""
_HEIGHT = f"""[...document.querySelectorAll("h2")].find(each => each.textContent == "{_LAST}")
.parentElement.getBoundingClientRect().bottom + scrollY + 24"""


def draw(report: Path, picture: Path) -> None:
    """Draw a report."""
    with Browser() as browser:
        browser.show(report.resolve().as_uri(), width=_WIDTH, picture=picture, height=_HEIGHT)


def size(picture: bytes) -> tuple[int, int]:
    """Return width and height of a PNG."""
    width, height = struct.unpack(">II", picture[16:24])
    return width, height
