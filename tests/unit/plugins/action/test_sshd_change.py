# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who confirms a change of sshd's configuration, by the connection of the task, and the steps of the confirmation;
modules are stand-ins, as in support.running.host_steps."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleConnectionFailure
from ansible_collections.secure.ftp_synchronize.plugins.action import sshd_change
from ansible_collections.secure.ftp_synchronize.plugins.action.sshd_change import ActionModule
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import sshd_change as edge
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sshd.change import Report
from support.running.host_steps import answered

WAITING = edge.result(Report({"/etc/ssh/sshd_config": ("", "x")}, (), (), "root", waiting=True))
CONFIRMED = {"changed": False, "msg": "confirmed"}
UNDONE = {"changed": True, "msg": "the previous configuration is restored"}
NO_LOGIN = AnsibleConnectionFailure("refused")


def action(transport: str) -> ActionModule:
    made: Any = ActionModule.__new__(ActionModule)
    made._connection = SimpleNamespace(transport=transport)
    return made


@pytest.mark.parametrize(
    ("transport", "confirmation"),
    [
        ("ssh", "login"),
        ("paramiko", "login"),
        ("ansible.netcommon.libssh", "login"),
        ("local", "trial"),
        ("community.docker.nsenter", "trial"),
        ("containers.podman.podman", "trial"),
    ],
)
def test_by_the_connection(transport: str, confirmation: str) -> None:
    assert action(transport)._confirmation(None) == confirmation


def test_a_login_can_always_be_asked_for() -> None:
    assert action("local")._confirmation("login") == "login"


def test_no_trial_where_a_login_can_confirm() -> None:
    with pytest.raises(InvalidRequest, match="confirmation: is trial"):
        action("ssh")._confirmation("trial")


def changed(
    monkeypatch: pytest.MonkeyPatch, *answers: Any, transport: str = "ssh", **given: Any
) -> tuple[dict[str, Any], list[str]]:
    """Return the result, and for each step the state that the module was asked for, or `reset`."""
    monkeypatch.setattr(sshd_change, "PAUSE_SECONDS", 0)
    result, asked = answered(monkeypatch, list(answers), given, ActionModule, transport=transport)
    return result, [name if name == "reset" else options.get("state", "kept") for name, options in asked]


def test_a_change_is_confirmed_over_a_new_login(monkeypatch: pytest.MonkeyPatch) -> None:
    result, steps = changed(monkeypatch, WAITING, CONFIRMED)
    assert steps == ["kept", "reset", "confirmed"]
    assert (result["changed"], result["waiting"], result["files"]) == (True, False, WAITING["files"])


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ({}, {"changed": False, "waiting": False}),
        ({}, {"failed": True, "waiting": True}),
        ({"state": "applied"}, WAITING),
        ({"state": "verified"}, {"changed": False}),
    ],
)
def test_one_step_if_nothing_is_to_be_confirmed(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], answer: dict[str, Any]
) -> None:
    result, steps = changed(monkeypatch, answer, **given)
    assert len(steps) == 1
    assert answer.items() <= result.items()


def test_a_change_that_waits_is_confirmed_by_a_task_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert changed(monkeypatch, CONFIRMED, state="confirmed")[1] == ["reset", "confirmed"]


@pytest.mark.parametrize(
    ("answer", "cause"),
    [(NO_LOGIN, "no login was possible"), ({"failed": True, "msg": "this login is not newer"}, "is not newer")],
)
def test_without_a_confirmation_the_task_waits_for_the_rollback_and_fails(
    monkeypatch: pytest.MonkeyPatch, answer: Any, cause: str
) -> None:
    result, steps = changed(monkeypatch, WAITING, answer, NO_LOGIN, NO_LOGIN, UNDONE)
    assert steps == ["kept", *["reset", "confirmed"], *["reset", "undone"] * 3]
    assert (result["failed"], result["error"]["code"]) == (True, "not_confirmed")
    assert cause in result["msg"]
    assert UNDONE["msg"] in result["msg"]


def test_the_wait_for_the_host_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sshd_change, "SPARE_SECONDS", -1)
    result, _steps = changed(monkeypatch, WAITING, NO_LOGIN, NO_LOGIN, confirm_timeout=1)
    assert (result["failed"], result["error"]["code"]) == (True, "not_confirmed")
    assert "could not be reached for 0 s" in result["msg"]


def test_a_change_that_cannot_be_reached_at_all_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AnsibleConnectionFailure):
        changed(monkeypatch, NO_LOGIN)


def test_the_answer_to_a_confirmation_is_examined(monkeypatch: pytest.MonkeyPatch) -> None:
    result, _steps = changed(monkeypatch, WAITING, {**CONFIRMED, "add_host": {"host_name": "victim"}})
    assert result["error"]["code"] == "answer_refused"
