# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as one HTML file: failures, controls without a measurement, exemptions, passes.

Bars show the ages of keys, certificates and lists.
"""

from __future__ import annotations

from typing import Any, Iterator, List, Mapping, NamedTuple, Sequence, Tuple

from ..model.human import counted
from ..model.utc import utc
from ..report_page.chart import gauge, strip
from ..report_page.markup import Markup, element, join
from ..report_page.page import Column, page, section, table, tile, tiles
from .control import NotMeasured
from .controls.policies import MEASURED_BY, POLICIES
from .forms import FORMS, fits
from .judging import NO_CHECK
from .policy import Policy, span
from .report import EXEMPT, FAIL, NOT_MEASURED, PASS, STATES, Observation, Report, Row, counts
from .values import moment

_HEADINGS = {FAIL: "Failures", NOT_MEASURED: "Not measured", EXEMPT: "Exempt", PASS: "Passes"}
_MOST = 50
"""Findings, ages and hosts of a row that are listed; audit.json has all."""
SIGNS = {FAIL: "✗", NOT_MEASURED: "?", EXEMPT: "◇", PASS: "✓"}
WORDS = {FAIL: "fail", NOT_MEASURED: "not measured", EXEMPT: "exempt", PASS: "pass"}
KINDS = {FAIL: "bad", NOT_MEASURED: "open", EXEMPT: "soft", PASS: "good"}
"""Classes of the style."""


def report_html(report: Report) -> str:
    return page(
        report.title,
        *(_tiles(report), _overview(report), _changes(report), _every(report)),
        *(_state(report, state) for state in STATES if report.in_state(state)),
        *_policies(report),
        _limits(report),
        _footer(report),
        subtitle=f"{moment_words(report.made)} UTC, {counted(len(report.hosts), 'host')}",
    )


def _tiles(report: Report) -> Markup:
    number = counts(report)
    return tiles(
        tile("Failures", f"{number[FAIL]}" if number[FAIL] else "none", state="bad" if number[FAIL] else "good"),
        tile("Not measured", f"{number[NOT_MEASURED]}", f"of {len(report.rows)} controls"),
        tile("Exempt", f"{number[EXEMPT]}", "by a decision with an end"),
        tile("Passes", f"{number[PASS]}", "measured on every host"),
    )


def _overview(report: Report) -> Markup:
    cells = [(KINDS[row.state], f"{row.control} {row.title}: {WORDS[row.state]}") for row in report.rows]
    words = ", ".join(f"{number} {WORDS[state]}" for state, number in counts(report).items() if number)
    picture = strip(cells, f"All controls from {report.rows[0].control} to {report.rows[-1].control}", words)
    keys = (element("span", _key(KINDS[state]), WORDS[state], class_="key") for state in STATES)
    return section("Overview", element("div", picture, element("p", *keys, class_="soft"), class_="card"))


def _key(kind: str) -> Markup:
    square = element("rect", x=1, y=1, width=10, height=10, class_=f"cell-{kind}")
    return element("svg", square, viewBox="0 0 12 12", aria_hidden="true")


def _changes(report: Report) -> Markup:
    if report.before is None:
        words = report.before_problem or "This is the first report of its directory."
        return section("Changes", element("p", words, class_="card"))
    heading = f"Changes since {report.before_made.replace('T', ' ').replace('Z', ' UTC')}"
    rows = [
        [_link(row), join([WORDS[before]]), state_word(row.state), join([row.reason or "every host was measured"])]
        for row, before in report.changes()
    ]
    if not rows:
        return section(heading, element("p", "No control changed its state.", class_="card"))
    columns = [Column("Control"), Column("Before", "fixed"), Column("Now", "fixed"), Column("Reason")]
    return section(heading, table("Controls with another state than in the report before", columns, rows))


def _link(row: Row) -> Markup:
    return element("a", f"{row.control} {row.title}", href=f"#{_anchor(row)}")


def _anchor(row: Row) -> str:
    return f"control-{row.control.replace('.', '-')}"


def _every(report: Report) -> Markup:
    """Return the list of all controls, in the order of the page."""
    columns = [Column("Control"), Column("State", "fixed"), Column("Result")]
    lines = (
        [_link(row), state_word(row.state), join([_result(row)])] for state in STATES for row in report.in_state(state)
    )
    return section("All controls", table("Each control of this report, failures first", columns, lines))


def _result(row: Row) -> str:
    return row.reason or f"measured on {counted(len(row.hosts), 'host')}, no finding"


def _state(report: Report, state: str) -> Markup:
    rows = report.in_state(state)
    plain = [row for row in rows if row.reason == NO_CHECK]
    parts = [_card(report, row) for row in rows if row.reason != NO_CHECK]
    if plain:
        parts.append(_without_check(plain))
    return section(f"{SIGNS[state]} {_HEADINGS[state]}", *parts)


def _without_check(rows: Sequence[Row]) -> Markup:
    with_exemption = any(row.exemptions for row in rows)
    columns = [Column("Control", "fixed"), Column("Title"), Column("Exemption")][: 2 + with_exemption]
    lines = (
        [element("span", row.control, id=_anchor(row)), join([row.title]), _exemption_words(row)][: len(columns)]
        for row in rows
    )
    return element("div", table("Controls without a check in this version", columns, lines), class_="block")


def _exemption_words(row: Row) -> Markup:
    return join(["; ".join(each.words() for each in row.exemptions)])


def _card(report: Report, row: Row) -> Markup:
    heading = element("h3", f"{row.control} {row.title} ", state_word(row.state), id=_anchor(row))
    parts = [*_facts(row), *_findings(row), *_missing(row), *_ages(report, row), *_repeat(row)]
    return element("section", heading, *parts, class_=f"card row-{KINDS[row.state]}")


def _facts(row: Row) -> Iterator[Markup]:
    facts = {
        "Requirement": row.wanted,
        "Result": _result(row),
        "Hosts": _names(row.hosts),
        "Exemption": _exemption_words(row),
        "Cure": row.cure if row.state == FAIL else "",
        "Not covered": row.beyond,
    }
    lines = [each for label, value in facts.items() if value for each in (element("dt", label), element("dd", value))]
    yield element("dl", *lines, class_="facts")


def _names(hosts: Sequence[str]) -> str:
    more = len(hosts) - _MOST
    return ", ".join(hosts[:_MOST]) + (f" and {counted(more, 'more host')}" if more > 0 else "")


def _findings(row: Row) -> Iterator[Markup]:
    if row.findings:
        columns = [Column("Host"), Column("Observed"), Column("Wanted"), Column("Severity", "fixed")]
        lines = (
            [join([each.host]), element("code", each.observed), join([each.wanted]), join([each.severity])]
            for each in row.findings[:_MOST]
        )
        yield table("Findings", columns, lines)
        yield from _left_out(len(row.findings))


def _missing(row: Row) -> Iterator[Markup]:
    if row.missing:
        lines = ([join([each.host]), join([each.reason])] for each in row.missing[:_MOST])
        yield table("Not measured", [Column("Host"), Column("Reason")], lines)
        yield from _left_out(len(row.missing))


def _ages(report: Report, row: Row) -> Iterator[Markup]:
    found = sorted(ages(row, report.policy, report.made), key=lambda each: each.age / max(each.most, 1), reverse=True)
    if found:
        columns = [Column("Host"), Column("Item"), Column("Age", "number"), Column("Limit", "number"), Column("Share")]
        yield table("Ages, the nearest to its limit first", columns, (_age(each) for each in found[:_MOST]))
        yield from _left_out(len(found))


def _age(each: Age) -> List[Markup]:
    age, most = span(each.age), span(each.most)
    picture = gauge(each.age / max(each.most, 1), f"{age} of {most}")
    return [join([each.host]), element("code", each.item), join([age]), join([most]), picture]


def _repeat(row: Row) -> Iterator[Markup]:
    if not row.observations:
        return
    columns = [Column("Host"), Column("Observation"), Column("Repeat with"), Column("Time (UTC)"), Column("SHA-256")]
    lines = (
        [
            *(join([each.host]), element("span", each.what, " (", each.source, ")"), element("code", each.method)),
            *(join([each.time.replace("T", " ").rstrip("Z")]), element("code", each.sha256[:16])),
        ]
        for each in row.observations[:_MOST]
    )
    summary = element("summary", f"Repeat the measurement of {row.control}")
    rows = table("The values are in audit.json", columns, lines)
    yield element("details", summary, rows, *_left_out(len(row.observations)))


def _left_out(number: int) -> Iterator[Markup]:
    if number > _MOST:
        yield element("p", f"{number - _MOST} more are in audit.json.", class_="note")


def _policies(report: Report) -> Iterator[Markup]:
    """Yield the declared policies, each with the state of the controls that measure it."""
    states = {row.control: row for row in report.rows}
    seen = (
        [each for each in states[POLICIES.number].observations if each.what == "policies"]
        if POLICIES.number in states
        else []
    )
    lines = [
        [
            *(join([each["name"]]), join([each["text"]])),
            *(join([f"{each['approved_by']}, {each['approved'][:10]}"]), _measured(each["name"], states)),
        ]
        for observation in seen
        if fits(observation.value, FORMS["policies"])
        for each in observation.value
    ]
    if lines:
        columns = [Column("Policy"), Column("Declared"), Column("Approved", "fixed"), Column("Measured")]
        yield section(
            "Policies", _sentences(), table("Declared policies, and the controls that measure them", columns, lines)
        )


def _sentences() -> Markup:
    return element("p", "policies.html and policies.md show each sentence with its measurement.", class_="soft")


def _measured(name: str, rows: Mapping[str, Row]) -> Markup:
    found = [rows[control] for control in MEASURED_BY.get(name, ()) if control in rows]
    if not found:
        return join(["no control measures it"])
    return join(part for row in found for part in (element("p", _link(row), " ", state_word(row.state)),))


def _limits(report: Report) -> Markup:
    rows = ([element("code", name), join([value])] for name, value in report.policy.words().items())
    hosts = element("p", f"Hosts: {', '.join(report.hosts)}") if report.hosts else ""
    return section("Scope and limits", hosts, table("Declared limits", [Column("Limit"), Column("Value")], rows))


def _footer(report: Report) -> Markup:
    return element(
        "footer",
        element(
            "p", f"secure.ftp_synchronize {report.version}. A pass needs every host, measured now, without a finding."
        ),
        element("p", "SHA256SUMS has the digests of all files of this report."),
    )


def state_word(state: str) -> Markup:
    return element("span", f"{SIGNS[state]} {WORDS[state]}", class_=f"state state-{KINDS[state]}")


def moment_words(moment: float) -> str:
    """Return a time in UTC, to the minute."""
    return utc(moment)[:16].replace("T", " ")


class Age(NamedTuple):
    """age, most: seconds. most: the limit."""

    host: str
    item: str
    age: float
    most: float


def ages(row: Row, policy: Policy, now: float) -> Tuple[Age, ...]:
    """Return the ages of a row whose control is about ages; none for other rows."""
    return tuple(age for each in row.observations for age in _of(row.control, each, policy, now))


def _of(control: str, seen: Observation, policy: Policy, now: float) -> Iterator[Age]:
    measure = _MEASURES.get((control, seen.what))
    if measure is None or not fits(seen.value, FORMS[seen.what]):
        return
    try:
        found = [Age(seen.host, *each) for each in measure(seen.value, policy, now)]
    except NotMeasured:
        return
    yield from (each for each in found if each.age >= 0)  # a future time has no age, and is a finding


def _keys(value: Any, policy: Policy, now: float) -> Iterator[Tuple[str, float, float]]:
    for each in value:
        if each["kind"] != "directory":
            yield each["path"], now - moment(each["changed"]), policy.key_max_age


def _certificates(value: Any, policy: Policy, now: float) -> Iterator[Tuple[str, float, float]]:
    for each in value["certificates"]:
        begun, ends = moment(each["not_before"]), moment(each["not_after"])
        yield f"certificate until {each['not_after'][:10]}", now - begun, ends - begun - policy.certificate_min_left


def _list(value: Any, policy: Policy, now: float) -> Iterator[Tuple[str, float, float]]:
    if value["form"] == "krl":
        yield value["path"], now - moment(value["date"]), policy.revocation_list_max_age


_MEASURES: Mapping[Tuple[str, str], Any] = {
    ("5.3", "key_files"): _keys,
    ("5.3", "tls"): _certificates,
    ("10.1", "revocation_list"): _list,
}
