# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from support.scenes.audit_site import good_site


@pytest.mark.parametrize(
    ("change", "observed"),
    [
        ({"uid": 1000}, "/srv: owned by the user id 1000"),
        ({"mode": "0775"}, "/srv: mode 0775"),
        ({"mode": "0757"}, "/srv: mode 0757"),
    ],
)
def test_parts_of_the_path(change: dict[str, Any], observed: str) -> None:
    site = good_site()
    site.values()["jails"][1]["parts"][1].update(change)
    row = site.row("5.2")
    assert (row.state, [each.observed for each in row.findings]) == ("fail", [observed])


def test_an_account_without_a_jail() -> None:
    site = good_site()
    site.values()["jails"][1].update(path="none", parts=[])
    assert site.row("5.2").findings[0].severity == "critical"


def test_the_root_directory_is_no_jail() -> None:
    site = good_site()
    site.values()["jails"][1].update(path="/", parts=[{"path": "/", "uid": 0, "mode": "0755"}])
    assert site.row("5.2").findings[0].observed == "partner: ChrootDirectory /"


@pytest.mark.parametrize(
    ("settings", "account", "state", "words"),
    [
        ({}, {}, "pass", ""),
        ({"chroot_local_user": "true"}, {}, "pass", ""),
        ({"chroot_local_user": "NO"}, {}, "fail", "partner: chroot_local_user is NO"),
        ({"chroot_local_user": "maybe"}, {}, "not_measured", "chroot_local_user is MAYBE, neither YES nor NO"),
        ({"chroot_list_enable": "YES"}, {}, "pass", ""),
        ({}, {"listed": True}, "pass", ""),
        ({"chroot_list_enable": "1"}, {"listed": True}, "fail", "and chroot_list_file has the account"),
        ({"chroot_list_enable": "YES", "chroot_local_user": "NO"}, {"listed": True}, "pass", ""),
        ({"allow_writeable_chroot": "YES"}, {}, "fail", "partner: allow_writeable_chroot is on"),
        ({}, {"settings": {"allow_writeable_chroot": "YES"}}, "fail", "partner: allow_writeable_chroot is on"),
        ({"allow_writeable_chroot": "YES"}, {"settings": {"allow_writeable_chroot": "NO"}}, "pass", ""),
        ({}, {"settings": {"chroot_local_user": "NO"}}, "pass", ""),
        ({}, {"root": "/", "target": "/", "parts": []}, "fail", "partner: its root is /"),
        ({}, {"root": "/srv/link", "target": "/", "parts": []}, "fail", "partner: its root is /srv/link"),
        ({}, {"parts": []}, "not_measured", "the directory above /srv/jail/partner was not observed"),
        ({}, {"target": "/srv/gone"}, "not_measured", "/srv/gone was not observed"),
        ({}, {"home": "/srv/jail/partner/./data"}, "not_measured", "without passwd_chroot_enable"),
        ({"passwd_chroot_enable": "YES"}, {"home": "/srv/jail/partner/./data"}, "pass", ""),
        ({"guest_enable": "YES"}, {}, "not_measured", "guest_enable is on"),
        ({}, {"account": "other"}, "not_measured", "ftps_accounts: the account partner is missing"),
    ],
)
def test_jails_of_vsftpd(settings: dict[str, str], account: dict[str, Any], state: str, words: str) -> None:
    site = good_site()
    site.kinds = ("ftps_server",)
    site.values()["ftps_settings"].update(settings)
    site.values()["ftps_accounts"][0].update(account)
    row = site.row("5.2")
    assert row.state == state
    assert words in " ".join([*(each.observed for each in row.findings), *(each.reason for each in row.missing)])


def test_a_vsftpd_without_the_option_has_no_jails() -> None:
    site = good_site()
    del site.values()["ftps_settings"]["chroot_local_user"]
    assert site.row("5.2").findings[0].observed == "partner: chroot_local_user is not set"


@pytest.mark.parametrize("change", [{"uid": 1000}, {"mode": "0777"}])
def test_the_way_to_a_jail_of_vsftpd(change: dict[str, Any]) -> None:
    site = good_site()
    site.values()["ftps_accounts"][0]["parts"][2].update(change)
    assert [each.observed.split(":")[0] for each in site.row("5.2").findings] == ["/srv/jail"]


def test_root_needs_none() -> None:
    site = good_site()
    assert site.values()["jails"][0]["path"] == "none"
    assert site.row("5.2").state == "pass"


def test_a_jail_without_a_directory_is_not_measured() -> None:
    site = good_site()
    site.values()["jails"][1]["parts"].pop()
    assert site.row("5.2").state == "not_measured"
    site.values()["jails"][1]["parts"].clear()
    assert site.row("5.2").state == "not_measured"


def test_a_mode_that_is_no_number() -> None:
    site = good_site()
    site.values()["jails"][1]["parts"][0]["mode"] = "rwx"
    assert site.row("5.2").missing[0].reason == "the mode rwx cannot be read"
