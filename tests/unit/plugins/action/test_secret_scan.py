# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of the inventory reach the module on the controller alone. The module is a stand-in that keeps its options."""

from __future__ import annotations

from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.secure.ftp_synchronize.plugins.action.secret_scan import ActionModule
from support.running.variables import task_vars

HOSTS = {"web1": {"db_password": "canary-4471", "name": "x"}}


def run(
    args: dict[str, Any], transport: str = "local", hosts: Any = HOSTS, facts: Any = MappingProxyType({})
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return the result of a task, and the options that its module got; None if it did not run."""
    given: list[dict[str, Any]] = []

    def module(**_options: Any) -> dict[str, Any]:
        given.append(task.args)
        return {"changed": False, "msg": "no findings"}

    task = SimpleNamespace(args=args, async_val=0, check_mode=False, diff=False, delegate_to=None, no_log=False)
    task.loop, task.loop_control, task.action = None, None, "secure.ftp_synchronize.secret_scan"
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None), transport=transport)
    loader = DataLoader()
    action = ActionModule(task, connection, SimpleNamespace(), loader, Templar(loader, variables={}), None)
    action._execute_module = module
    result = action.run(task_vars={"inventory_hostname": "web1", "hostvars": task_vars(hosts, facts)["hostvars"]})
    assert task.args is args
    return result, given[0] if given else None


@pytest.mark.parametrize("patterns", [[".*_password"], ".*_password"])
def test_the_module_gets_the_values(patterns: Any) -> None:
    _result, given = run({"paths": ["x"], "known_from": patterns})
    assert given == {
        "paths": ["x"],
        "known_from": patterns,
        "_known_variables": {"db_password of web1": "canary-4471"},
    }


def test_no_value_leaves_the_controller() -> None:
    result, given = run({"paths": ["x"], "known_from": [".*"]}, transport="ssh")
    assert given is None
    assert result["error"]["code"] == "invalid_request"
    assert "delegate_to: localhost" in result["msg"]


def test_without_patterns_it_runs_on_every_host_and_a_value_of_the_task_has_no_effect() -> None:
    _result, given = run({"logs": ["/var/log"], "_known_variables": {"a": "b"}}, transport="ssh")
    assert given == {"logs": ["/var/log"]}


def test_a_fact_does_not_hide_a_secret() -> None:
    facts = {"web1": {"db_password": "harmless"}}
    _result, given = run({"paths": ["x"], "known_from": [".*_password"]}, facts=facts)
    assert given
    assert given["_known_variables"] == {"db_password of web1": "canary-4471"}
