# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from support.scenes.audit_site import good_site

PENALTIES = good_site().settings("root")["persourcepenalties"][0]
"""As sshd prints them."""


@pytest.mark.parametrize(
    ("keyword", "value", "state"),
    [
        ("maxauthtries", "6", "pass"),
        ("maxauthtries", "7", "fail"),
        ("logingracetime", "60", "pass"),
        ("logingracetime", "120", "fail"),
        ("logingracetime", "0", "fail"),
        ("persourcemaxstartups", "none", "fail"),
        ("persourcemaxstartups", "100", "pass"),
        ("persourcemaxstartups", "101", "fail"),
        ("persourcemaxstartups", "many", "not_measured"),
        ("persourcemaxstartups", "0", "fail"),
        ("maxstartups", "10:30:1000", "pass"),
        ("maxstartups", "1000", "pass"),
        ("maxstartups", "10:30:1001", "fail"),
        ("maxstartups", "100000:1:100000", "fail"),
        ("maxstartups", "none", "not_measured"),
        ("persourcepenalties", "no", "fail"),
        ("persourcepenalties", PENALTIES, "pass"),
        ("persourcepenalties", PENALTIES.replace("authfail:5", "authfail:0"), "fail"),
        ("persourcepenalties", PENALTIES.replace("noauth:1", "noauth:0"), "fail"),
        ("persourcepenalties", PENALTIES.replace("grace-exceeded:10", "grace-exceeded:0"), "fail"),
        ("persourcepenalties", PENALTIES.replace("max:600", "max:0"), "fail"),
        ("persourcepenalties", PENALTIES.replace("max:600", "max:14"), "fail"),
        ("persourcepenalties", PENALTIES.replace("max-sources6:65536", "max-sources6:0"), "fail"),
        ("persourcepenalties", PENALTIES.replace("crash:90", "crash:0"), "pass"),
        ("persourcepenalties", PENALTIES.replace("authfail:5", "authfail:-5"), "not_measured"),
        ("persourcepenalties", PENALTIES.replace("authfail:5", "authfail"), "not_measured"),
        ("persourcepenalties", PENALTIES.replace("authfail:5 ", ""), "not_measured"),
        ("persourcepenalties", "", "fail"),
        ("maxauthtries", "\u00b2", "not_measured"),
    ],
)
def test_limits_of_sshd(keyword: str, value: str, state: str) -> None:
    site = good_site()
    site.settings("owner")[keyword] = [value]
    assert site.row("6.3").state == state


def test_an_sshd_without_penalties_fails() -> None:
    site = good_site()
    del site.settings("root")["persourcepenalties"]
    assert site.row("6.3").findings[0].observed == "root: PerSourcePenalties no"


@pytest.mark.parametrize(
    ("changes", "observed"),
    [
        ({"max_clients": "0"}, "max_clients is 0"),
        ({"max_per_ip": None}, "max_per_ip is not set"),
        ({"max_per_ip": "many"}, "max_per_ip is many"),
        ({"max_per_ip": "\u00b2"}, "max_per_ip is \u00b2"),
        ({"max_login_fails": "4"}, "max_login_fails is 4"),
        ({"max_login_fails": None}, ""),
    ],
)
def test_limits_of_vsftpd(changes: dict[str, str | None], observed: str) -> None:
    site = good_site()
    given = site.values()["ftps_settings"]
    for name, value in changes.items():
        if value is None:
            del given[name]
        else:
            given[name] = value
    assert [each.observed for each in site.row("6.3").findings] == ([observed] if observed else [])
