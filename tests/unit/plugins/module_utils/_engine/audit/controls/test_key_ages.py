# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from support.scenes.audit_site import good_site


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ("2024-12-01T04:00:00Z", "pass"),
        ("2024-12-01T03:59:59Z", "fail"),
        ("2025-12-01T04:05:00Z", "pass"),
        ("2035-12-01T04:05:01Z", "fail"),
        ("long ago", "not_measured"),
        ("@99999999999999", "not_measured"),
    ],
)
def test_age_of_a_key(changed: str, state: str) -> None:
    site = good_site()
    site.values()["key_files"][0]["changed"] = changed
    assert site.row("5.3").state == state


def test_the_age_of_a_directory_does_not_count() -> None:
    site = good_site()
    site.values()["key_files"][2]["changed"] = "2020-01-01T00:00:00Z"
    assert site.row("5.3").state == "pass"


@pytest.mark.parametrize(
    ("ends", "state", "severity"),
    [
        ("2025-12-15T04:00:00Z", "pass", "medium"),
        ("2025-12-15T03:59:59Z", "fail", "medium"),
        ("2025-12-01T03:00:00Z", "fail", "high"),
    ],
)
def test_end_of_a_certificate(ends: str, state: str, severity: str) -> None:
    site = good_site()
    site.values()["tls"]["certificates"][0]["not_after"] = ends
    row = site.row("5.3")
    assert (row.state, row.severity) == (state, severity)


def test_a_server_that_showed_no_certificate() -> None:
    site = good_site()
    site.values()["tls"]["certificates"].clear()
    assert site.row("5.3").missing[0].reason == "tls: the server showed no certificate"


def test_a_host_that_is_an_ftps_server_alone() -> None:
    site = good_site()
    site.kinds = ("ftps_server",)
    site.values()["key_files"][1]["changed"] = "2010-01-01T00:00:00Z"
    assert "ftps_key.pem: tls key of" in site.row("5.3").findings[0].observed
    del site.values()["key_files"][1]
    assert site.row("5.3").missing[0].reason == "key_files: there is no tls key"
