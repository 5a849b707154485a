# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An action takes the endpoint from the inventory before it runs the module, and puts the task's options back.

The module is a stand-in: tests/integration/test_inventory_endpoint.py has real plays.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.plugins.action import ActionBase
from ansible.template import Templar, trust_as_template
from ansible.utils.display import Display
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.endpoint_action import EndpointAction
from support.running.variables import task_vars

CONNECTION_OF_THE_TASK = {"ansible_host": "localhost", "ansible_user": "root", "ansible_port": 22}
"""Ansible adds these where the inventory has none."""


class Module(ActionBase):
    """Stands for the class that runs the module."""

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        if "fails" in self._task.args:
            raise RuntimeError
        return {"changed": True, "given": dict(self._task.args)}


class Action(EndpointAction, Module):
    """An action of this collection."""


def played(
    args: dict[str, Any], own: dict[str, Any], *, no_log: bool = False, facts: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return the result of a task for partner04. own: variables of the host."""
    task = Task()
    task.args, task.delegate_to, task.no_log = args, "localhost", no_log
    variables = {**CONNECTION_OF_THE_TASK, **task_vars({"partner04": own}, {"partner04": facts or {}})}
    templar = Templar(DataLoader(), variables=variables)
    connection = SimpleNamespace(transport="local", _shell=SimpleNamespace(tmpdir=None))
    action = Action(task, connection, SimpleNamespace(), DataLoader(), templar, None)
    try:
        return action.run(task_vars=variables)
    finally:
        assert task.args is args
        assert templar.available_variables == variables


def test_variables_about_the_connection_of_the_task_are_not_the_inventory() -> None:
    result = played({"src": "x"}, {"ansible_port": trust_as_template("{{ 2200 + 22 }}")})
    assert result["given"] == {"src": "x", "host": "partner04", "port": 2222}
    assert result["from_inventory"]["port"] == {"value": 2222, "variable": "ansible_port"}


def test_a_template_does_not_see_them_either() -> None:
    own = {
        "ansible_port": 2222,
        "ansible_user": trust_as_template("{{ ansible_host | default('none') }}-{{ ansible_port }}"),
    }
    assert played({}, own)["given"]["username"] == "none-2222"


def test_a_task_with_a_host_is_left_alone() -> None:
    assert played({"host": "x"}, {"ansible_port": 1}) == {"changed": True, "given": {"host": "x"}}


@pytest.mark.parametrize("facts", [{"port": 1}, {"ansible_port": "1"}, {"ssh_common_args": "-J x"}, {"host": "x"}])
def test_facts_do_not_matter(facts: dict[str, Any]) -> None:
    assert played({}, {"ansible_port": 2222}, facts=facts)["given"] == {"host": "partner04", "port": 2222}


@pytest.mark.parametrize("name", ["ansible_facts.address", "ansible_address", "address"])
def test_a_template_reaches_no_fact(name: str) -> None:
    own = {"ansible_host": trust_as_template("{{ %s }}" % name)}
    result = played({}, own, facts={"ansible_address": "evil", "address": "evil"})
    assert result["msg"].startswith("ansible_host: cannot be evaluated")
    assert "sees no facts of hosts" in result["error"]["cure"]


def test_a_variable_with_the_name_of_a_fact_keeps_its_value() -> None:
    own = {"ansible_host": trust_as_template("{{ address }}"), "address": "good"}
    assert played({}, own, facts={"address": "evil"})["given"]["host"] == "good"


def test_omitted_variables_are_missing() -> None:
    assert set(played({}, {"ansible_port": trust_as_template("{{ omit }}")})["given"]) == {"host"}


@pytest.mark.parametrize("no_log", [False, True])
def test_the_endpoint_is_shown_unless_the_task_is_secret(no_log: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    monkeypatch.setattr(Display, "v", lambda _self, text, host: lines.append(f"{host}: {text}"))
    played({}, {}, no_log=no_log)
    shown = ["partner04: endpoint from the inventory: host partner04 (inventory_hostname)"]
    assert lines == ([] if no_log else shown)


def test_the_options_come_back_after_an_error() -> None:
    with pytest.raises(RuntimeError):
        played({"fails": True}, {})
