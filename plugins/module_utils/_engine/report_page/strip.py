# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small pictures of states: a strip with a cell for each state, and a bar of an age and its limit.

Cells differ by their height and outline, and bars by a mark at the limit, not by colour alone.
"""

from __future__ import annotations

from typing import Mapping, Sequence, Tuple

from .markup import Markup, element

SHAPES: Mapping[str, Tuple[int, int]] = {"bad": (0, 24), "open": (6, 18), "soft": (12, 12), "good": (16, 8)}
"""Kind of a cell -> its top and its height; a higher cell needs more attention."""
_STEP, _HEIGHT, _WIDTH = 12, 24, 100
_LIMIT = 70
"""Where a bar has its limit; an age of more than 100/70 of it fills the bar."""


def strip(cells: Sequence[Tuple[str, str]], title: str, description: str) -> Markup:
    """Return a strip. cells: kind of SHAPES, and words for the tooltip."""
    shapes = [_cell(index, kind, words) for index, (kind, words) in enumerate(cells)]
    texts = element("title", title), element("desc", description)
    view = "0 0 %d %d" % (max(1, len(cells)) * _STEP, _HEIGHT)
    return element(
        "svg",
        *(*texts, *shapes),
        viewBox=view,
        preserveAspectRatio="none",
        role="img",
        aria_label="%s. %s" % (title, description),
        class_="strip",
    )


def _cell(index: int, kind: str, words: str) -> Markup:
    top, height = SHAPES[kind]
    return element(
        "rect",
        element("title", words),
        x=index * _STEP + 1,
        y=top + 1,
        width=_STEP - 2,
        height=height - 2,
        class_="cell-%s" % kind,
    )


def gauge(share: float, title: str) -> Markup:
    """Return a bar. share: of the limit, 1 for exactly the limit."""
    width = min(_WIDTH, max(1, round(share * _LIMIT)))
    return element(
        "svg",
        element("title", title),
        element("rect", x=0, y=2, width=_WIDTH, height=8, class_="bar-back"),
        element("rect", x=0, y=2, width=width, height=8, class_="bar-bad" if share > 1 else "bar-good"),
        element("line", x1=_LIMIT, x2=_LIMIT, y1=0, y2=12, class_="axis"),
        viewBox="0 0 %d 12" % _WIDTH,
        preserveAspectRatio="none",
        role="img",
        aria_label=title,
        class_="bar",
    )
