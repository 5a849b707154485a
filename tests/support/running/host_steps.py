# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task of several steps on a host, run in this process. Its modules are stand-ins with an answer for each call, or an
exception: real modules answer in tests/hosts. The name `reset` stands for a closed connection in the list of calls."""

from __future__ import annotations

__all__ = ["answered"]

from collections.abc import Mapping
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.plugins import loader as plugin_loaders
from ansible.plugins.action import ActionBase
from ansible.template import Templar

from .variables import task_vars


def answered(
    monkeypatch: pytest.MonkeyPatch,
    answers: list[dict[str, Any] | Exception],
    arguments: dict[str, Any],
    action_class: type[ActionBase],
    *,
    check_mode: bool = False,
    transport: str = "ssh",
    facts: Mapping[str, Any] = MappingProxyType({}),
    hosts: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    own: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
) -> tuple[dict[str, Any], list[tuple[str, Any]]]:
    """Return the result of a task for files1, and the modules and options that the host was asked for.

    facts: of files1. hosts: facts of further hosts, by name. own: variables of hosts, by name.
    """
    asked: list[tuple[str, Any]] = []

    def execute(action: ActionBase, module_name: str = "", module_args: Any = None, **_options: Any) -> dict[str, Any]:
        asked.append((module_name or action._task.action, module_args or action._task.args))
        answer = answers[sum(name != "reset" for name, _options in asked) - 1]
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)

    monkeypatch.setattr(ActionBase, "_execute_module", execute)
    monkeypatch.setattr(ActionBase, "_remove_tmp_path", lambda *_words: None)
    task = Task()
    task.action, task.args, task.check_mode = "secure.ftp_synchronize.host_system", arguments, check_mode
    shell = SimpleNamespace(tmpdir=None)
    connection = SimpleNamespace(_shell=shell, transport=transport, reset=lambda: asked.append(("reset", None)))
    loader = DataLoader()
    templar = Templar(loader, variables={"ansible_facts": {"pkg_mgr": "apt"}})
    action = action_class(task, connection, None, loader, templar, plugin_loaders)
    every = {"files1": {"pkg_mgr": "apt", **facts}, **hosts}
    return action.run(task_vars=task_vars({name: own.get(name, {}) for name in every}, every)), asked
