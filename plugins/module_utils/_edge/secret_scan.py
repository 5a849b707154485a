# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module secret_scan: secrets in files and logs, found without being shown."""

from __future__ import annotations

import os
import time
from typing import Any, Dict, Iterator, List, Optional

from .._engine.errors import InvalidRequest
from .._engine.model.display import plain
from .._engine.model.utc import utc
from .._engine.secret_scan.detected import UnusableBaseline
from .._engine.secret_scan.found import Found
from .._engine.secret_scan.known_values import Value
from .._engine.secret_scan.scan import ScanReport, ScanRequest, scan
from .._engine.secret_scan.sources import JOURNAL, at_once
from . import quantities
from .contract import Params, Result, Task
from .findings import FAIL_ON, counts, not_met, summary

KNOWN_VARIABLES = "_known_variables"
"""The option by which the action hands over the values of `known_from`; None for a value that it could not evaluate."""
_LARGEST_BASELINE = 64 << 20
"""Characters; a longer file is no JSON then."""


def spec() -> Dict[str, Any]:
    return {
        "argument_spec": {
            "paths": {"type": "list", "elements": "path", "default": []},
            "logs": {"type": "list", "elements": "str", "default": []},
            "known": {"type": "list", "elements": "str", "default": [], "no_log": True},
            "known_from": {"type": "list", "elements": "str", "default": []},
            KNOWN_VARIABLES: {"type": "dict", "no_log": True},
            "baseline": {"type": "path"},
            "fail_on": {"type": "str", "choices": list(FAIL_ON), "default": "high"},
            "max_listed": {"type": "int", "default": 100},
        },
    }


def request(task: Task) -> ScanRequest:
    given = task.params
    quantities.count("max_listed", given["max_listed"])
    logs = [each if each == JOURNAL else os.path.expanduser(each) for each in given["logs"]]
    if not given["paths"] and not logs:
        raise InvalidRequest("paths and logs: both are empty", cure="Name the files or directories to scan in paths.")
    path = given["baseline"]
    return ScanRequest(given["paths"], logs, tuple(_known(given)), _baseline(path), os.path.basename(path or ""))


def run(task: Task) -> Result:
    wanted = request(task)
    try:
        report = scan(wanted)
    except UnusableBaseline as error:
        raise InvalidRequest(
            f"baseline: {plain(task.params['baseline'])} {plain(str(error))}",
            cure="Write it with: detect-secrets scan > FILE, without options for plugins, filters and exclusions.",
        ) from None
    return result(report, task, _not_evaluated(task.params))


def result(report: ScanReport, task: Task, not_evaluated: List[str]) -> Result:
    given = task.params
    not_checked = [plain(each) for each in (*not_evaluated, *report.not_checked)]
    message = summary(report.findings) + (f"; not checked: {len(not_checked)}" if not_checked else "")
    return {
        "changed": False,
        "time": utc(time.time()),
        "findings": [_finding(each) for each in report.findings[: given["max_listed"]]],
        "counts": counts(report.findings),
        "checked": {"files": report.files, "lines": report.lines, "values": report.values},
        "not_checked": not_checked,
        "msg": message,
        **not_met(report.findings, given["fail_on"], _subject(given), "secret_scan"),
    }


def blank() -> Result:
    checked = {"files": 0, "lines": 0, "values": 0}
    return {"changed": False, "findings": [], "counts": counts(()), "checked": checked, "not_checked": []}


def _known(given: Params) -> Iterator[Value]:
    yield from (Value(f"known item {number}", text) for number, text in enumerate(given["known"], 1))
    variables = given[KNOWN_VARIABLES] or {}
    yield from (Value(name, str(text)) for name, text in variables.items() if text is not None)


def _not_evaluated(given: Params) -> List[str]:
    variables = given[KNOWN_VARIABLES] or {}
    return [f"{name}: cannot be evaluated" for name, text in variables.items() if text is None]


def _baseline(path: Optional[str]) -> Optional[str]:
    if path is None:
        return None
    try:
        with open(path, encoding="utf-8", opener=at_once) as file:
            return file.read(_LARGEST_BASELINE)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise InvalidRequest(
            f"baseline: {plain(path)} cannot be read: {reason}", cure="Write it with: detect-secrets scan > FILE."
        ) from None


def _subject(given: Params) -> str:
    names: List[str] = given["paths"] + given["logs"]
    return names[0] if len(names) == 1 else f"{names[0]} (and {len(names) - 1} more)"


def _finding(found: Found) -> Result:
    return {
        "id": found.id,
        "severity": found.severity,
        "file": plain(found.file),
        "line": found.line,
        "kind": plain(found.kind),
        "pass": found.by,
        "mark": found.mark,
    }
