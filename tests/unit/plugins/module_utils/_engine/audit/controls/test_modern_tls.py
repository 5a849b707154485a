# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from support.scenes.audit_site import good_site


@pytest.mark.parametrize(
    ("severity", "state"), [("critical", "fail"), ("high", "fail"), ("medium", "pass"), ("low", "pass")]
)
def test_severe_findings_fail(severity: str, state: str) -> None:
    site = good_site()
    site.values()["tls"]["findings"][0]["severity"] = severity
    assert site.row("6.1").state == state


@pytest.mark.parametrize(
    ("part", "state"), [("chain", "not_measured"), ("client_certificate", "pass"), ("data", "pass")]
)
def test_parts_that_were_not_checked(part: str, state: str) -> None:
    site = good_site()
    site.values()["tls"]["not_checked"].append({"what": part, "why": "a reason"})
    row = site.row("6.1")
    assert row.state == state
    site.values()["tls"]["findings"][0]["severity"] = "high"
    assert site.row("6.1").state == "fail"
