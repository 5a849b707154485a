# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from support.scenes.audit_site import good_site


@pytest.mark.parametrize(
    ("keyword", "value"),
    [("forcecommand", "none"), ("forcecommand", "internal-sftpx"), ("disableforwarding", "no"), ("permittty", "yes")],
)
def test_rights_of_partners(keyword: str, value: str) -> None:
    site = good_site()
    site.settings("partner")[keyword] = [value]
    row = site.row("5.1")
    assert row.state == "fail"
    assert row.findings[0].observed.startswith("partner: ")


def test_exposure_of_units() -> None:
    site = good_site()
    unit = site.values()["job_units"][0]
    unit["exposure"] = 2.0
    assert site.row("5.1").state == "pass"
    unit["exposure"] = 2.1
    assert site.row("5.1").findings[0].observed == "secure-sync-nightly.service: exposure 2.1"
    site.policy = site.policy._replace(exposure_max=3.0)
    assert site.row("5.1").state == "pass"


@pytest.mark.parametrize(
    ("accounts", "reason"),
    [
        ((), "accounts: no account of a partner is named"),
        (("partner", "gone"), "sshd_settings: the account gone is missing"),
    ],
)
def test_accounts_that_were_not_observed(accounts: tuple[str, ...], reason: str) -> None:
    site = good_site()
    site.named = site.named._replace(accounts=accounts)
    row = site.row("5.1")
    assert (row.state, row.missing[0].reason) == ("not_measured", reason)


def test_an_account_that_is_missing_hides_no_finding_of_the_others() -> None:
    site = good_site()
    site.named = site.named._replace(accounts=("gone", "partner"))
    site.settings("partner")["permittty"] = ["yes"]
    row = site.row("5.1")
    assert (row.state, len(row.findings), len(row.missing)) == ("fail", 1, 1)


def test_a_client_without_jobs_and_an_account_that_does_not_exist() -> None:
    site = good_site()
    site.change("job_units", value=[])
    assert site.row("5.1").missing[0].reason == "job_units: there is no unit of nightly, legacy"
    site.change("jobs", value=[])
    assert site.row("5.1").missing[0].reason == "jobs: the host has no job of the role sync_job"
    site = good_site()
    site.values()["sshd_settings"][2]["exists"] = False
    assert site.row("5.1").missing[0].reason == "sshd_settings: the account partner does not exist"
