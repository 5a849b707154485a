# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action that runs the collection's modules: an answer passes unchanged, unless it contains facts.

The module itself is a stand-in: real modules answer in tests/trust.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.answer_action import AnswerAction

PYTHON = "discovered_interpreter_python"


def answered(
    answer: dict[str, Any],
    *,
    delegate_to: str | None = None,
    discovered: str | None = None,
    loop_var: str = "",
    async_val: int = 0,
    variables: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    """Return the result of a task whose module answers so. discovered: the fact that Ansible adds."""
    task = SimpleNamespace(args={}, async_val=async_val, check_mode=False, diff=False, delegate_to=delegate_to)
    task.loop_control = SimpleNamespace(loop_var=loop_var, index_var=None) if loop_var else None
    task.get_path = str
    task.action = "secure.ftp_synchronize.secure_sync"
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))
    loader = DataLoader()
    action = AnswerAction(task, connection, SimpleNamespace(), loader, Templar(loader, variables={}), None)
    action._discovered_interpreter_key = discovered
    action._execute_module = lambda **_options: dict(answer)
    return action.run(task_vars={"inventory_hostname": "client", **variables})


@pytest.mark.parametrize("answer", [{"changed": True, "msg": "x"}, {"ansible_facts": {}}, {"ansible_facts": None}])
def test_an_answer_without_facts_passes(answer: dict[str, Any]) -> None:
    assert {name: value for name, value in answered(answer).items() if name in answer} == answer


@pytest.mark.parametrize(("delegate_to", "host"), [(None, "client"), ("server", "server")])
def test_facts_are_refused_with_the_host_that_answered(delegate_to: str | None, host: str) -> None:
    result = answered({"changed": True, "ansible_facts": {"ansible_sudo_exe": "/x"}}, delegate_to=delegate_to)
    assert result["failed"]
    assert result["error"]["code"] == "facts_refused"
    assert result["msg"].startswith(f"answer of {host}: must hold no facts, and holds ansible_sudo_exe.")
    assert not {"changed", "ansible_facts"} & set(result)


def test_the_interpreter_that_ansible_found_passes() -> None:
    facts = {"ansible_facts": {PYTHON: "/usr/bin/python3"}}
    assert answered(facts, discovered=PYTHON)["ansible_facts"] == facts["ansible_facts"]
    assert answered(facts)["failed"], "no interpreter was looked for"


@pytest.mark.parametrize("key", ["leg", "unreachable", "ansible_loop"])
def test_an_answer_cannot_pass_for_the_item_of_a_loop(key: str) -> None:
    result = answered({"changed": True, key: {"server": "localhost"}}, loop_var="leg")
    assert result["error"]["code"] == "answer_refused"
    assert key not in result


def test_a_name_of_another_loop_passes() -> None:
    assert answered({"leg": 1}, loop_var="job")["leg"] == 1


@pytest.mark.parametrize("seconds", [0, 60])
def test_the_id_of_a_job_passes_in_a_task_with_async_alone(seconds: int) -> None:
    result = answered({"ansible_job_id": "j1", "started": 1}, async_val=seconds)
    assert bool(result.get("failed")) == (not seconds)


@pytest.mark.parametrize("delegate_to", [None, "server"])
def test_a_host_that_facts_lead_elsewhere_is_not_asked(delegate_to: str | None) -> None:
    facts = {"ansible_facts": {"control_path": "/evil"}, "ansible_control_path": "/evil"}
    others = {"client": {}, "server": {}, delegate_to or "client": facts}
    result = answered({"changed": True}, delegate_to=delegate_to, variables={**others["client"], "hostvars": others})
    host = delegate_to or "client"
    assert result["msg"].startswith(
        f"facts of {host}: must not decide how it is reached, and have ansible_control_path."
    )
    assert "changed" not in result


def test_a_connection_of_the_inventory_is_not_of_facts() -> None:
    facts = {"ansible_facts": {"hostname": "x"}, "ansible_control_path": "/ours"}
    assert answered({"changed": True}, variables=facts)["changed"]
