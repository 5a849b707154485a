# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of a task as Ansible hands them to an action: by its own inventory and variable manager, with facts.

variables = task_vars({"files1": {"banner": trust_as_template("{{ greeting }}")}}, facts={"files1": {"greeting": "x"}})
"""

from __future__ import annotations

__all__ = ["task_vars"]

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager

_NONE: Mapping[str, Mapping[str, Any]] = MappingProxyType({})


def task_vars(
    hosts: Mapping[str, Mapping[str, Any]], facts: Mapping[str, Mapping[str, Any]] = _NONE, *, task: Any = None
) -> dict[str, Any]:
    """Return the variables of the first host.

    hosts: variables of the inventory by host. facts: by host, as modules returned them.
    """
    loader = DataLoader()
    inventory = InventoryManager(loader, sources=[",".join(hosts) + ","])
    manager = VariableManager(loader, inventory)
    HostVars(inventory, manager, loader)  # the manager keeps it
    for name, variables in hosts.items():
        for variable, value in variables.items():
            inventory.get_host(name).set_variable(variable, value)
        manager.set_host_facts(name, dict(facts.get(name, {})))
    return manager.get_vars(host=inventory.get_host(next(iter(hosts))), task=task)
