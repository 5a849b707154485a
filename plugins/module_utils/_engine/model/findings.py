# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding: one difference between a policy and an observation."""

from __future__ import annotations

from typing import Iterable, NamedTuple, Protocol, Tuple, TypeVar

CRITICAL, HIGH, MEDIUM, LOW, INFO = "critical", "high", "medium", "low", "info"
SEVERITIES = (CRITICAL, HIGH, MEDIUM, LOW, INFO)
"""critical: open to any man in the middle now. high: broken by known attacks. medium: a risk that good servers avoid.
low: differs from the profile. info: good to know."""

NONE = "none"
"""In place of a severity: no finding fails the task."""
POLICY_NOT_MET = "policy_not_met"
"""The code of a failure by findings."""


class Finding(NamedTuple):
    """One difference from a policy.

    id: stable, one for each kind of difference
    observed, wanted: for people
    source: of the requirement
    """

    id: str
    severity: str
    observed: str
    wanted: str
    source: str


class Graded(Protocol):
    """A finding of any kind."""

    @property
    def severity(self) -> str: ...

    @property
    def observed(self) -> str: ...


G = TypeVar("G", bound=Graded)


def at_least(findings: Iterable[G], severity: str) -> Tuple[G, ...]:
    """Return those that are as severe or more. severity: one of SEVERITIES, or NONE for no finding."""
    if severity == NONE:
        return ()
    most = SEVERITIES.index(severity)
    return tuple(each for each in findings if SEVERITIES.index(each.severity) <= most)


def sorted_findings(findings: Iterable[Finding]) -> Tuple[Finding, ...]:
    """Sort by severity, the most severe first, then by order of discovery, without duplicates."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda each: SEVERITIES.index(each.severity)))
