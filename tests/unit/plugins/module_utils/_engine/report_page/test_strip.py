# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.report_page.chart import (
    SHAPES,
    gauge,
    strip,
)


def test_cells_differ_by_their_height_too() -> None:
    made = strip([(kind, f"cell {kind}") for kind in SHAPES], "All", "4 cells")
    heights = re.findall(r'height="(\d+)"', made)
    assert len(set(heights)) == len(SHAPES)
    assert "<title>cell bad</title>" in made
    assert 'aria-label="All. 4 cells"' in made


def test_a_bar_ends_at_its_frame() -> None:
    assert 'width="70"' in gauge(1.0, "at the limit")
    assert 'class="bar-good"' in gauge(1.0, "at the limit")
    assert 'width="100" height="8" class="bar-bad"' in gauge(50.0, "far beyond")
    assert 'width="1" ' in gauge(0.0, "new")
    assert 'width="1" ' in gauge(-5.0, "from the future")
