# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of tls_policy: every finding whether or not the task fails, plain data, and as documented."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.tls_policy.tls_policy import (
    blank,
    check_result,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import AuthenticationFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.findings import SEVERITIES, Finding
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.checks import Policy
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.profiles import profile_named
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.survey import (
    ControlFacts,
    DataFacts,
    Identity,
    MarkedFacts,
    NotChecked,
    Survey,
    VersionFacts,
)
from ansible_collections.secure.ftp_synchronize.plugins.modules import tls_policy as module
from support.servers.tls_authority import authority

CHAIN = (authority().server().der,)
SURVEY = Survey(
    versions=(VersionFacts("TLSv1.3", ("TLS_AES_128_GCM_SHA256",), ("x25519",)),),
    identity=Identity((CHAIN, (b"broken",)), "", "", "not_asked"),
    control=ControlFacts("331 \x1b[31m"),
    data=DataFacts("x\x1b", True),
    not_checked=(NotChecked("a", "b\n"),),
)
POLICY = Policy(profile_named("modern"), "ftp.example.com")
FINDINGS = tuple(Finding(severity, severity, "o\x1b", "w", "s") for severity in SEVERITIES)


def result(findings: tuple[Finding, ...] = FINDINGS, fail_on: str = "none", survey: Survey = SURVEY) -> dict[str, Any]:
    """Return a result."""
    return check_result(survey, findings, policy=POLICY, fail_on=fail_on)


@pytest.mark.parametrize(
    ("worst", "failing"),
    [
        ("critical", {"high", "medium", "low"}),
        ("high", {"high", "medium", "low"}),
        ("medium", {"medium", "low"}),
        ("low", {"low"}),
        ("info", set()),
    ],
)
def test_what_fails_the_task(worst: str, failing: set[str]) -> None:
    findings = FINDINGS[SEVERITIES.index(worst) :]
    for fail_on in ("none", "high", "medium", "low"):
        made = result(findings, fail_on)
        assert made.get("failed", False) == (fail_on in failing)
        assert len(made["findings"]) == len(findings)
        assert made.get("error", {}).get("code", "policy_not_met") == "policy_not_met"


def test_an_error_is_told_with_all_findings() -> None:
    made = result(survey=Survey(error=AuthenticationFailed("refused", cure="Check.")))
    assert made["failed"]
    assert made["error"]["code"] == "authentication_failed"
    assert len(made["findings"]) == len(FINDINGS)


def test_it_is_plain_data() -> None:
    assert "\\u001b" not in json.dumps(result())
    assert result()["msg"] == "1 critical, 1 high, 1 medium, 1 low, 1 info"
    assert result(())["msg"] == "no findings"
    assert result()["counts"] == dict.fromkeys(SEVERITIES, 1)
    assert set(result()["observed"]["certificates"][1]) == {"error"}


def test_the_documentation_names_every_part() -> None:
    whole = yaml.safe_load(module.RETURN)
    documented = {name: part for name, part in whole.items() if "O(service)" not in part["returned"]}
    made = result(fail_on="low")
    assert set(made) - {"changed", "failed"} == set(documented)
    assert set(made["findings"][0]) == set(documented["findings"]["contains"])
    assert set(made["observed"]) == set(documented["observed"]["contains"])
    assert set(made["error"]) == set(documented["error"]["sample"])
    assert set(blank()) <= set(made)


def test_what_was_not_looked_at_is_none() -> None:
    observed = result(survey=Survey())["observed"]
    assert [observed[name] for name in ("chain_trusted", "client_certificate", "clear_login", "data")] == [None] * 4


def test_a_login_in_cleartext_that_is_unknown_is_none() -> None:
    assert result()["observed"]["clear_login"] is True
    assert result(survey=Survey(control=ControlFacts()))["observed"]["clear_login"] is False
    assert result(survey=Survey(control=ControlFacts(clear_login_unknown="why")))["observed"]["clear_login"] is None


def test_the_mark_of_a_login() -> None:
    assert result()["mark"] == ""
    assert result(survey=Survey(marked=MarkedFacts("tls_probe-1")))["mark"] == "tls_probe-1"
