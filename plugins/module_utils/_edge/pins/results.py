# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a PinReport to a result: plain data, made for reports."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping, Sequence, Tuple

from ..._engine.model.display import plain
from ..._engine.pins.pin_host import PinReport
from ..._engine.pins.pin_lines import REPORTED, PinLine, rotation_report
from ..._engine.trust.known_hosts import KnownHost
from .host_key_pin_info import key_words, stored_pin

Result = Dict[str, Any]

_VERBS = {"add": "added", "update": "updated", "remove": "removed"}


def pin_result(report: PinReport, *, path: str, now: float, check_mode: bool, diff: bool) -> Result:
    """Return the result of host_key_pin."""
    plan = report.plan
    result: Result = {
        "changed": bool(plan.changes),
        "host": report.name,
        "path": plain(path),
        "changes": [{"action": each.action, **key_words(each.key, each.marker)} for each in plan.changes],
        "pins": [stored_pin(line, now) for line in plan.about],
        "rotation_report": _rotation(plan.about, now),
        "notes": [plain(note) for note in (*plan.notes, *_rotation_notes(report))],
        "msg": _summary(report, check_mode=check_mode),
    }
    if report.offered is not None:
        result["offered"] = [{**key_words(key, ""), "pinned": pinned} for key, pinned in report.offered]
    if diff:
        name = f"{plain(path)}: {report.name}"
        result["diff"] = {
            "before": _text(plan.before),
            "after": _text(plan.after),
            "before_header": name,
            "after_header": name,
        }
    return result


def blank_pins() -> Result:
    """Return the parts of every result of host_key_pin."""
    return {
        "changed": False,
        "changes": [],
        "pins": [],
        "rotation_report": {phase: [] for phase in REPORTED},
        "notes": [],
    }


def _rotation(about: Sequence[PinLine], now: float) -> Mapping[str, List[Result]]:
    phases = rotation_report(about, now)
    return {phase: _keys(entries) for phase, entries in phases.items()}


def _keys(entries: Iterable[KnownHost]) -> List[Result]:
    return [key_words(entry.key, entry.marker) for entry in entries]


def _rotation_notes(report: PinReport) -> Tuple[str, ...]:
    rotation = report.rotation
    if rotation is None:
        return ()
    if not rotation.announced:
        return ("the server announces no keys: no key can be learned from it",)
    return tuple(f"the server no longer announces {key.key_type} {key.fingerprint}" for key in rotation.unannounced)


def _summary(report: PinReport, *, check_mode: bool) -> str:
    """Return one line for people: "2 pins added, 1 pin removed"."""
    counts = {action: sum(each.action == action for each in report.plan.changes) for action in _VERBS}
    will = "to be " if check_mode else ""
    parts = [
        "%d %s %s%s" % (number, "pin" if number == 1 else "pins", will, _VERBS[action])
        for action, number in counts.items()
        if number
    ]
    unlisted = sum(not pinned for _key_shown, pinned in report.offered or ())
    if unlisted:
        parts.append("%d offered %s not pinned" % (unlisted, "key is" if unlisted == 1 else "keys are"))
    return ", ".join(parts if report.plan.changes else ["nothing to do", *parts])


def _text(content: bytes) -> str:
    lines = content.decode("utf-8", "surrogateescape").split("\n")
    return "\n".join(plain(line.replace("\t", " ")) for line in lines)
