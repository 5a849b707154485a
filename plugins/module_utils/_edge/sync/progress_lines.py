# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines about the progress of a run: two states in, one line out. Pure; no terminal is asked.

A state comes from a file that another process writes: every number in it may be wrong.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ..._engine.model import report as progress
from ..._engine.model.human import counted, human_share, human_size
from ..._engine.model.report import PHASES, VERSION, ProgressState

FIRST = 5.0
"""Seconds until the first line, at most."""
MOST = 1 << 62
LONGEST_ESTIMATE = 100 * 3600
LONGEST_OUTCOME = 500
SHORT_FAILURE = 300
LONGEST_CODE = 60
LONGEST_ITEM = 100
LONGEST_LINE = 5000
MOST_LINES = 10_000
TOO_MANY = "too_many_deletions"
COUNTERS = ("files", "files_total", "bytes", "bytes_total", "entries", "proof", "proof_total")


def pauses(most: float) -> Iterator[float]:
    """Yield the seconds before each line: a few at first, then twice as many each time, up to `most`."""
    pause = min(most, FIRST)
    while True:
        yield pause
        pause = min(pause * 2, most)


def read_state(text: bytes) -> ProgressState | None:
    """Return the state of a progress file; None if it is torn, of another version, or impossible."""
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict) or fields.get("v") != VERSION or fields.get("phase") not in PHASES:
        return None
    at, counters = fields.get("at"), [_counter(fields.get(name)) for name in COUNTERS]
    if not isinstance(at, float) or not 0 <= at < MOST or min(counters) < 0:
        return None
    return ProgressState(at, fields["phase"], *counters)


def _counter(value: object) -> int:
    """Return -1 for anything that is no counter."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value < MOST else -1


def line(name: str, before: ProgressState | None, now: ProgressState) -> str:
    """Return one line of ASCII. before: the state of the last line, from which rate and time left are computed."""
    return f"{_ascii(name)}: {_words(before, now)}"


def last_line(name: str, outcome: object) -> str:
    """Return the line for the end of a run. outcome: `msg` of its result, from a module that may run elsewhere."""
    return f"{_ascii(name)}: {_ascii(str(outcome))[:LONGEST_OUTCOME]}"


def failed_line(name: str, answer: Mapping[str, Any]) -> str:
    """Return the line for a task that failed. Its code, item and cure come within `SHORT_FAILURE` characters."""
    found = answer.get("error")
    error = found if isinstance(found, Mapping) else {}
    code, path, message, cure = (_ascii(str(error.get(part) or "")) for part in ("code", "path", "message", "cure"))
    head = f"{_ascii(name)}: {code[:LONGEST_CODE] or 'failed'}: "
    item = f": '{path}'"[:LONGEST_ITEM] if path else ""
    if len(head + message + item + cure) < SHORT_FAILURE:
        return last_line(head[:-2], answer.get("msg"))
    room = max(SHORT_FAILURE - len(head + item + cure) - len("... "), LONGEST_CODE)
    return f"{head}{message[:room]}...{item} {cure[:LONGEST_OUTCOME]}"


def without_zeros(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of a failed task without the counters that are 0, which hide the error."""
    short = dict(answer)
    for name in ("elapsed", "planned", "proofs", "rates", "stats", "totals"):
        value = short.pop(name, None)
        left = {key: number for key, number in value.items() if number} if isinstance(value, Mapping) else value
        short.update({name: left} if left else {})
    return short


def refused_lines(answer: Mapping[str, Any]) -> list[str]:
    """Return the removals that `max_delete` refused, as lines of ASCII. Ansible shows no diff of a failed task."""
    error, diff = answer.get("error"), answer.get("diff")
    if not isinstance(error, Mapping) or error.get("code") != TOO_MANY or not isinstance(diff, Mapping):
        return []
    lines = str(diff.get("prepared")).splitlines()[:MOST_LINES]
    return [_ascii(each[:LONGEST_LINE]) for each in lines]


def _ascii(name: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in name).encode("ascii", "backslashreplace").decode()


def _words(before: ProgressState | None, now: ProgressState) -> str:
    if now.phase == progress.COMPARING:
        return "comparing: " + counted(now.entries, "entry", "entries")
    if now.phase == progress.HASHING:
        return f"hashing {_files(now)}"
    if now.phase == progress.MOVING:
        return ", ".join([_files(now), human_share(now.bytes, now.bytes_total), *_speed(before, now)])
    if now.phase == progress.PROVING:
        proof = f" {human_share(now.proof, now.proof_total)}" if now.proof_total else ""
        speed = _speed(before, now) if now.proof_total else []
        return ", ".join([_files(now), human_share(now.bytes, now.bytes_total), f"proving{proof}", *speed])
    return now.phase


def _files(now: ProgressState) -> str:
    return f"{now.files:,} of " + counted(now.files_total, "file")


def _speed(before: ProgressState | None, now: ProgressState) -> list[str]:
    """Return rate and time left, also for the proof; nothing in the first line, and after a step back."""
    if before is None or before.phase not in (progress.MOVING, progress.PROVING):
        return []
    moved = now.bytes + now.proof - before.bytes - before.proof
    if now.at <= before.at or moved < 0:
        return []
    rate = moved / (now.at - before.at)
    words = [f"{human_size(int(min(rate, MOST)))}/s"]
    left = (now.bytes_total - now.bytes + now.proof_total - now.proof) / rate if rate else LONGEST_ESTIMATE
    return words if not 0 <= left < LONGEST_ESTIMATE else [*words, f"about {_clock(int(left))} left"]


def _clock(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
