# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings as plain data, and the failure of a task."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.findings import (
    blank_findings,
    findings_result,
    not_met,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.findings import HIGH, LOW, Finding

FOUND = tuple(Finding("a", severity, "seen\x1b", "w", "s") for severity in (HIGH, LOW))


def test_a_result() -> None:
    made = findings_result(FOUND)
    assert made["msg"] == "1 high, 1 low"
    assert made["findings"][0]["observed"] == "seen\\x1b"
    assert findings_result(())["msg"] == "no findings"
    assert blank_findings().keys() == made.keys() - {"msg"}


def test_the_failure_names_the_first_finding() -> None:
    made = not_met(FOUND, "low", "partner", "a jail")
    assert made["error"]["message"] == "partner: 2 of severity low or more against a jail: seen\\x1b (and 1 more)"
    assert made["error"]["code"] == "policy_not_met"
    assert not_met(FOUND[1:], "high", "partner", "a jail") == not_met(FOUND, "none", "partner", "a jail") == {}
