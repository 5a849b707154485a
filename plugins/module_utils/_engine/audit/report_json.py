# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as data: audit.json, described by docs/audit.schema.json; and the states of an earlier audit.json."""

from __future__ import annotations

import json
from typing import Any, Dict, Mapping, Tuple

from ..model.utc import utc
from .report import Report, counts
from .row import STATES, Row

SCHEMA = 1


def report_data(report: Report) -> Dict[str, Any]:
    """Return the content of audit.json."""
    return {
        "schema": SCHEMA,
        "title": report.title,
        "made": utc(report.made),
        "generator": "secure.ftp_synchronize %s" % report.version,
        "hosts": list(report.hosts),
        "policy": report.policy.words(),
        "counts": dict(counts(report)),
        "previous": _previous(report),
        "changes": [{"control": row.control, "before": before, "state": row.state} for row, before in report.changes()],
        "rows": [_row(row) for row in report.rows],
    }


def _previous(report: Report) -> Dict[str, Any]:
    return {"made": report.before_made or None, "problem": report.before_problem or None}


def _row(row: Row) -> Dict[str, Any]:
    return {
        "control": row.control,
        "title": row.title,
        "state": row.state,
        "severity": row.severity,
        "wanted": row.wanted,
        "reason": row.reason,
        "cure": row.cure,
        "not_covered": row.beyond,
        "hosts": list(row.hosts),
        "findings": [each._asdict() for each in row.findings],
        "missing": [each._asdict() for each in row.missing],
        "observations": [each._asdict() for each in row.observations],
        "exemptions": [
            {"who": each.who, "why": each.why, "until": each.until, "hosts": list(each.hosts)}
            for each in row.exemptions
        ],
    }


def read_states(text: str) -> Tuple[Mapping[str, str], str]:
    """Return the state of each control of an earlier audit.json, and its time. Raises ValueError."""
    data = json.loads(text)
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise ValueError("its schema is not %d" % SCHEMA)
    try:
        states = {str(row["control"]): str(row["state"]) for row in data["rows"]}
        made = str(data["made"])
    except (KeyError, TypeError):
        raise ValueError("it has another form") from None
    if not set(states.values()) <= set(STATES):
        raise ValueError("it has an unknown state")
    return states, made
