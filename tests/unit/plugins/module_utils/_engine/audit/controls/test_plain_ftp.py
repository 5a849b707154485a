# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from support.scenes.audit_site import good_site


@pytest.mark.parametrize("finding", ["tls_missing", "cleartext_login", "cleartext_anonymous", "data_clear", "ccc"])
def test_cleartext_fails(finding: str) -> None:
    site = good_site()
    site.values()["tls"]["findings"][0].update(id=finding, observed="seen")
    row = site.row("1.3")
    assert (row.state, row.findings[0].observed, row.severity) == ("fail", f"{finding}: seen", "critical")


def test_a_login_in_cleartext_that_was_not_checked_is_no_pass() -> None:
    site = good_site()
    tls = site.values()["tls"]
    tls["cleartext_login"] = "unknown"
    row = site.row("1.3")
    assert (row.state, row.missing[0].reason) == (
        *("not_measured", "tls: logins in cleartext were not checked: TLS is not explicit"),
    )
    tls["not_checked"].append({"what": "cleartext login", "why": "it refuses unknown names"})
    assert site.row("1.3").missing[0].reason.endswith("not checked: it refuses unknown names")
    site.values()["ftps_settings"]["force_local_logins_ssl"] = "NO"
    assert site.row("1.3").state == "fail"


def test_other_findings_do_not() -> None:
    site = good_site()
    site.values()["tls"]["findings"][0].update(id="cipher_suite", severity="high")
    assert site.row("1.3").state == "pass"


@pytest.mark.parametrize(
    ("name", "value", "observed"),
    [
        ("force_local_logins_ssl", "NO", "force_local_logins_ssl is NO"),
        ("force_local_data_ssl", "no", "force_local_data_ssl is no"),
        ("ssl_enable", "NO", "ssl_enable is NO"),
        ("ssl_enable", None, "ssl_enable is not set"),
        ("force_local_logins_ssl", "yes", ""),
        ("force_local_logins_ssl", "1", ""),
        ("ssl_enable", "true", ""),
    ],
)
def test_settings_of_vsftpd(name: str, value: str | None, observed: str) -> None:
    site = good_site()
    given = site.values()["ftps_settings"]
    if value is None:
        del given[name]
    else:
        given[name] = value
    assert [each.observed for each in site.row("1.3").findings] == ([observed] if observed else [])


@pytest.mark.parametrize(("value", "state"), [("NO", "fail"), ("yes", "pass"), ("x", "not_measured")])
def test_the_file_of_an_account(value: str, state: str) -> None:
    """vsftpd takes data in cleartext from an account whose own file allows it."""
    site = good_site()
    site.values()["ftps_accounts"][0]["settings"]["force_local_data_ssl"] = value
    row = site.row("1.3")
    assert row.state == state
    if state == "fail":
        assert row.findings[0].observed == "partner: its own file has force_local_data_ssl off"
