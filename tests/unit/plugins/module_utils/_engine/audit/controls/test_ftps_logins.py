# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from support.scenes.audit_site import good_site


@pytest.mark.parametrize(
    ("change", "state", "words"),
    [
        (lambda _site: None, "pass", ""),
        (lambda site: site.values()["passwords"][0].update(kind="1"), "fail", "partner: hash of the kind 1"),
        (
            lambda site: site.values()["passwords"][0].update(changed="2024-11-30T00:00:00Z"),
            "fail",
            "partner: password of 2024-11-30",
        ),
        (lambda site: site.values()["passwords"][0].update(changed=""), "not_measured", "the time  cannot be read"),
        (
            lambda site: site.values()["passwords"].append({"account": "other", "kind": "1", "changed": ""}),
            "pass",
            "",
        ),
        (lambda site: site.values()["passwords"][0].update(kind="empty"), "fail", "partner: hash of the kind empty"),
        (lambda site: site.values()["passwords"][0].update(kind="des"), "fail", "partner: hash of the kind des"),
        (lambda site: site.values()["passwords"][0].update(kind="locked", changed=""), "pass", ""),
        (lambda site: site.values()["passwords"].clear(), "not_measured", "there is no entry of partner"),
        (
            lambda site: setattr(site, "named", site.named._replace(accounts=())),
            "not_measured",
            "no account of a partner",
        ),
    ],
)
def test_states(change: Any, state: str, words: str) -> None:
    site = good_site()
    change(site)
    row = site.row("2.2")
    assert row.state == state
    assert words in " ".join([each.observed for each in row.findings] + [each.reason for each in row.missing])


def test_client_certificates_in_place_of_strong_passwords() -> None:
    site = good_site()
    site.values()["passwords"][0]["kind"] = "1"
    demands = dict.fromkeys(("ssl_request_cert", "require_cert", "validate_cert"), "YES")
    site.values()["ftps_settings"].update(demands)
    assert site.row("2.2").state == "pass"
    site.values()["ftps_settings"]["validate_cert"] = "NO"
    assert site.row("2.2").state == "fail"


def test_a_server_that_accepts_any_login() -> None:
    site = good_site()
    seen = {"severity": "critical", "observed": "230 in", "wanted": "unknown names refused", "source": "RFC 959"}
    finding = {"id": "any_login", **seen}
    site.values()["tls"]["findings"].append(finding)
    row = site.row("2.2")
    assert (row.state, row.severity) == ("fail", "critical")
    assert [each.observed for each in row.findings] == ["tls_policy: any_login: 230 in"]
