# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from support.scenes.audit_site import good_site


def _ssh_finding(code: str) -> Any:
    finding = {"id": code, "severity": "medium", "observed": "seen", "wanted": "other", "source": "a text"}
    return lambda site: site.values()["ssh_attacks"]["findings"].append(finding)


def _exempt(site: Any) -> None:
    """Of a client that sshd never punishes."""
    _ssh_finding("no_penalty")(site)
    site.settings("root")["persourcepenaltyexemptlist"] = ["198.51.100.7"]


@pytest.mark.parametrize(
    ("change", "state", "words"),
    [
        (lambda _site: None, "pass", ""),
        (
            lambda site: site.values()["attacks"][0]["findings"].append(
                {"id": "terminal", "severity": "high", "observed": "seen", "wanted": "other", "source": "a text"}
            ),
            "fail",
            "terminal: seen",
        ),
        (
            lambda site: site.values()["attacks"][0]["findings"].append(
                {"id": "note", "severity": "low", "observed": "seen", "wanted": "other", "source": "a text"}
            ),
            "pass",
            "",
        ),
        (lambda site: site.values()["attacks"].clear(), "not_measured", "attacks: no account was tried"),
        (
            lambda site: setattr(site, "named", site.named._replace(accounts=("partner", "second"))),
            "not_measured",
            "attacks: not tried: second",
        ),
        (
            lambda site: site.values()["attacks"][0]["not_checked"].append({"what": "key alone", "why": "an agent"}),
            "not_measured",
            "attacks: not checked: key alone: an agent",
        ),
        (
            lambda site: site.values()["tls"]["findings"].append(
                {"id": "data_tls", "severity": "medium", "observed": "seen", "wanted": "other", "source": "a text"}
            ),
            "fail",
            "data_tls: seen",
        ),
        (
            lambda site: site.values()["packages"]["pending"].append(
                {"package": "openssh-server", "installed": "1", "fixed": "2", "security": True}
            ),
            "fail",
            "openssh-server 1",
        ),
        (_ssh_finding("no_penalty"), "fail", "no_penalty: seen"),
        (_exempt, "not_measured", "guesses decide nothing, as penalties exempt: 198.51.100.7"),
        (
            lambda site: site.values()["ssh_attacks"]["tried"].remove("guesses"),
            "not_measured",
            "ssh_attacks: not tried: guesses",
        ),
        (
            lambda site: site.values()["ssh_attacks"]["tried"].remove("login without a key as partner"),
            "not_measured",
            "ssh_attacks: not tried: login without a key as partner",
        ),
        (
            lambda site: site.values()["ssh_attacks"]["not_checked"].append({"what": "guesses", "why": "a jump host"}),
            "not_measured",
            "ssh_attacks: not checked: guesses: a jump host",
        ),
        (
            lambda site: site.values()["packages"].update(lists="2025-11-28T00:00:00Z"),
            "fail",
            "the package lists are of 2025-11-28",
        ),
        (
            lambda site: site.change("packages", value=None, reason="apt-get is missing"),
            "not_measured",
            "packages: apt-get is missing",
        ),
    ],
)
def test_states(change: Any, state: str, words: str) -> None:
    site = good_site()
    change(site)
    row = site.row("9.2")
    assert row.state == state
    assert words in " ".join([each.observed for each in row.findings] + [each.reason for each in row.missing])


@pytest.mark.parametrize(("security", "severity"), [(True, "high"), (False, "medium")])
def test_an_update_names_both_versions(security: bool, severity: str) -> None:
    site = good_site()
    update = {"package": "vsftpd", "installed": "3.0.3-13", "fixed": "3.0.5-1", "security": security}
    site.values()["packages"]["pending"].append(update)
    (finding,) = site.row("9.2").findings
    assert (finding.observed, finding.wanted, finding.severity) == ("vsftpd 3.0.3-13", "3.0.5-1", severity)
