# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chart of docs/benchmarks.md: how many times as fast as the fastest peer, from the summary of the measured data.

scripts/bench draws it after a measurement, scripts/draw-benchmarks at any time."""

from __future__ import annotations

__all__ = ["CHART", "DATA", "Row", "chart", "rows"]

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[3] / "docs"
DATA = DOCS / "benchmarks_data.txt"
CHART = DOCS / "images/benchmarks.svg"

_WIDTH, _LEFT, _RIGHT, _TOP, _GROUP, _BAR = 640, 64, 584, 92, 74, 20
_LEAST, _MOST = 0.1, 40.0
_TIMES = "\N{MULTIPLICATION SIGN}"
_MARKS = (0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32)
_STYLE = """
  svg { font-family: "DejaVu Sans", Verdana, sans-serif; font-size: 15px; }
  .paper { fill: #ffffff; } text { fill: #1f2937; } .small { font-size: 13px; } .faint { fill: #57606a; }
  .middle { text-anchor: middle; } .end { text-anchor: end; } .bold { font-weight: bold; }
  .bold { paint-order: stroke; stroke: #ffffff; stroke-width: 5px; }
  .faster { fill: #2f7fc4; } .slower { fill: #c7772e; } .value { font-size: 13px; }
  .play { stroke: #1f2937; stroke-width: 3; } .rsync { fill: none; stroke: #7a3fb0; stroke-width: 2.5; }
  .grid { stroke: #d9dde3; } .one { stroke: #4b5563; stroke-width: 2; }
  @media (prefers-color-scheme: dark) {
    .bold { stroke: #131416; } .paper { fill: #131416; } text { fill: #e6edf3; } .faint { fill: #a5aeb8; }
    .faster { fill: #4a97db; } .slower { fill: #d98a3d; } .play { stroke: #f0f3f6; } .rsync { stroke: #c79bf2; }
    .grid { stroke: #30363d; } .one { stroke: #a5aeb8; }
  }
"""
_LICENSE = """<!--
Copyright: (c) 2026, secure.ftp_synchronize contributors
GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
Drawn by scripts/draw-benchmarks from docs/benchmarks_data.txt.
-->"""
_NUMBER = r"(\d+(?:\.\d+)?)"
_SECONDS = rf" +{_NUMBER} "
_ROW = re.compile(
    rf"^\| ([^|]*\S) *\| (push|pull) \|{_SECONDS}\|{_SECONDS}\([^|]*\) \| +(?:{_NUMBER} )?\|{_SECONDS}\|$", re.MULTILINE
)


@dataclass(frozen=True)
class Row:
    """One line of the summary, in seconds. rsync: None over FTPS."""

    work: str
    direction: str
    sync: float
    peer: float
    rsync: float | None
    play: float


def rows(text: str) -> list[Row]:
    """Return the lines of the summary."""
    found = _ROW.findall(text.partition("## Summary")[2].partition("Ratios, with")[0])
    return [
        Row(work, way, float(sync), float(peer), float(rsync) if rsync else None, float(play))
        for work, way, sync, peer, rsync, play in found
    ]


def chart(text: str) -> str:
    """Return the chart of the data page as SVG."""
    measured = rows(text)
    works = list(dict.fromkeys(row.work for row in measured))
    height = _TOP + _GROUP * len(works) + 16
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
            _LICENSE,
            "<title>Speed of secure_sync, as a multiple of the fastest other program for SFTP or FTPS</title>",
            f"<style>{_STYLE}</style>",
            f'<rect class="paper" width="{_WIDTH}" height="{height}"/>',
            *_legend(),
            *_scale(height),
            *(line for number, work in enumerate(works) for line in _group(number, work, measured)),
            "</svg>\n",
        ]
    )


def _x(value: float) -> float:
    """Return the place of a multiple: a logarithmic scale."""
    share = math.log(min(max(value, _LEAST), _MOST) / _LEAST) / math.log(_MOST / _LEAST)
    return round(_LEFT + share * (_RIGHT - _LEFT), 1)


def _legend() -> Iterator[str]:
    yield '<rect class="faster" x="16" y="14" width="26" height="14"/>'
    yield '<rect class="slower" x="46" y="14" width="26" height="14"/>'
    yield '<text x="80" y="26">secure_sync, the engine: faster, slower</text>'
    yield '<path class="play" d="M59 38 v16"/><text x="80" y="51">whole playbook, with proof</text>'
    yield '<circle class="rsync" cx="346" cy="46" r="6"/><text x="362" y="51">rsync, with rsync at both ends</text>'


def _scale(height: int) -> Iterator[str]:
    for mark in _MARKS:
        kind = "one" if mark == 1 else "grid"
        yield f'<path class="{kind}" d="M{_x(mark)} {_TOP - 8} V{height - 12}"/>'
        yield f'<text class="small middle faint" x="{_x(mark)}" y="{_TOP - 14}">{mark:g}{_TIMES}</text>'


def _group(number: int, work: str, measured: list[Row]) -> Iterator[str]:
    top = _TOP + number * _GROUP
    yield f'<text class="bold" x="16" y="{top + 16}">{work}</text>'
    for place, row in enumerate(each for each in measured if each.work == work):
        yield from _bar(row, top + 24 + place * (_BAR + 2))


def _bar(row: Row, top: int) -> Iterator[str]:
    speed = row.peer / row.sync
    left, right = sorted((_x(1), _x(speed)))
    kind = "faster" if speed >= 1 else "slower"
    yield f'<text class="small end faint" x="{_LEFT - 6}" y="{top + 14}">{row.direction}</text>'
    yield f'<rect class="{kind}" x="{left}" y="{top}" width="{max(right - left, 1.5):.1f}" height="{_BAR - 3}"/>'
    yield f'<path class="play" d="M{_x(row.peer / row.play)} {top - 1} v{_BAR - 1}"/>'
    if row.rsync:
        yield f'<circle class="rsync" cx="{_x(row.peer / row.rsync)}" cy="{top + 8}" r="6"/>'
    yield f'<text class="value end" x="{_WIDTH - 8}" y="{top + 13}">{speed:.2g}{_TIMES}</text>'
