# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from xml.etree import ElementTree

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.report_page.chart import (
    Bar,
    chart,
    legend,
    spark,
)
from hypothesis import given
from hypothesis import strategies as st

SIZES = st.integers(0, 2**63)


def shapes(markup: str, name: str) -> list[dict[str, float]]:
    """Return the numbers of all shapes of a class."""
    picture = ElementTree.fromstring(markup[markup.index("<svg") : markup.rindex("</svg>") + 6])  # noqa: S314 - our own
    found = [each for each in picture.iter("rect") if each.get("class") == name]
    return [{key: float(value) for key, value in each.items() if key != "class"} for each in found]


@given(st.lists(st.tuples(SIZES, SIZES), max_size=60))
def test_uploads_rise_from_the_line_and_downloads_hang_below(sizes: list[tuple[int, int]]) -> None:
    made = spark([Bar(*each) for each in sizes], "title")
    up, down = shapes(made, "up"), shapes(made, "down")
    assert len(up) == sum(size > 0 for size, _down in sizes)
    assert len(down) == sum(size > 0 for _up, size in sizes)
    bottoms = {round(each["y"] + each["height"], 1) for each in up}
    assert len(bottoms | {round(each["y"], 1) for each in down}) <= 2, "one line, up to rounding"
    assert all(each["y"] >= 0 and each["y"] + each["height"] <= 100.1 for each in up + down)


def test_both_directions_have_one_scale() -> None:
    made = spark([Bar(100, 0), Bar(0, 50)], "title")
    assert shapes(made, "up")[0]["height"] == pytest.approx(2 * shapes(made, "down")[0]["height"], abs=0.1)


def test_the_smallest_transfer_is_visible() -> None:
    assert min(each["height"] for each in shapes(spark([Bar(10**12, 0), Bar(1, 0)], "title"), "up")) == 1


def test_a_chart_has_words() -> None:
    made = chart([Bar(1, 2, True)], "partner: <b>", ("1 B", "2 B"), labels=["from", "to"])
    assert "<title>partner: &lt;b&gt;</title>" in made
    assert "Largest upload of a day: 1 B. Largest download of a day: 2 B." in made
    assert "<span>from</span><span>to</span>" in made
    assert len(shapes(made, "weekend")) == 1
    assert 'role="img"' in made


def test_the_legend_does_not_depend_on_colour() -> None:
    assert "above the line" in legend()
    assert "below the line" in legend()
