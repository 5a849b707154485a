# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as data for programs. Identifiers follow from the content: the same report makes the same file.

- OSCAL 1.1.2 assessment-results: the format knows satisfied and not-satisfied alone; properties have the state of the
  report.
- SARIF 2.1.0, for code scanning and dashboards: a finding is a result of its host; a control that was not measured is
  a result of the kind "open".
- JUnit XML: a case for each control. Not measured and exempt cases are skipped, with the reason.
- audit.json, described by docs/audit.schema.json; and the states of an earlier audit.json.
"""

from __future__ import annotations

import json
import re
import uuid
from typing import Any, Dict, Iterator, List, Mapping, Tuple
from xml.sax.saxutils import escape, quoteattr

from ..model.display import display_text
from ..model.human import counted
from ..model.utc import utc
from .report import EXEMPT, FAIL, NOT_MEASURED, PASS, STATES, Report, Row, counts

_NAMESPACE = "https://github.com/secure-ftp-synchronize/audit"
_OURS = uuid.uuid5(uuid.NAMESPACE_URL, _NAMESPACE)
_VERSION = "1.1.2"
_REASONS = {PASS: "pass", FAIL: "fail", NOT_MEASURED: "other", EXEMPT: "other"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SCHEMA = 1


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
        "description": f"Controls of secure FTP, measured on {counted(len(report.hosts), 'host')}.",
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
            "import-ap": {"href": f"#{_id(report, 'plan')}"},
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
            "title": f"{each.what} of {each.host}",
            "description": _literal(each.reason or f"{each.source}, by {each.method}"),
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
    target: Dict[str, Any] = {"type": "objective-id", "target-id": f"{_name(row)}_obj", "status": status}
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
    return f"sftp-{row.control}"


def _id(report: Report, *words: str) -> str:
    """Return a version 5 identifier of a part of the report."""
    return str(uuid.uuid5(_OURS, "\0".join((utc(report.made), report.title, *words))))


def sarif_data(report: Report) -> Dict[str, Any]:
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
        yield _result(row, index, "pass", "none", f"{row.title}: pass")
    elif not row.findings and not row.missing:
        yield {**_result(row, index, "open", "none", row.reason), **_suppressed(row)}
    for finding in row.findings:
        text = f"{finding.host}: {finding.observed}; wanted: {finding.wanted}"
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
        "message": {"text": _sarif_text(text or row.title)},
        "properties": {"state": row.state},
    }
    if host:
        result["locations"] = [{"logicalLocations": [{"name": host, "kind": "resource"}]}]
    return result


def _sarif_text(text: str) -> str:
    """Return the message that shows this text: no link, and no placeholder (SARIF 2.1.0, 3.11.5 and 3.11.6)."""
    for char in "\\[]":
        text = text.replace(char, "\\" + char)
    return text.replace("{", "{{").replace("}", "}}")


def _suppressed(row: Row) -> Dict[str, Any]:
    if row.state != EXEMPT:
        return {}
    words = "; ".join(each.words() for each in row.exemptions)
    return {"suppressions": [{"kind": "external", "status": "accepted", "justification": words}]}


def junit_text(report: Report) -> str:
    """Return the content of audit.junit.xml."""
    number = counts(report)
    numbers = 'tests="%d" failures="%d" errors="0" skipped="%d"' % (
        *(len(report.rows), number[FAIL], number[NOT_MEASURED] + number[EXEMPT]),
    )
    head = f'<testsuite name={_quoted(report.title)} {numbers} time="0" timestamp="{utc(report.made)[:-1]}">'
    cases = "".join(_case(row) for row in report.rows)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n{head}\n{cases}</testsuite>\n</testsuites>\n'


def _case(row: Row) -> str:
    head = f'<testcase classname="control {row.control}" name={_quoted(row.title)} time="0"'
    if row.state == FAIL:
        message = f"<failure message={_quoted(row.reason)} type={_quoted(row.severity)}>{_lines(row)}</failure>"
    elif row.state in (NOT_MEASURED, EXEMPT):
        message = f"<skipped message={_quoted(_why(row))}/>"
    else:
        return f"{head}/>\n"
    return f"{head}>{message}</testcase>\n"


def _why(row: Row) -> str:
    words = [row.state.replace("_", " "), row.reason]
    words += ["%s: %s" % each for each in row.missing]
    words += [each.words() for each in row.exemptions]
    return "; ".join(filter(None, words))


def _lines(row: Row) -> str:
    lines: List[str] = ["%s: %s; wanted: %s" % each[:3] for each in row.findings]
    lines += ["%s: not measured: %s" % each for each in row.missing]
    return escape("\n".join(_plain(line) for line in lines))


def _quoted(text: str) -> str:
    return quoteattr(_plain(text))


def _plain(text: str) -> str:
    return _NOT_XML.sub("?", display_text(text))


def report_data(report: Report) -> Dict[str, Any]:
    """Return the content of audit.json."""
    return {
        "schema": SCHEMA,
        "title": report.title,
        "made": utc(report.made),
        "generator": f"secure.ftp_synchronize {report.version}",
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
        raise ValueError(f"its schema is not {SCHEMA}")
    try:
        states = {str(row["control"]): str(row["state"]) for row in data["rows"]}
        made = str(data["made"])
    except (KeyError, TypeError):
        raise ValueError("it has another form") from None
    if not set(states.values()) <= set(STATES):
        raise ValueError("it has an unknown state")
    return states, made
