# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge controls: observations of all hosts and declarations in, rows out. Pure.

    host of the scope -> checks of its kinds -> gaps (findings), or the reason for which it is not measured
    findings and missing hosts - exemptions -> state

- `pass` needs every host of the scope, measured now, without a finding.
- A finding is `fail`, also while other hosts are missing.
- An observation that is older than the policy allows, or from the future, is a finding.
- A value of an unexpected form is not judged: its host is not measured.
- An optional check only adds findings. Without a usable observation it changes nothing.
- An exemption without who, why or until does not exist; after its last day it has no effect.
"""

from __future__ import annotations

from typing import Dict, Iterable, Iterator, List, Mapping, NamedTuple, Sequence, Tuple, Union

from ..model.findings import SEVERITIES
from ..model.human import counted
from ..model.utc import parse_utc
from .control import KINDS, TITLES, Check, Control, Named, Note, NotMeasured, Subject
from .forms import FORMS, fits
from .policy import Policy
from .report import EXEMPT, FAIL, NOT_MEASURED, PASS, Exemption, Finding, Missing, Observation, Row
from .values import CLOCKS_APART

NO_CHECK = "this version has no check for this control"
_Result = Union[Finding, Missing]
_States = Mapping[str, str]


class Host(NamedTuple):
    """One host of the scope, by the controller.

    kinds: of control.KINDS
    observations: by their names
    """

    name: str
    kinds: Tuple[str, ...]
    named: Named = Named()
    observations: Mapping[str, Observation] = {}


class Site(NamedTuple):
    """Everything that rows are judged from. now: seconds since 1970, by the controller."""

    hosts: Tuple[Host, ...]
    policy: Policy
    exemptions: Tuple[Exemption, ...]
    now: float


def judge_all(controls: Iterable[Control], site: Site) -> Tuple[Row, ...]:
    """Return a row for each control of the catalogue, in its order."""
    known = {each.number: each for each in controls}
    rows: List[Row] = []
    for number in TITLES:
        states = {row.control: row.state for row in rows}
        rows.append(_row(known[number], site, states) if number in known else _unknown(number, site))
    return tuple(rows)


def _unknown(number: str, site: Site) -> Row:
    return _unmeasured(Row(number, TITLES[number], NOT_MEASURED, "", "medium"), NO_CHECK, site)


def _row(control: Control, site: Site, states: _States) -> Row:
    kinds = tuple(dict.fromkeys(check.kind for check in control.checks))
    hosts = [host for host in site.hosts if set(kinds) & set(host.kinds)]
    results = [each for host in hosts for each in _results(control, host, site, states)]
    notes = dict.fromkeys(each.text for each in results if isinstance(each, Note))
    row = Row(
        control=control.number,
        title=TITLES[control.number],
        state=PASS,
        wanted=control.wanted,
        severity=control.severity,
        hosts=tuple(host.name for host in hosts),
        observations=tuple(each for host in hosts for each in _used(control, host, site)),
        findings=tuple(dict.fromkeys(each for each in results if isinstance(each, Finding))),
        missing=tuple(dict.fromkeys(each for each in results if isinstance(each, Missing))),
        cure=control.cure,
        beyond=" ".join(filter(None, [control.beyond, *notes])),
    )
    if not hosts:
        return _unmeasured(row, f"no host of the scope is {' or '.join(KINDS[kind] for kind in kinds)}", site)
    return _decided(row, site)


def _unmeasured(row: Row, reason: str, site: Site) -> Row:
    """Return a row without hosts; an exemption for all hosts covers it."""
    found = tuple(each for each in site.exemptions if not each.hosts and each.covers(row.control, "", site.now))
    return row._replace(state=EXEMPT if found else NOT_MEASURED, reason=reason, exemptions=found[:1])


def _decided(row: Row, site: Site) -> Row:
    """Return the row with its state and the exemptions that cover a part of it. They hide no finding."""
    applied: List[Exemption] = []

    def is_open(result: _Result) -> bool:
        covering = [each for each in site.exemptions if each.covers(row.control, result.host, site.now)]
        applied.extend(covering[:1])
        return not covering

    findings, missing = list(filter(is_open, row.findings)), list(filter(is_open, row.missing))
    row = row._replace(exemptions=tuple(dict.fromkeys(applied)))
    if findings:
        worst = min((each.severity for each in findings), key=SEVERITIES.index)
        return row._replace(state=FAIL, severity=worst, reason=_count(findings, missing))
    if missing:
        return row._replace(state=NOT_MEASURED, reason=_count(findings, missing))
    if applied:
        return row._replace(state=EXEMPT, reason=_count(row.findings, row.missing))
    return row


def _count(findings: Sequence[Finding], missing: Sequence[Missing]) -> str:
    hosts = {each.host for each in findings}, {each.host for each in missing}
    words = []
    if findings:
        words.append(f"{counted(len(findings), 'finding')} on {counted(len(hosts[0]), 'host')}")
    if missing:
        words.append(f"{counted(len(hosts[1]), 'host')} not measured")
    return ", ".join(words)


def _used(control: Control, host: Host, site: Site) -> Iterator[Observation]:
    needs = (what for check in control.checks if _applies(check, host, site) for what in check.needs)
    yield from (host.observations[what] for what in dict.fromkeys(needs) if what in host.observations)


def _results(control: Control, host: Host, site: Site, states: _States) -> Iterator[_Result | Note]:
    for check in control.checks:
        if not _applies(check, host, site):
            continue
        try:
            yield from _checked(check, host, site, states)
        except NotMeasured as reason:
            yield Missing(host.name, str(reason))


def _applies(check: Check, host: Host, site: Site) -> bool:
    if check.kind not in host.kinds or not check.optional:
        return check.kind in host.kinds
    try:
        return not [each for what in check.needs for each in _out_of_time(host, _observed(host, what), site)]
    except NotMeasured:
        return False


def _checked(check: Check, host: Host, site: Site, states: _States) -> Iterator[_Result | Note]:
    values: Dict[str, object] = {}
    for what in check.needs:
        observation = _observed(host, what)
        yield from _out_of_time(host, observation, site)
        values[what] = observation.value
    subject = Subject(host.name, host.named, values, site.policy, site.now, states)
    for each in check.judge(subject):
        if isinstance(each, NotMeasured):
            yield Missing(host.name, str(each))
        else:
            yield each if isinstance(each, Note) else Finding(host.name, *each)


def _observed(host: Host, what: str) -> Observation:
    """Return a usable observation. Raises NotMeasured."""
    found = host.observations.get(what)
    if found is None:
        raise NotMeasured(f"{what} was not observed")
    if found.value is None:
        raise NotMeasured(f"{what}: {found.reason or 'there is no value'}")
    if not fits(found.value, FORMS[what]):
        raise NotMeasured(f"{what}: the value has an unexpected form")
    return found


def _out_of_time(host: Host, observation: Observation, site: Site) -> Iterator[Finding]:
    wanted = f"an observation of the last {site.policy.evidence_max_age // 3600:.0f} hours"
    try:
        made = parse_utc(observation.time)
    except ValueError:
        raise NotMeasured(f"{observation.what}: its time cannot be read") from None
    if not site.now - site.policy.evidence_max_age <= made <= site.now + CLOCKS_APART:
        yield Finding(host.name, f"{observation.what} is of {observation.time}", wanted, "high")
