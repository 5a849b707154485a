# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.policy import Policy
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.report_html import Age, ages
from support.scenes.audit_site import NOW, AuditSite, good_site

DAY = 86400


def found(site: AuditSite, control: str) -> tuple[Age, ...]:
    return ages(site.row(control), Policy(), NOW)


def test_keys_and_certificates() -> None:
    items = {each.item: each for each in found(good_site(), "5.3")}
    assert items["/etc/ssh/ssh_host_ed25519_key"].most == 365 * DAY
    assert items["certificate until 2026-01-30"].most == 76 * DAY
    assert "/etc/credstore.encrypted" not in items


def test_a_list_of_revoked_keys() -> None:
    assert found(good_site(), "10.1") == (Age("files1", "/etc/ssh/revoked_keys", 6 * 3600, DAY),)


def test_rows_without_ages_and_values_of_another_form() -> None:
    assert found(good_site(), "6.2") == ()
    site = good_site()
    site.change("revocation_list", value="text")
    assert found(site, "10.1") == ()
    site = good_site()
    site.values()["revocation_list"]["date"] = "soon"
    assert found(site, "10.1") == ()


def test_a_future_time_has_no_age() -> None:
    site = good_site()
    site.values()["key_files"][0]["changed"] = "2035-01-01T00:00:00Z"
    assert "/etc/ssh/ssh_host_ed25519_key" not in {each.item for each in found(site, "5.3")}
    assert site.row("5.3").state == "fail"
