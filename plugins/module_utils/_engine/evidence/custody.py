# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chain of custody of a case: who took or gave which evidence, when and why. Pure.

    custody.jsonl            one line of JSON for each step, keys sorted, ASCII; each has the SHA-256 of the line before
    custody/00000002.sig     the signature of the first two lines, for the purpose EVIDENCE

A line that was changed, removed or inserted breaks the chain at the line after, and a signature of a later state too.
"""

from __future__ import annotations

import json
import re
from typing import Any, Dict, List, Mapping, NamedTuple, Sequence, Tuple

from ..integrity.digest import sha256

COLLECTED, HANDED_OVER = "collected", "handed_over"
NO_PREVIOUS = "0" * 64
_FORMAT = 1
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_TEXTS = ("when", "who", "action", "why", "from", "to", "bundle")


class Step(NamedTuple):
    """One line: its values, and itself."""

    fields: Mapping[str, Any]
    line: bytes


def format_step(values: Mapping[str, str], before: Sequence[bytes]) -> bytes:
    """Return the next line. before: all lines so far. values: when, who, action, why, from, to, bundle, sha256."""
    fields: Dict[str, Any] = {**values, "format": _FORMAT, "seq": len(before) + 1, "previous": _previous(before)}
    return json.dumps(fields, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"


def parse_steps(content: bytes) -> Tuple[List[Step], List[int]]:
    """Return the lines, and the numbers of those that `format_step` does not write."""
    lines = content.splitlines(keepends=True)
    steps = [_step(line) for line in lines]
    return steps, [number for number, step in enumerate(steps, 1) if not step.fields]


def broken_lines(steps: Sequence[Step]) -> List[int]:
    """Return the numbers of the lines that do not follow the lines before."""
    lines = [step.line for step in steps]
    return [
        number
        for number, step in enumerate(steps, 1)
        if step.fields and (step.fields["seq"], step.fields["previous"]) != (number, _previous(lines[: number - 1]))
    ]


def _previous(lines: Sequence[bytes]) -> str:
    return sha256(lines[-1]).hexdigest() if lines else NO_PREVIOUS


def _step(line: bytes) -> Step:
    try:
        fields = json.loads(line)
        good = _is_good(fields) and json.dumps(fields, sort_keys=True, separators=(",", ":")).encode() + b"\n" == line
    except (ValueError, RecursionError):
        good = False
    return Step(fields if good else {}, line)


def _is_good(fields: object) -> bool:
    if not isinstance(fields, dict) or fields.get("format") != _FORMAT or not isinstance(fields.get("seq"), int):
        return False
    digests = (fields.get("previous"), fields.get("sha256"))
    texts = (fields.get(name) for name in _TEXTS)
    return all(isinstance(each, str) and _DIGEST.match(each) for each in digests) and all(
        isinstance(each, str) for each in texts
    )
