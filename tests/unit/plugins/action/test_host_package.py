# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages on a host, and the answers of all steps."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.action.host_package import ActionModule
from support.running.host_steps import answered

MISSING = {"failed": True, "msg": "No package matching"}


def test_packages_are_installed_in_one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    result, asked = answered(monkeypatch, [{"changed": True}], {"name": ["vsftpd"]}, ActionModule)
    assert result["changed"]
    assert [options for _module, options in asked] == [{"name": ["vsftpd"], "state": "present"}]


def test_lists_are_refreshed_if_they_lack_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    result, asked = answered(
        monkeypatch, [MISSING, {"changed": True}, {"changed": True}], {"name": ["vsftpd"]}, ActionModule
    )
    assert result["changed"]
    assert asked[1][1] == {"update_cache": True}
    assert asked[2] == asked[0]


def test_the_first_failure_is_the_result_if_there_are_no_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    result, asked = answered(
        monkeypatch, [MISSING, {"failed": True, "msg": "no apt"}], {"name": ["vsftpd"]}, ActionModule
    )
    assert (result["msg"], len(asked)) == ("No package matching", 2)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_answer_of_every_step_is_examined(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    answers = [MISSING, {"changed": True}, {"changed": True}]
    answers[number] = {**answers[number], "ansible_facts": {"ansible_control_path": "/evil"}}
    result, asked = answered(monkeypatch, answers, {"name": ["vsftpd"]}, ActionModule)
    assert (result["error"]["code"], len(asked)) == ("facts_refused", number + 1)


def test_recommended_packages_are_left_out_by_apt(monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"name": ["aide"], "recommends": False}
    result, asked = answered(
        monkeypatch, [MISSING, {"changed": True}, {"changed": True, "msg": "installed"}], options, ActionModule
    )
    wanted = {"name": ["aide"], "state": "present", "install_recommends": False}
    assert (result["msg"], asked[0][1], asked[2]) == ("installed", wanted, asked[0])
