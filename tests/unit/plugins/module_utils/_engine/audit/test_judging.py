# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.control import CLIENT
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.report import Exemption
from support.scenes.audit_site import NOW, AuditSite, good_site

DAY = 86400


def states(site: AuditSite) -> dict[str, str]:
    return {row.control: row.state for row in site.rows()}


def exempted(site: AuditSite, control: str, *hosts: str, ends: float = NOW + DAY) -> AuditSite:
    site.exemptions.append(Exemption(control, "A. Person", "a reason", "2025-12-01", ends, hosts))
    return site


def defective() -> AuditSite:
    """A site with two hosts, of which the first has a defect of control 10.1."""
    site = good_site(["files1", "files2"])
    site.values("files1")["revocation_list"]["form"] = "text"
    return site


def test_a_site_without_a_defect_passes() -> None:
    found = states(good_site(["files1", "files2"]))
    assert len(found) == 27
    assert set(found.values()) == {"pass"}


def test_a_control_without_a_check_says_so() -> None:
    assert good_site().without_check("9.2").row("9.2").reason == "this version has no check for this control"


def test_one_defect_fails_its_row_alone() -> None:
    site = defective()
    assert [control for control, state in states(site).items() if state == "fail"] == ["10.1"]
    row = site.row("10.1")
    assert [(each.host, each.severity) for each in row.findings] == [("files1", "high")]
    assert (row.reason, row.severity) == ("1 finding on 1 host", "high")


@pytest.mark.parametrize("what", ["sshd_settings", "host_keys", "key_files", "revocation_list", "tls", "job_units"])
def test_a_host_without_an_observation_is_never_a_pass(what: str) -> None:
    site = good_site(["files1", "files2"])
    site.change(what, "files2", value=None, reason="sshd is not installed")
    hit = [row for row in site.rows() if row.state == "not_measured" and row.hosts]
    assert hit
    for row in hit:
        assert [(each.host, each.reason) for each in row.missing] == [("files2", f"{what}: sshd is not installed")]
    del site.observations["files2"][what]
    assert all(site.row(row.control).state == "not_measured" for row in hit)


@pytest.mark.parametrize(
    "value", ["text", 5, [], {}, {"path": 1, "form": "krl", "version": 1, "date": ""}, {"form": "krl"}, [[]], True]
)
def test_a_value_of_another_form_is_not_judged(value: Any) -> None:
    site = good_site()
    site.change("revocation_list", value=value)
    row = site.row("10.1")
    assert (row.state, row.missing[0].reason) == (
        *("not_measured", "revocation_list: the value has an unexpected form"),
    )


def test_a_finding_counts_while_another_host_is_missing() -> None:
    site = defective()
    site.change("revocation_list", "files2", value=None, reason="unreachable")
    row = site.row("10.1")
    assert (row.state, row.reason) == ("fail", "1 finding on 1 host, 1 host not measured")


@pytest.mark.parametrize(
    ("time", "state"),
    [
        ("2025-12-01T04:00:00Z", "pass"),
        ("2025-11-30T04:00:00Z", "pass"),
        ("2025-11-30T03:59:59Z", "fail"),
        ("2025-12-01T04:05:00Z", "pass"),
        ("2025-12-01T04:05:01Z", "fail"),
        ("yesterday", "not_measured"),
    ],
)
def test_old_evidence_is_a_failure(time: str, state: str) -> None:
    site = good_site()
    site.change("revocation_list", time=time)
    assert site.row("10.1").state == state


@pytest.mark.parametrize(
    "changed",
    [
        {"value": None, "reason": "no attack was allowed"},
        {"time": "2025-11-29T00:00:00Z"},
        {"time": "2026-11-29T00:00:00Z"},
        {"time": "soon"},
        {"value": {"findings": "none"}},
    ],
)
def test_an_optional_check_without_a_usable_observation_changes_nothing(changed: dict[str, Any]) -> None:
    site = good_site()
    finding = {"id": "weak_algorithm", "severity": "high", "observed": "seen", "wanted": "other"}
    site.values()["ssh_attacks"]["findings"].append(finding)
    assert site.row("6.2").state == "fail"
    site.change("ssh_attacks", **changed)
    row = site.row("6.2")
    assert (row.state, row.missing, "ssh_attacks" in {each.what for each in row.observations}) == ("pass", (), False)
    assert site.row("9.2").state in ("fail", "not_measured")
    del site.observations["files1"]["ssh_attacks"]
    assert site.row("6.2").state == "pass"


def test_no_host_in_scope_is_not_measured() -> None:
    site = good_site()
    site.kinds = (CLIENT,)
    assert site.row("6.2").reason == "no host of the scope is an SFTP server"
    assert site.row("6.1").state == "not_measured"
    site.observations.clear()
    assert set(states(site).values()) == {"not_measured"}


def test_an_exemption_covers_a_finding_until_its_end() -> None:
    row = exempted(defective(), "10.1").row("10.1")
    assert (row.state, len(row.findings)) == ("exempt", 1)
    assert [each.who for each in row.exemptions] == ["A. Person"]
    assert exempted(defective(), "10.1", ends=NOW).row("10.1").state == "fail"
    assert exempted(defective(), "6.2").row("10.1").state == "fail"


def test_an_exemption_covers_its_hosts_alone() -> None:
    assert exempted(defective(), "10.1", "files1").row("10.1").state == "exempt"
    assert exempted(defective(), "10.1", "files2").row("10.1").state == "fail"
    site = exempted(defective(), "10.1", "files1")
    site.change("revocation_list", "files2", value=None, reason="unreachable")
    assert site.row("10.1").state == "not_measured"
    assert [each.hosts for each in site.row("10.1").exemptions] == [("files1",)]
    row = exempted(site, "10.1", "files2").row("10.1")
    assert (row.state, [each.hosts for each in row.exemptions]) == ("exempt", [("files1",), ("files2",)])


def test_an_exemption_of_a_pass_changes_nothing() -> None:
    assert exempted(good_site(), "10.1").row("10.1").state == "pass"


def test_an_exemption_of_a_control_without_a_check() -> None:
    assert exempted(good_site().without_check("9.2"), "9.2").row("9.2").state == "exempt"
    assert exempted(good_site().without_check("9.2"), "9.2", "files1").row("9.2").state == "not_measured"
    site = exempted(good_site(), "6.2")
    site.kinds = (CLIENT,)
    assert site.row("6.2").state == "exempt"
