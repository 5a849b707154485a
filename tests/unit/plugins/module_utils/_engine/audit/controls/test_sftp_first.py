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
        (
            lambda site: site.values()["jobs"][0].update(protocol="ftps", tls_mode="explicit"),
            "fail",
            "nightly: FTPS to files.example.com",
        ),
        (
            lambda site: site.values()["job_runs"][0].update(protocol="TLSv1.3"),
            "fail",
            "nightly: its newest run used TLSv1.3",
        ),
        (lambda site: site.values()["job_runs"][0].update(ended=""), "not_measured", "no successful run of nightly"),
        (lambda site: site.values()["jobs"].clear(), "not_measured", "the host has no job"),
        (
            lambda site: site.values()["transfers"][0].update(protocol="ftps", tls_mode="explicit"),
            "fail",
            "partner01: out: FTPS to sftp.partner01.example",
        ),
    ],
)
def test_states(change: Any, state: str, words: str) -> None:
    site = good_site()
    change(site)
    row = site.row("1.1")
    assert row.state == state
    assert words in " ".join([each.observed for each in row.findings] + [each.reason for each in row.missing])


def test_the_policy_names_servers_without_sftp() -> None:
    site = good_site()
    site.policy = site.policy._replace(ftps_only=())
    assert [each.observed for each in site.row("1.1").findings] == ["legacy: FTPS to old.example.com"]
