# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as OSCAL 1.1.2 assessment-results. Its format knows satisfied and not-satisfied alone; properties have the
state of the report. Identifiers follow from the content: the same report makes the same file.
"""

from __future__ import annotations

import re
import uuid
from typing import Any, Dict, List

from ..model.utc import utc
from .report import Report
from .row import EXEMPT, FAIL, NOT_MEASURED, PASS, Row

_NAMESPACE = "https://github.com/secure-ftp-synchronize/audit"
_OURS = uuid.uuid5(uuid.NAMESPACE_URL, _NAMESPACE)
_VERSION = "1.1.2"
_REASONS = {PASS: "pass", FAIL: "fail", NOT_MEASURED: "other", EXEMPT: "other"}


def oscal_data(report: Report) -> Dict[str, Any]:
    """Return the content of audit.oscal.json."""
    made = utc(report.made)
    metadata = {
        "title": report.title,
        "last-modified": made,
        "version": report.version,
        "oscal-version": _VERSION,
    }
    result = {
        "uuid": _id(report, "result"),
        "title": report.title,
        "start": made,
        "end": made,
        "description": "Controls of secure FTP, measured on %d hosts." % len(report.hosts),
        "reviewed-controls": {
            "control-selections": [{"include-controls": [{"control-id": _name(row)} for row in report.rows]}]
        },
        "observations": [each for row in report.rows for each in _observations(report, row)],
        "findings": [_finding(report, row) for row in report.rows],
    }
    if not result["observations"]:
        del result["observations"]
    return {
        "assessment-results": {
            "uuid": _id(report, "assessment"),
            "metadata": metadata,
            "import-ap": {"href": "#%s" % _id(report, "plan")},
            "results": [result],
            "back-matter": {"resources": [_plan(report)]},
        }
    }


def _plan(report: Report) -> Dict[str, Any]:
    words = "The policy and the scope of audit_report take the place of an assessment plan."
    return {"uuid": _id(report, "plan"), "title": "Scope and policy", "description": words}


def _observations(report: Report, row: Row) -> List[Dict[str, Any]]:
    return [
        {
            "uuid": _id(report, "observation", row.control, each.host, each.what),
            "title": "%s of %s" % (each.what, each.host),
            "description": _literal(each.reason or "%s, by %s" % (each.source, each.method)),
            "methods": ["TEST"],
            "collected": utc(report.made),
            "props": _props(host=each.host, sha256=each.sha256, time=each.time),
        }
        for each in row.observations
    ]


def _finding(report: Report, row: Row) -> Dict[str, Any]:
    remarks = "; ".join(
        [
            *filter(None, [row.reason]),
            *("%s: %s; wanted: %s" % each[:3] for each in row.findings),
            *("%s: not measured: %s" % each for each in row.missing),
        ]
    )
    status = {"state": "satisfied" if row.state == PASS else "not-satisfied", "reason": _REASONS[row.state]}
    target: Dict[str, Any] = {"type": "objective-id", "target-id": "%s_obj" % _name(row), "status": status}
    if remarks:
        status["remarks"] = _literal(remarks)
    finding: Dict[str, Any] = {
        "uuid": _id(report, "finding", row.control),
        "title": row.title,
        "description": _literal(row.wanted or row.title),
        "props": _props(state=row.state, severity=row.severity),
        "target": target,
    }
    related = [{"observation-uuid": each["uuid"]} for each in _observations(report, row)]
    return {**finding, "related-observations": related} if related else finding


def _literal(text: str) -> str:
    """Return the Markdown that shows this text (OSCAL, markup-multiline): no link, no HTML."""
    return re.sub(r"([\\`*_{}\[\]<>()#+.!|~-])", r"\\\1", text)


def _props(**values: str) -> List[Dict[str, str]]:
    return [{"name": name, "ns": _NAMESPACE, "value": value.strip()} for name, value in values.items() if value.strip()]


def _name(row: Row) -> str:
    return "sftp-%s" % row.control


def _id(report: Report, *words: str) -> str:
    """Return a version 5 identifier of a part of the report."""
    return str(uuid.uuid5(_OURS, "\0".join((utc(report.made), report.title, *words))))
