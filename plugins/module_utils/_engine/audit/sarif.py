# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as SARIF 2.1.0, for code scanning and dashboards.

A finding is a result of its host; a control that was not measured is a result of the kind "open".
"""

from __future__ import annotations

from typing import Any, Dict, Iterator

from ..model.utc import utc
from .report import Report
from .row import EXEMPT, PASS, Row

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}


def sarif_data(report: Report) -> Dict[str, Any]:
    """Return the content of audit.sarif."""
    driver = {
        "name": "secure.ftp_synchronize audit",
        "semanticVersion": report.version,
        "rules": [_rule(row) for row in report.rows],
    }
    results = [result for index, row in enumerate(report.rows) for result in _results(row, index)]
    invocation = {"executionSuccessful": True, "endTimeUtc": utc(report.made)}
    run = {"tool": {"driver": driver}, "invocations": [invocation], "results": results}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(row: Row) -> Dict[str, Any]:
    rule: Dict[str, Any] = {
        "id": row.control,
        "name": row.title,
        "shortDescription": {"text": row.title},
        "defaultConfiguration": {"level": _LEVELS[row.severity]},
    }
    if row.wanted:
        rule["fullDescription"] = {"text": row.wanted}
    if row.cure:
        rule["help"] = {"text": row.cure}
    return rule


def _results(row: Row, index: int) -> Iterator[Dict[str, Any]]:
    if row.state == PASS:
        yield _result(row, index, "pass", "none", "%s: pass" % row.title)
    elif not row.findings and not row.missing:
        yield {**_result(row, index, "open", "none", row.reason), **_suppressed(row)}
    for finding in row.findings:
        text = "%s: %s; wanted: %s" % (finding.host, finding.observed, finding.wanted)
        yield {
            **_result(row, index, "fail", _LEVELS[finding.severity], text, finding.host),
            **_suppressed(row),
        }
    for missing in row.missing:
        text = "%s: not measured: %s" % missing
        yield {**_result(row, index, "open", "none", text, missing.host), **_suppressed(row)}


def _result(row: Row, index: int, kind: str, level: str, text: str, host: str = "") -> Dict[str, Any]:
    result: Dict[str, Any] = {
        "ruleId": row.control,
        "ruleIndex": index,
        "kind": kind,
        "level": level,
        "message": {"text": _literal(text or row.title)},
        "properties": {"state": row.state},
    }
    if host:
        result["locations"] = [{"logicalLocations": [{"name": host, "kind": "resource"}]}]
    return result


def _literal(text: str) -> str:
    """Return the message that shows this text: no link, and no placeholder (SARIF 2.1.0, 3.11.5 and 3.11.6)."""
    for char in "\\[]":
        text = text.replace(char, "\\" + char)
    return text.replace("{", "{{").replace("}", "}}")


def _suppressed(row: Row) -> Dict[str, Any]:
    if row.state != EXEMPT:
        return {}
    words = "; ".join(each.words() for each in row.exemptions)
    return {"suppressions": [{"kind": "external", "status": "accepted", "justification": words}]}
