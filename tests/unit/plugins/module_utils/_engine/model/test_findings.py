# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings in the order of their severity."""

from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.findings import (
    HIGH,
    INFO,
    MEDIUM,
    NONE,
    Finding,
    at_least,
    sorted_findings,
)

FOUND = tuple(Finding(name, severity, "o", "w", "s") for name, severity in (("a", INFO), ("b", HIGH), ("c", MEDIUM)))


def test_the_most_severe_come_first_without_duplicates() -> None:
    assert [each.id for each in sorted_findings((*FOUND, *FOUND))] == ["b", "c", "a"]


def test_those_that_are_severe_enough() -> None:
    assert [each.id for each in at_least(FOUND, MEDIUM)] == ["b", "c"]
    assert at_least(FOUND, NONE) == ()
