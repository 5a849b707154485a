# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chain of custody: its form, and every change of it."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.evidence.case_directory import (
    broken_lines,
    format_step,
    parse_steps,
)

VALUES = {
    "action": "collected",
    "when": "2026-12-01T04:00:00Z",
    "who": "alice",
    "why": "stolen\u2026",
    "from": "files1",
    "to": "/srv/evidence/1",
    "bundle": "0001-before-files1",
    "sha256": "0" * 64,
}


def chain(count: int) -> list[bytes]:
    lines: list[bytes] = []
    for number in range(count):
        lines.append(format_step({**VALUES, "who": f"person {number}"}, lines))
    return lines


def wrong(lines: list[bytes]) -> list[int]:
    steps, malformed = parse_steps(b"".join(lines))
    return sorted({*malformed, *broken_lines(steps)})


def test_a_whole_chain() -> None:
    steps, malformed = parse_steps(b"".join(chain(4)))
    assert ([step.fields["seq"] for step in steps], malformed, broken_lines(steps)) == ([1, 2, 3, 4], [], [])
    assert steps[2].fields["who"] == "person 2"
    assert wrong([]) == []


def test_a_changed_line_breaks_the_next() -> None:
    lines = chain(4)
    lines[1] = lines[1].replace(b"person 1", b"person 9")
    assert wrong(lines) == [3]


def test_a_removed_or_swapped_line() -> None:
    lines = chain(4)
    assert wrong([lines[0], *lines[2:]]) == [2, 3]
    assert wrong([lines[0], lines[2], lines[1], lines[3]]) == [2, 3, 4]
    assert wrong(lines[1:]) == [1, 2, 3]


@pytest.mark.parametrize("line", [b"x\n", b"[]\n", b"{}\n", b"\n", b"[" * 100000 + b"\n", b'{"format":1,"seq":"1"}\n'])
def test_lines_of_another_form(line: bytes) -> None:
    assert wrong([line]) == [1]


def test_another_spelling_of_a_line() -> None:
    assert wrong([chain(1)[0].replace(b",", b", ", 1)]) == [1]
    assert wrong([chain(1)[0].rstrip()]) == [1]
