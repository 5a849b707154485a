# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A jail of fail2ban, which is installed between two runs of the module; modules are stand-ins, as in
support.running.host_steps."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.action.login_ban import ActionModule
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import login_ban
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ban.change import Report
from support.running.host_steps import answered

GIVEN = {"name": "ftps", "packages": ["fail2ban"]}
WRITTEN = login_ban.result(Report("/etc/fail2ban/jail.d/x", None, "x", None, missing=True, changed=True))


def banned(monkeypatch: pytest.MonkeyPatch, *answers: dict[str, Any], check_mode: bool = False, **given: Any) -> Any:
    return answered(monkeypatch, list(answers), {**GIVEN, **given}, ActionModule, check_mode=check_mode)


def test_one_run_if_fail2ban_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    result, asked = banned(monkeypatch, {"changed": False, "missing": False})
    assert asked == [("secure.ftp_synchronize.login_ban", GIVEN)]
    assert not result["changed"]


def test_the_drop_in_comes_before_the_package_and_the_jail_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    result, asked = banned(monkeypatch, WRITTEN, {"changed": True}, {"changed": False, "missing": False})
    assert [module.rpartition(".")[2] for module, _options in asked] == ["login_ban", "package", "login_ban"]
    assert (result["changed"], result["missing"], result["diff"]) == (True, False, WRITTEN["diff"])


def test_check_mode_does_not_start_the_jail(monkeypatch: pytest.MonkeyPatch) -> None:
    result, asked = banned(monkeypatch, WRITTEN, {"changed": True}, check_mode=True)
    assert (len(asked), result["changed"], result["missing"]) == (2, True, True)


def test_without_packages_nothing_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    result, asked = banned(monkeypatch, WRITTEN, packages=[])
    assert (len(asked), result["missing"]) == (1, True)


def test_a_failure_ends_the_task(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = {"failed": True, "msg": "no"}
    assert banned(monkeypatch, failed)[0]["failed"]
    assert banned(monkeypatch, WRITTEN, failed, failed)[0]["msg"] == "no"
    assert banned(monkeypatch, WRITTEN, {"changed": True}, failed)[0]["msg"] == "no"
