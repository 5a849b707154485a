# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attacks that succeeded fail the control that they contradict, also if the settings of the host are good."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.report import Exemption
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.catalogue import (
    CATALOGUE as JAIL_PROBE,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh_probe.probe import (
    CATALOGUE as SSH_PROBE,
)
from support.scenes.audit_site import NOW, AuditSite, good_site

SSH = {
    "weak_algorithm": "6.2",
    "login_without_key": "2.1",
    "key_alone": "2.3",
    "revoked_key": "10.1",
    "expired_certificate": "2.1",
    "no_penalty": "6.3",
    "server_changed": None,  # contradicted by 9.2 alone
}
JAIL = {
    **dict.fromkeys(("command", "not_forced", "subsystem", "terminal", "environment", "tunnel", "keys_inside"), "5.1"),
    **dict.fromkeys(("port_forwarding", "socket_forwarding", "remote_forwarding", "agent_forwarding"), "5.1"),
    **dict.fromkeys(("display_forwarding", "download_writes", "upload_reads"), "5.1"),
    **dict.fromkeys(("name_outside", "other_account", "root_writable", "outside_writable"), "5.2"),
    **dict.fromkeys(("links", "link_leads_out", "link"), "5.2"),
    **dict.fromkeys(("no_sftp", "not_writable", "not_readable", "key_alone"), None),  # contradicted by 9.2 alone
}


def attacked(what: str, code: str, severity: str = "high") -> AuditSite:
    site = good_site()
    found = site.values()[what]
    finding = {"id": code, "severity": severity, "observed": "seen", "wanted": "other", "source": "a text"}
    (found[0] if isinstance(found, list) else found)["findings"].append(finding)
    return site


def failures(site: AuditSite) -> dict[str, list[str]]:
    return {row.control: [each.observed for each in row.findings] for row in site.rows() if row.state == "fail"}


@pytest.mark.parametrize("code", SSH_PROBE)
def test_attacks_of_ssh_probe(code: str) -> None:
    expected = {"9.2": [f"{code}: seen"]} | ({SSH[code]: [f"ssh_probe: {code}: seen"]} if SSH[code] else {})
    assert failures(attacked("ssh_attacks", code)) == expected


@pytest.mark.parametrize("code", [each for each, row in JAIL_PROBE.items() if row.severity not in ("low", "info")])
def test_attacks_of_jail_probe(code: str) -> None:
    expected = {"9.2": [f"{code}: seen"]} | ({JAIL[code]: [f"jail_probe: {code}: seen"]} if JAIL[code] else {})
    assert failures(attacked("attacks", code)) == expected


def test_an_account_without_a_result_hides_no_attack() -> None:
    site = attacked("attacks", "links")
    lost = {**site.values()["attacks"][0], "account": "", "findings": [], "problem": "account 1: no answer"}
    site.values()["attacks"].insert(0, lost)
    assert failures(site) == {"9.2": ["links: seen"], "5.2": ["jail_probe: links: seen"]}
    site.values()["attacks"][1]["findings"].clear()
    row = site.row("9.2")
    assert (row.state, [each.reason for each in row.missing]) == ("not_measured", ["attacks: account 1: no answer"])


def test_a_login_without_the_client_certificate_that_settings_demand() -> None:
    site = attacked("tls", "client_certificate")
    demanded = dict.fromkeys(("ssl_request_cert", "require_cert", "validate_cert"), "YES")
    site.values()["ftps_settings"].update(demanded)
    assert failures(site)["2.2"] == ["tls_policy: client_certificate: seen"]


@pytest.mark.parametrize("what", ["ssh_attacks", "attacks"])
def test_without_attacks_only_their_own_control_is_not_measured(what: str) -> None:
    site = good_site()
    site.change(what, value=None, reason="not tried")
    assert {row.control for row in site.rows() if row.state != "pass"} == {"9.2"}


def test_the_result_of_the_attack_is_evidence_of_the_row() -> None:
    row = attacked("ssh_attacks", "key_alone").row("2.3")
    assert {"ssh_attacks", "second_factors"} == {each.what for each in row.observations}


def test_guesses_of_an_address_that_is_never_punished() -> None:
    site = attacked("ssh_attacks", "no_penalty")
    site.settings("root")["persourcepenaltyexemptlist"] = ["198.51.100.7"]
    assert site.row("6.3").state == "pass"
    assert site.row("9.2").state == "not_measured"


def test_an_exempt_address_excuses_no_sshd_that_punishes_nobody() -> None:
    site = attacked("ssh_attacks", "no_penalty")
    for account in ("root", "owner", "partner"):
        site.settings(account).update(persourcepenaltyexemptlist=["192.0.2.9"], persourcepenalties=["no"])
    assert "ssh_probe: no_penalty: seen" in failures(site)["6.3"]
    assert failures(site)["9.2"] == ["no_penalty: seen"]


@pytest.mark.parametrize("severity", ["low", "info", "of a liar"])
def test_severities_that_fail_nothing(severity: str) -> None:
    assert failures(attacked("ssh_attacks", "weak_algorithm", severity)) == {}


def test_an_exemption_of_the_row_covers_its_attack() -> None:
    """The other control stays open: an exemption is of one row."""
    site = attacked("attacks", "links")
    site.exemptions.append(Exemption("5.2", "A. Person", "a reason", "2025-12-02", NOW + 1))
    assert (site.row("5.2").state, site.row("9.2").state) == ("exempt", "fail")
