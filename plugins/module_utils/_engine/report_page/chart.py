# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Charts and small pictures of states.

- Two directions by day: uploads rise from the axis, downloads hang below it. They differ by their place, not by colour
  alone. Words are outside of the picture, so that they keep their size on a narrow screen; the picture itself has a
  title and a description.

- A strip has a cell for each state, and a bar shows an age and its limit. Cells differ by their height and outline,
  and bars by a mark at the limit, not by colour alone.
"""

from __future__ import annotations

from typing import List, Mapping, NamedTuple, Sequence, Tuple

from .markup import Markup, element, text

_HEIGHT = 100.0
_STEP = 10
_GAP = 1.5
SHAPES: Mapping[str, Tuple[int, int]] = {"bad": (0, 24), "open": (6, 18), "soft": (12, 12), "good": (16, 8)}
"""Kind of a cell -> its top and its height; a higher cell needs more attention."""
_STRIP_STEP, _STRIP_HEIGHT, _WIDTH = 12, 24, 100
_LIMIT = 70
"""Where a bar has its limit; an age of more than 100/70 of it fills the bar."""


class Bar(NamedTuple):
    """One day.

    up, down: sizes
    shaded: a weekend
    """

    up: int
    down: int
    shaded: bool = False


def chart(
    bars: Sequence[Bar], title: str, words: Sequence[str], *, labels: Sequence[str], small: bool = False
) -> Markup:
    """Return a picture with its scales.

    words: the largest upload and the largest download of a day
    labels: dates from the left to the right
    """
    description = "Largest upload of a day: %s. Largest download of a day: %s." % tuple(words)
    above = element("span", f"↑ at most {words[0]} a day"), element("span", f"↓ at most {words[1]} a day")
    return element(
        "figure",
        element("div", *above, class_="scale"),
        _picture(bars, title, description),
        element("div", *(element("span", each) for each in labels), class_="scale"),
        class_="chart small" if small else "chart",
    )


def spark(bars: Sequence[Bar], title: str) -> Markup:
    """Return a picture for one line of a table."""
    return element("div", _picture(bars, title, ""), class_="spark")


def legend() -> Markup:
    """Return the words for the two directions."""
    return element("p", _key("up", "uploads, above the line"), _key("down", "downloads, below the line"), class_="soft")


def _key(class_: str, words: str) -> Markup:
    square = element("rect", width=10, height=10, class_=class_)
    return element("span", element("svg", square, viewBox="0 0 10 10", aria_hidden="true"), text(words), class_="key")


def _picture(bars: Sequence[Bar], title: str, description: str) -> Markup:
    most_up, most_down = max((each.up for each in bars), default=0), max((each.down for each in bars), default=0)
    # Both directions have the same scale, so that their sizes can be compared.
    scale = (_HEIGHT - 2) / ((most_up + most_down) or 1)
    axis = 1 + most_up * scale if most_up or most_down else _HEIGHT / 2
    shapes = [shape for index, each in enumerate(bars) for shape in _bar(index, each, scale, axis)]
    line = element(
        "line",
        x1=0,
        x2=len(bars) * _STEP,
        y1=_short(axis),
        y2=_short(axis),
        class_="axis",
    )
    texts = [element("title", title), element("desc", description)] if description else [element("title", title)]
    return element(
        "svg",
        *(*texts, *shapes, line),
        viewBox=f"0 0 {max(1, len(bars)) * _STEP} {_HEIGHT:.0f}",
        preserveAspectRatio="none",
        role="img",
        aria_label=f"{title}. {description}" if description else title,
    )


def _bar(index: int, shown: Bar, scale: float, axis: float) -> List[Markup]:
    left = index * _STEP
    shapes = [element("rect", x=left, y=0, width=_STEP, height=int(_HEIGHT), class_="weekend")] if shown.shaded else []
    for size, class_, top in ((shown.up, "up", axis - shown.up * scale), (shown.down, "down", axis)):
        if size:
            # The smallest transfer can be seen too.
            height = max(size * scale, 1.0)
            top = axis - height if class_ == "up" else top
            shapes.append(
                element(
                    "rect",
                    x=_short(left + _GAP),
                    y=_short(top),
                    width=_short(_STEP - 2 * _GAP),
                    height=_short(height),
                    class_=class_,
                )
            )
    return shapes


def _short(number: float) -> str:
    return (f"{number:.2f}").rstrip("0").rstrip(".")


def strip(cells: Sequence[Tuple[str, str]], title: str, description: str) -> Markup:
    """Return a strip. cells: kind of SHAPES, and words for the tooltip."""
    shapes = [_cell(index, kind, words) for index, (kind, words) in enumerate(cells)]
    texts = element("title", title), element("desc", description)
    view = f"0 0 {max(1, len(cells)) * _STRIP_STEP} {_STRIP_HEIGHT}"
    return element(
        "svg",
        *(*texts, *shapes),
        viewBox=view,
        preserveAspectRatio="none",
        role="img",
        aria_label=f"{title}. {description}",
        class_="strip",
    )


def _cell(index: int, kind: str, words: str) -> Markup:
    top, height = SHAPES[kind]
    return element(
        "rect",
        element("title", words),
        x=index * _STRIP_STEP + 1,
        y=top + 1,
        width=_STRIP_STEP - 2,
        height=height - 2,
        class_=f"cell-{kind}",
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
        viewBox=f"0 0 {_WIDTH} 12",
        preserveAspectRatio="none",
        role="img",
        aria_label=title,
        class_="bar",
    )
