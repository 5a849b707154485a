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
        (lambda site: site.values()["jobs"][1].update(tls_mode="implicit"), "fail", "legacy: tls_mode implicit"),
        (
            lambda site: site.values()["job_runs"][1].update(protocol=""),
            "fail",
            "legacy: its newest run used no protocol",
        ),
        (lambda site: site.values()["ftps_settings"].update(implicit_ssl="YES"), "fail", "implicit_ssl is YES"),
        (lambda site: site.values()["ftps_settings"].update(ssl_enable="NO"), "fail", "ssl_enable is NO"),
        (lambda site: site.values()["ftps_settings"].pop("ssl_enable"), "fail", "ssl_enable is not set"),
        (lambda site: site.values()["job_runs"].pop(), "not_measured", "no successful run of legacy"),
        (
            lambda site: site.values()["transfers"][0].update(protocol="ftps", tls_mode="implicit"),
            "fail",
            "partner01: out: tls_mode implicit",
        ),
    ],
)
def test_states(change: Any, state: str, words: str) -> None:
    site = good_site()
    change(site)
    row = site.row("1.2")
    assert row.state == state
    assert words in " ".join([each.observed for each in row.findings] + [each.reason for each in row.missing])
