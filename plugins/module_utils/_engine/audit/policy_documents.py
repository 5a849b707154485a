# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The declared policies, each sentence next to the measurement of the controls that it is about. Pure.

    declared text, its statements, limits of the audit + rows of the report -> documents

- A statement is measured by the controls that its author names; a limit, by the controls that apply it.
- A statement without a control has no state, and its line names that.
- The worst state of its controls is the state of a sentence.
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Sequence, Tuple

from ..model.utc import utc
from .control import TITLES, NotMeasured
from .controls.policies import MEASURED_BY, POLICIES
from .forms import FORMS, fits
from .policy import Policy
from .report import FAIL, NOT_MEASURED, STATES, Observation, Report, Row
from .values import moment

ALONE = "No sentence of this text names its controls, so none of them is measured by itself."
UNMEASURED = "no control measures this sentence"
_MOST = 3
"""Findings of a line."""
_LIMITS: Mapping[str, Sequence[Tuple[str, str]]] = {
    "2.1": (("key_types", "keys of the types %s"), ("rsa_bits", "RSA of %s bits or more")),
    "2.2": (("password_max_age", "passwords of at most %s"),),
    "5.3": (("key_max_age", "keys of at most %s"), ("certificate_min_left", "certificates with at least %s left")),
    "8.2": (("certificate_max_ttl", "certificates of at most %s"),),
    "10.2": (("retention_max", "data kept at most %s"), ("review_max_age", "policies approved in the last %s")),
}
"""Control -> the limits of the policy that it applies, and their words."""
_AGED: Mapping[Tuple[str, str], Tuple[str, str]] = {
    ("10.2", "retention"): ("written", "path"),
    ("10.2", "job_runs"): ("oldest", "job"),
    ("5.3", "key_files"): ("changed", "path"),
    ("2.2", "passwords"): ("changed", "account"),
}
"""Control and observation -> the field with a time, and the field with a name."""


class Line(NamedTuple):
    """One sentence. measured: for people; state: of STATES, or "" if no control measures it."""

    declared: str
    measured: str
    state: str = ""
    controls: Tuple[str, ...] = ()


class PolicyDocument(NamedTuple):
    """One policy.

    approved_by, approved, due: empty if it is not declared; approved and due are days
    sentences: listed by the author of the policy
    limits: the requirements that the audit applies for it
    """

    name: str
    text: str
    approved_by: str
    approved: str
    due: str
    sentences: Tuple[Line, ...]
    limits: Tuple[Line, ...]


def policy_documents(report: Report) -> Tuple[PolicyDocument, ...]:
    """Return the documents of all policies, in their order; none if no policy is declared."""
    rows = {row.control: row for row in report.rows}
    declared = {each["name"]: each for each in _declared(rows)}
    return tuple(_document(name, declared.get(name), rows, report.policy) for name in MEASURED_BY if declared)


def _declared(rows: Mapping[str, Row]) -> Iterator[Dict[str, Any]]:
    row = rows.get(POLICIES.number)
    for each in row.observations if row is not None else ():
        if each.what == "policies" and fits(each.value, FORMS["policies"]):
            yield from each.value


def _document(name: str, given: Any, rows: Mapping[str, Row], policy: Policy) -> PolicyDocument:
    limits = tuple(_limits(name, rows, policy))
    if given is None:
        return PolicyDocument(name, "", "", "", "", (), limits)
    sentences = tuple(_line(each["text"], each["controls"], rows) for each in given["statements"])
    due = utc(_moment(given["approved"]) + policy.review_max_age)[:10]
    return PolicyDocument(name, given["text"], given["approved_by"], given["approved"][:10], due, sentences, limits)


def _limits(name: str, rows: Mapping[str, Row], policy: Policy) -> Iterator[Line]:
    """Yield the requirements that the audit applies for a policy, each with its limit."""
    words = policy.words()
    for control in MEASURED_BY[name]:
        if control in rows:
            limits = [text % words[limit] for limit, text in _LIMITS.get(control, ())]
            declared = f"{TITLES[control]}: {', '.join(limits)}" if limits else TITLES[control]
            yield _line(declared, [control], rows)


def _line(declared: str, controls: Sequence[str], rows: Mapping[str, Row]) -> Line:
    found = [rows[each] for each in controls if each in rows]
    if not found:
        return Line(declared, UNMEASURED)
    worst = min((row.state for row in found), key=STATES.index)
    measured = "; ".join(part for row in found for part in _measured(row))
    return Line(declared, measured, worst, tuple(row.control for row in found))


def _measured(row: Row) -> Iterator[str]:
    if row.state == FAIL:
        shown = [f"{each.host}: {each.observed}" for each in row.findings[:_MOST]]
        more = len(row.findings) - len(shown)
        yield "; ".join(shown) + (f" (and {more} more)" if more > 0 else "")
    elif row.state == NOT_MEASURED:
        yield _first_missing(row)
    elif row.reason:
        yield row.reason
    else:
        yield f"no finding on {', '.join(row.hosts)}"
    yield from _extremes(row)


def _first_missing(row: Row) -> str:
    shown = ["%s: %s" % each for each in row.missing[:_MOST]]
    return f"not measured: {'; '.join(shown)}" if shown else row.reason


def _extremes(row: Row) -> Iterator[str]:
    """Yield the oldest thing of a row that is about ages."""
    found: List[Tuple[int, str]] = []
    for each in row.observations:
        field, words = _AGED.get((row.control, each.what), ("", ""))
        if field and fits(each.value, FORMS[each.what]):
            found += _moments(each, field, words)
    if found:
        oldest, words = min(found)
        yield f"the oldest: {words}, of {utc(oldest)[:10]}"


def _moments(seen: Observation, field: str, name: str) -> Iterator[Tuple[int, str]]:
    for each in seen.value:
        if each[field] and each.get("kind") != "directory":
            try:
                yield moment(each[field]), f"{each[name]} on {seen.host}"
            except NotMeasured:
                continue


def _moment(text: str) -> int:
    try:
        return moment(text)
    except NotMeasured:
        return 0
