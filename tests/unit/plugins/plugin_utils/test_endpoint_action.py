# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An action takes the endpoint from the inventory before it runs the module, and puts the task's options back.

Module and variable manager are stand-ins: tests/integration/test_inventory_endpoint.py has real plays.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.action import ActionBase
from ansible.template import Templar, trust_as_template
from ansible.utils.display import Display
from ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.endpoint_action import EndpointAction

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


def played(args: dict[str, Any], own: dict[str, Any], *, no_log: bool = False, **more: Any) -> dict[str, Any]:
    """Return the result of a task for partner04. own: variables of the host; more: variables from elsewhere."""
    task = SimpleNamespace(args=args, async_val=0, check_mode=False, diff=False, delegate_to="localhost", play=None)
    task.no_log = no_log
    manager = SimpleNamespace(get_vars=lambda **_which: {**own, **more})
    hostvars = SimpleNamespace(_variable_manager=manager, _inventory=SimpleNamespace(get_host=lambda name: name))
    variables = {**CONNECTION_OF_THE_TASK, **own, **more, "inventory_hostname": "partner04", "hostvars": hostvars}
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
def test_facts_of_that_name_are_refused(facts: dict[str, Any]) -> None:
    result = played({}, {"ansible_port": 2222}, ansible_facts=facts)
    assert result["error"]["code"] == "facts_refused"
    assert "facts of partner04: must not choose a server, and have ansible_" in result["msg"]
    assert "given" not in result


def test_the_same_value_is_no_harm() -> None:
    assert played({}, {"ansible_port": 2222}, ansible_facts={"port": "2222"})["given"]["port"] == 2222


def test_a_variable_that_a_fact_replaced_is_lost() -> None:
    own = {"ansible_host": trust_as_template("{{ address }}")}
    result = played({}, own, address="evil", ansible_facts={"address": "evil"})
    assert result["error"]["code"] == "invalid_request"
    assert "A fact of the host has the name address, so that the value of your variable is lost." in result["msg"]
    assert played({}, own, address="good", ansible_facts={"address": "evil"})["given"]["host"] == "good"


@pytest.mark.parametrize("name", ["ansible_facts.address", "ansible_address"])
def test_a_template_reaches_no_fact(name: str) -> None:
    own = {"ansible_host": trust_as_template("{{ %s }}" % name)}
    result = played({}, own, ansible_address="evil", ansible_facts={"address": "evil"})
    assert result["msg"].startswith("ansible_host: cannot be evaluated")
    assert result["error"]["cure"]


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
