# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of hosts as the controller has them: from inventory, play, extra variables and set_fact, without
facts.

A host chooses its facts. With `inject_facts_as_vars`, the default, Ansible makes a variable of each: it replaces a
variable of the inventory, sets a variable that a template has a default for, or is an option of a plugin, such as
`ansible_hashi_vault_url`, the address to which a look-up sends the controller's token. No list of names covers this,
so options and look-ups of this collection are evaluated with these variables alone.

Ansible has no public interface for this. No other file uses private names of ansible-core;
tests/trust/test_names_of_plugins.py and tests/integration/test_ansible_cores.py run on every supported version.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any, NoReturn

from ansible.module_utils.common.parameters import remove_values
from ansible.vars.hostvars import HostVars


class _NoFacts:
    """A cache of facts that has no host."""

    def get(self, host: str) -> NoReturn:
        raise KeyError(host)


def without_facts(hostvars: Any) -> Any:
    """Return `hostvars` of a task without the facts of all hosts; templates in values see no facts either."""
    manager = copy(hostvars._variable_manager)
    manager._fact_cache = _NoFacts()
    return HostVars(hostvars._inventory, manager, hostvars._loader)


def own_variables(task: Any, task_vars: Mapping[str, Any], of: str = "") -> dict[str, Any]:
    """Return the variables of an inventory host, not evaluated, without values about its connection.

    task: the task. task_vars: its variables as an action gets them. of: a host, without it the host of the task
    """
    hosts = without_facts(task_vars["hostvars"])
    host = hosts._inventory.get_host(of or task_vars["inventory_hostname"])
    variables: dict[str, Any] = hosts._variable_manager.get_vars(play=task.play, host=host, task=task)
    # Ansible adds it for each task: where look-ups search for files.
    return {**variables, "ansible_search_path": task.get_search_path()}


def found_interpreter(action: Any) -> str | None:
    """Return the name of the fact with the interpreter that Ansible itself found for a task; None if it found none."""
    return getattr(action, "_discovered_interpreter_key", None)


def take_interpreter(action: Any, step: Any) -> None:
    """Let an action report the interpreter that a step of it found."""
    action._discovered_interpreter_key = found_interpreter(step)


def without_secrets(text: str, validation: Any) -> str:
    """Return a text about options without their secrets, which a validation keeps private."""
    return str(remove_values(text, validation._no_log_values))
