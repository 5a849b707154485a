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
