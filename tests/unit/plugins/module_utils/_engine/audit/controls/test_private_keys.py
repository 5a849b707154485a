# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from support.scenes.audit_site import good_site


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"mode": "0400"}, "pass"),
        ({"mode": "0640"}, "fail"),
        ({"mode": "0640", "group": "ssh_keys"}, "pass"),
        ({"mode": "0644", "group": "ssh_keys"}, "fail"),
        ({"mode": "0604"}, "fail"),
        ({"mode": "0610"}, "fail"),
        ({"uid": 1000}, "fail"),
        ({"uid": 1000, "reader": 1000}, "pass"),
        ({"uid": 1000, "reader": 1001}, "fail"),
        ({"uid": 1000, "reader": 1000, "mode": "0640"}, "fail"),
        ({"mode": "?"}, "not_measured"),
    ],
)
def test_modes(change: dict[str, Any], state: str) -> None:
    site = good_site()
    site.values()["key_files"][0].update(change)
    assert site.row("7.2").state == state


@pytest.mark.parametrize(
    ("change", "state"),
    [
        (lambda parts: parts[2].update(uid=1000), "fail"),
        (lambda parts: parts[1].update(mode="0775"), "fail"),
        (lambda parts: parts[1].update(mode="?"), "not_measured"),
        (lambda parts: parts.pop(2), "not_measured"),
        (lambda parts: parts.pop(), "not_measured"),
        (lambda parts: parts.clear(), "not_measured"),
    ],
)
def test_the_directories_above_a_key(change: Any, state: str) -> None:
    """Their owner can replace the key, also a key of root."""
    site = good_site()
    change(site.values()["key_files"][0]["parts"])
    assert site.row("7.2").state == state


def test_the_directories_of_the_key_of_a_job_may_belong_to_its_account() -> None:
    site = good_site()
    key = site.values()["key_files"][3]
    key.update(reader=1000, uid=1000)
    key["parts"][2]["uid"] = 1000
    assert site.row("7.2").state == "pass"
    key["parts"][2]["uid"] = 1001
    assert site.row("7.2").state == "fail"


def test_a_directory_of_credentials_that_others_may_list() -> None:
    site = good_site()
    site.values()["key_files"][2]["mode"] = "0755"
    assert site.row("7.2").state == "fail"
