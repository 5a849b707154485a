# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Report: the rows of one audit, and how they differ from the report before.

A row is the state of one control, with everything that it was judged from: observations, which are measured values and
never verdicts of a host, and exemptions, which are decisions of a person to accept a gap until a day.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Mapping, NamedTuple, Optional, Tuple

from .policy import Policy

FAIL, NOT_MEASURED, EXEMPT, PASS = "fail", "not_measured", "exempt", "pass"
STATES = (FAIL, NOT_MEASURED, EXEMPT, PASS)
"""In the order of the report."""


class Report(NamedTuple):
    """One audit.

    made: seconds since 1970
    hosts: of the scope
    policy: the declared limits
    before: control -> state in the report before; None without one
    before_made: time of the report before
    before_problem: why the report before cannot be read
    """

    title: str
    made: float
    hosts: Tuple[str, ...]
    policy: Policy
    rows: Tuple[Row, ...]
    version: str
    before: Optional[Mapping[str, str]] = None
    before_made: str = ""
    before_problem: str = ""

    def changes(self) -> Tuple[Tuple[Row, str], ...]:
        """Return the rows whose state differs, with the state before."""
        before = self.before or {}
        return tuple((row, before[row.control]) for row in self.rows if before.get(row.control, row.state) != row.state)

    def in_state(self, state: str) -> Tuple[Row, ...]:
        return tuple(row for row in self.rows if row.state == state)


def counts(report: Report) -> Mapping[str, int]:
    """Return the number of rows in each state."""
    return {state: len(report.in_state(state)) for state in STATES}


class Finding(NamedTuple):
    host: str
    observed: str
    wanted: str
    severity: str


class Missing(NamedTuple):
    host: str
    reason: str


class Row(NamedTuple):
    """One row.

    hosts: in scope, by name
    reason: why it is not a pass; "" for a pass
    beyond: the part of the control that no check measures
    exemptions: those that cover a result of the row
    """

    control: str
    title: str
    state: str
    wanted: str
    severity: str
    hosts: Tuple[str, ...] = ()
    observations: Tuple[Observation, ...] = ()
    findings: Tuple[Finding, ...] = ()
    missing: Tuple[Missing, ...] = ()
    reason: str = ""
    cure: str = ""
    beyond: str = ""
    exemptions: Tuple[Exemption, ...] = ()


class Exemption(NamedTuple):
    """One decision.

    hosts: that it covers; empty for all
    until: its last day, such as 2026-12-31, in UTC
    ends: end of that day, in seconds since 1970
    """

    control: str
    who: str
    why: str
    until: str
    ends: float
    hosts: Tuple[str, ...] = ()

    def words(self) -> str:
        hosts = f" on {', '.join(self.hosts)}" if self.hosts else ""
        return f"{self.who}, until {self.until}{hosts}: {self.why}"

    def covers(self, control: str, host: str, now: float) -> bool:
        return control == self.control and now < self.ends and (not self.hosts or host in self.hosts)


class Observation(NamedTuple):
    """One value.

    host: by the name of the inventory; `what`: name of the observation, such as sshd_settings
    value: plain data; None if it was not measured
    source: files or programs that it comes from
    method: command that repeats the measurement
    time: in UTC, by the clock of the measuring machine
    sha256: of the value
    reason: why there is no value
    """

    host: str
    what: str
    value: Any
    source: str
    method: str
    time: str
    sha256: str
    reason: str = ""


def digest(value: Any) -> str:
    """Return the SHA-256 of a value, written as JSON with sorted keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()
