# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action that runs modules of ansible-core: their own actions run, and the answer contains no facts.

The module itself is a stand-in: real modules answer in tests/trust and tests/hosts.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.plugins import loader as plugin_loaders
from ansible.plugins.action import ActionBase
from ansible.template import Templar
from ansible_collections.secure.ftp_synchronize.plugins.action.core_module import ActionModule


def answered(answer: dict[str, Any], monkeypatch: pytest.MonkeyPatch, module: str = "ansible.builtin.stat") -> Any:
    """Return the result of a task whose module answers so, and the module and options that the host was asked for."""
    asked: list[tuple[str, Any]] = []

    def execute(action: ActionBase, **_options: Any) -> dict[str, Any]:
        asked.append((action._task.action, action._task.args))
        return dict(answer)

    monkeypatch.setattr(ActionBase, "_execute_module", execute)
    monkeypatch.setattr(ActionBase, "_remove_tmp_path", lambda *_words: None)
    task = Task()
    task.action = "secure.ftp_synchronize.core_module"
    task.args = {"module": module, "options": {"path": "/x"}}
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))
    loader = DataLoader()
    action = ActionModule(task, connection, None, loader, Templar(loader, variables={}), plugin_loaders)
    return action.run(task_vars={"inventory_hostname": "files1"}), asked


def test_the_module_is_run_with_its_options_and_its_answer_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    result, asked = answered({"changed": True, "results": [], "skipped": False}, monkeypatch)
    assert asked == [("ansible.builtin.stat", {"path": "/x"})]
    assert (result["changed"], result["results"]) == (True, [])


@pytest.mark.parametrize("key", ["ansible_facts", "add_host", "unreachable", "item"])
def test_an_answer_that_ansible_would_obey_is_refused(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    result, _asked = answered({"changed": True, key: {"ansible_control_path": "/evil"}}, monkeypatch)
    assert result["failed"]
    assert result["error"]["code"] == "facts_refused" if key == "ansible_facts" else "answer_refused"
    assert "changed" not in result
    assert key not in result


def test_what_setup_gathers_becomes_no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {"ansible_os_family": "Debian", "ansible_control_path": "/evil"}
    result, _asked = answered({"ansible_facts": facts}, monkeypatch, "ansible.builtin.setup")
    assert (result["facts"], result["ansible_facts"]) == (facts, {})


@pytest.mark.parametrize("module", ["stat", "community.general.ufw", "secure.ftp_synchronize.client_key"])
def test_another_module_is_not_run(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    result, asked = answered({}, monkeypatch, module)
    assert result["msg"].startswith(
        f"module: {module} is not a module of ansible-core, nor secure_sync or tree_verify."
    )
    assert asked == []
