# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of a run: the output of commands in docs/first_sync.md, as a terminal. scripts/draw-run draws it."""

from __future__ import annotations

__all__ = ["PICTURE", "picture", "screen", "shown"]

import re
import textwrap
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from ..running.page_walk import Step

PICTURE = Path(__file__).parents[3] / "docs/images/run.svg"
_SHOWN = ("--check --diff", "ansible-playbook push.yml\n", "verify.yml")
_LINES = re.compile(r"^(?:[+~-] |Total: |changed: |ok: ).*$", re.MULTILINE)
_WIDTH, _LINE, _LEFT, _TOP, _COLUMNS = 720, 21, 18, 50, 80
_STYLE = """
  .screen { fill: #14171c; stroke: #30363d; } .dot { fill: #4b5563; }
  text { font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 14px; }
  text { fill: #d5dbe2; white-space: pre; }
  .command { fill: #ffffff; font-weight: bold; } .note { fill: #9ba4ae; }
  .new { fill: #6fd48a; } .changed { fill: #e0b64c; }
  @media (prefers-color-scheme: dark) { .screen { fill: #0b0d10; } }
"""
_LICENSE = """<!--
Copyright: (c) 2026, secure.ftp_synchronize contributors
GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
Drawn by scripts/draw-run from a real run of the commands in docs/first_sync.md.
-->"""


def screen(steps: Sequence[Step]) -> list[str]:
    """Return the lines of the picture: a preview, a push, a push without work, and the repair of a damaged file."""
    notes = iter(("# preview", "# push", "# push again", "# a byte was changed at the server, size and time kept"))
    return [line for step in steps for line in _lines(step, notes)][:-1]


def _lines(step: Step, notes: Iterator[str]) -> Iterator[str]:
    commands = [line for line in step.commands.splitlines() if line.startswith("ansible-playbook")]
    for command in commands:
        yield next(notes)
        yield f"$ {command}"
        yield from _LINES.findall(step.output)
        yield ""


def shown(drawing: str) -> set[str]:
    """Return the lines of a drawing without their times, which differ in each run."""
    lines = re.findall(r"<text[^>]*>([^<]*)</text>", drawing)
    return {re.sub(r"\d{4}-\d\d-\d\dT[\d:]+Z", "TIME", line) for line in lines}


def picture(lines: Sequence[str]) -> str:
    """Return the lines as SVG."""
    wrapped = [(line[:1], part) for line in lines for part in textwrap.wrap(line, _COLUMNS) or [""]]
    height = _TOP + _LINE * len(wrapped) + 12
    texts = [_text(number, kind, line) for number, (kind, line) in enumerate(wrapped) if line]
    dots = "".join(f'<circle class="dot" cx="{x}" cy="20" r="6"/>' for x in (22, 42, 62))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
            _LICENSE,
            "<title>Output of a preview, a push, a second push without work, and the repair of a damaged file</title>",
            f"<style>{_STYLE}</style>",
            f'<rect class="screen" x="0.5" y="0.5" width="{_WIDTH - 1}" height="{height - 1}" rx="10"/>{dots}',
            *texts,
            "</svg>\n",
        ]
    )


def _text(number: int, kind: str, line: str) -> str:
    kinds = {"#": "note", "T": "plain", "$": "command", "+": "new", "o": "new", "~": "changed", "c": "changed"}
    return f'<text class="{kinds[kind]}" x="{_LEFT}" y="{_TOP + _LINE * number}">{escape(line, quote=False)}</text>'
