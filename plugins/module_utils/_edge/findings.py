# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings as plain data, and the failure of a task that has severe findings."""

from __future__ import annotations

from typing import Any, Dict, Sequence

from .._engine.model.display import plain
from .._engine.model.findings import NONE, POLICY_NOT_MET, SEVERITIES, Finding, Graded, at_least

Result = Dict[str, Any]

FAIL_ON = (NONE, "low", "medium", "high")
"""The values of the option fail_on."""
FAIL_ON_SETS = (*FAIL_ON, "critical")
"""Its values for findings about signed sets and receipts."""


def findings_result(findings: Sequence[Finding]) -> Result:
    return {
        "findings": [finding_words(each) for each in findings],
        "counts": counts(findings),
        "msg": summary(findings),
    }


def blank_findings() -> Result:
    return {"findings": [], "counts": counts(())}


def finding_words(finding: Finding) -> Result:
    """Return one finding as data, printable."""
    return {key: plain(value) for key, value in finding._asdict().items()}


def counts(findings: Sequence[Graded]) -> Dict[str, int]:
    """Return how many there are of each severity."""
    return {severity: sum(each.severity == severity for each in findings) for severity in SEVERITIES}


def not_met(findings: Sequence[Graded], fail_on: str, subject: str, policy: str) -> Result:
    """Return the failure if a finding has the severity `fail_on` or a higher severity; else an empty dict.

    subject: the checked host or account
    policy: the name of the requirements
    """
    severe = at_least(findings, fail_on)
    if not severe:
        return {}
    more = "" if len(severe) == 1 else f" (and {len(severe) - 1} more)"
    message = "%s: %d of severity %s or more against %s: %s%s" % (
        *(plain(subject), len(severe), fail_on, plain(policy)),
        *(plain(severe[0].observed), more),
    )
    cure = "Read findings; fail_on sets the severity that fails the task."
    return {
        "failed": True,
        "msg": f"{message}. {cure}",
        "error": {"code": POLICY_NOT_MET, "path": None, "message": message, "cure": cure},
    }


def summary(findings: Sequence[Graded]) -> str:
    """Return one line for people: "1 high, 3 low"."""
    counted = [f"{number} {severity}" for severity, number in counts(findings).items() if number]
    return ", ".join(counted) or "no findings"
