# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole tasks of tls_policy, at a small FTPS server."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.tls_policy import tls_policy
from support.running.tasks import run_task
from support.running.tls_policy_task import ids, policy_task
from support.scripted.scripted_ftps import ScriptedFtps


def test_a_server_that_accepts_any_login_has_a_finding(tmp_path: Path) -> None:
    with ScriptedFtps(tmp_path, "pass_answered=230%20Welcome%20{{7*7}}%20%1B[31m%0D%0A") as server:
        result = policy_task(server, endpoint={"username": None, "password": None}, marked_login=True)
        marks = [each.argument for each in server.commands() if result["mark"].encode() in each.argument]
    assert "any_login" in ids(result, "critical")
    assert "\x1b" not in str(result["findings"])
    assert len(marks) == 1


@pytest.mark.parametrize(("options", "why"), [({"check": True}, ["it is not tried in check mode"]), ({}, [])])
def test_check_mode_tries_no_login(options: dict[str, bool], why: list[str], tmp_path: Path) -> None:
    with ScriptedFtps(tmp_path) as server:
        result = policy_task(server, marked_login=True, **options)
        users = [each.argument for each in server.commands() if each.argument.startswith(b"tls_probe-")]
    assert [each["why"] for each in result["not_checked"] if each["what"] == "marked login"] == why
    assert (bool(result["mark"]), len(users)) == ((False, 0) if why else (True, 1))


def test_a_check_that_ends_early(tmp_path: Path) -> None:
    with ScriptedFtps(tmp_path, "login_refused") as server:
        result = policy_task(server, marked_login=True)
    assert result["error"]["code"] == "authentication_failed"
    assert {"what": "marked login", "why": "the check ended early"} in result["not_checked"]
    assert result["mark"] == ""


def test_a_marked_login_needs_a_server_to_check() -> None:
    files = {"certificate_file": "/etc/server.pem", "private_key_file": "/etc/server.key"}
    result = run_task(tls_policy, service="vsftpd", marked_login=True, **files)
    assert (result["error"]["code"], result["error"]["message"]) == (
        "invalid_request",
        "marked_login: is for a check of endpoint",
    )


def test_an_unmet_policy_fails_the_task_with_its_findings(tmp_path: Path) -> None:
    with ScriptedFtps(tmp_path, "plaintext_data") as server:
        result = policy_task(server, fail_on="high")
        assert result["failed"] is True
        assert policy_task(server).get("failed", False) is False
    assert "data_clear" in ids(result, "high")
