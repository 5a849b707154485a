# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of an action: packages from refreshed lists, and an examined answer of each step."""

from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.action.host_system import ActionModule
from support.running.host_steps import answered

MISSING = {"failed": True, "msg": "No package matching"}


def test_lists_are_refreshed_if_they_lack_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    result, asked = answered(
        monkeypatch, [MISSING, {"changed": True}, {"changed": True}], {"packages": ["vsftpd"]}, ActionModule
    )
    assert result["changed"]
    assert asked[1][1] == {"update_cache": True}
    assert asked[2] == asked[0]


def test_the_first_failure_is_the_result_if_there_are_no_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    result, asked = answered(
        monkeypatch, [MISSING, {"failed": True, "msg": "no apt"}], {"packages": ["vsftpd"]}, ActionModule
    )
    assert (result["msg"], len(asked)) == ("No package matching", 2)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_answer_of_every_step_is_examined(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    answers = [MISSING, {"changed": True}, {"changed": True}]
    answers[number] = {**answers[number], "ansible_facts": {"ansible_control_path": "/evil"}}
    result, asked = answered(monkeypatch, answers, {"packages": ["vsftpd"]}, ActionModule)
    assert (result["error"]["code"], len(asked)) == ("facts_refused", number + 1)
