# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers of a drill and its verdict."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.drill.request import Check, DrillPolicy
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.drill.verdict import (
    Extent,
    causes,
    coverage,
    estimate,
    rate,
    rpo,
    rto,
)

PHASES = {"prepare": 9000, "connect": 300, "manifest": 700, "transfer": 2000, "checks": 1}


def test_the_recovery_time_is_from_the_login_to_the_last_check_rounded_up() -> None:
    assert rto(PHASES) == 4
    assert rto({"prepare": 50, "connect": 1000}) == 1
    assert rto({}) == 0


def test_the_recovery_point_is_never_negative() -> None:
    assert rpo(1000, 400) == 600
    assert rpo(1000, 1002) == 0


@pytest.mark.parametrize(
    ("extent", "percent"),
    [
        (Extent(3, 30, 3, 30), 100),
        (Extent(0, 0, 0, 0), 100),
        (Extent(1, 29, 3, 30), 33),
        (Extent(2, 1, 3, 30), 3),
        (Extent(2, 0, 2, 0), 100),
        (Extent(0, 0, 3, 30), 0),
    ],
)
def test_the_coverage_is_the_lower_of_files_and_bytes(extent: Extent, percent: int) -> None:
    assert coverage(extent)["percent"] == percent


def test_an_estimate_scales_the_transfer_by_the_worse_share() -> None:
    by_bytes = estimate(PHASES, Extent(10, 100, 20, 1000))
    assert by_bytes == {"seconds": 22, "basis": coverage(Extent(10, 100, 20, 1000))}  # 1.001 + 2 * 10
    by_files = estimate(PHASES, Extent(1, 100, 20, 200))
    assert by_files is not None
    assert by_files["seconds"] == 42
    empty = estimate(PHASES, Extent(1, 0, 3, 0))
    assert empty is not None
    assert empty["seconds"] == 8
    assert estimate(PHASES, Extent(0, 0, 3, 30)) is None


def test_the_rate() -> None:
    assert rate(PHASES, 4000) == 2000
    assert rate({}, 4000) == 0


def found(policy: DrillPolicy, *checks: Check, **fields: Any) -> list[str]:
    values = {"rto_seconds": 100, "rpo_seconds": 200, "coverage": {"percent": 50}, **fields}
    return [cause.id for cause in causes(values, checks, policy)]


def test_numbers_at_the_limit_pass() -> None:
    assert found(DrillPolicy(rto=100, rpo=200, min_coverage=50), Check("a", passed=True)) == []
    assert found(DrillPolicy()) == []


def test_everything_that_fails_is_named() -> None:
    policy = DrillPolicy(rto=99, rpo=199, min_coverage=51)
    checks = (Check("a", passed=False), Check("b", passed=True), Check("c", passed=False))
    assert found(policy, *checks) == ["check_failed", "check_failed", "rto_exceeded", "rpo_exceeded", "coverage_low"]
    texts = [cause.text for cause in causes({"coverage": {"percent": 0}}, checks, DrillPolicy())]
    assert texts == ["the check a failed on the restored tree", "the check c failed on the restored tree"]


def test_a_sample_is_not_judged_by_the_recovery_time() -> None:
    assert found(DrillPolicy(rto=1), rto_seconds=None) == []
