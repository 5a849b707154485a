# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""EndpointAction: the part of an action that adds the endpoint of the inventory host to a task without `host`.

Ansible hands over variables to which facts of the host and values about the connection of this task were added: for a
task with `delegate_to: localhost`, `ansible_host` is then localhost. Both are left out here.
"""

from __future__ import annotations

__all__ = ["EndpointAction"]

from collections.abc import Mapping
from typing import Any

from ansible import constants
from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ..module_utils._edge.sync.results import failure
from ..module_utils._engine.errors import InvalidRequest, SyncError
from .fact_guard import cure_of_replaced, names_that_facts_replace, require_own_values
from .inventory_endpoint import NAMES, RESULT, Taken, applies, endpoint, shown, words_about

Variables = Mapping[str, Any]


class EndpointAction(ActionBase):
    """To be inherited before the class that runs the module."""

    def run(self, tmp: Any = None, task_vars: Variables | None = None) -> dict[str, Any]:
        """Run the module with the endpoint, and show in its answer which values came from the inventory."""
        given = self._task.args
        try:
            taken = self._taken(given, task_vars or {})
        except SyncError as error:
            return failure(error)
        self._task.args = {**given, **{option: each.value for option, each in taken.items()}}
        try:
            answer: dict[str, Any] = super().run(tmp, task_vars)
        finally:
            self._task.args = given
        return {**answer, RESULT: shown(taken)} if taken else answer

    def _taken(self, given: Variables, variables: Variables) -> dict[str, Taken]:
        host = variables["inventory_hostname"]
        if not applies(given, host=host, transport=self._connection.transport):
            return {}
        facts = variables.get("ansible_facts") or {}
        values = self._values(host, variables, facts)
        require_own_values(host, NAMES, values, facts)
        taken = endpoint(given, host=host, values=values)
        if not self._task.no_log:
            self._display.v(f"endpoint from the inventory: {words_about(taken)}", host=host)
        return taken

    def _values(self, host: str, variables: Variables, facts: Variables) -> dict[str, Any]:
        """Return the values of the endpoint's variables, evaluated without facts."""
        own = self._own_names(host, variables)
        replaced = _replaced(variables, facts)
        before = self._templar.available_variables
        self._templar.available_variables = {
            name: variables[name]
            for name in variables
            if name not in replaced and (name in own or name not in constants.COMMON_CONNECTION_VARS)
        }
        try:
            return {
                key: value
                for name in NAMES
                if name in own
                for key, value in self._evaluated(name, variables[name], replaced).items()
            }
        finally:
            self._templar.available_variables = before

    def _own_names(self, host: str, variables: Variables) -> set[str]:
        """Return the names of all variables of a host, before Ansible adds values about the connection of the task."""
        hostvars = variables["hostvars"]
        place = hostvars._inventory.get_host(host)
        return set(hostvars._variable_manager.get_vars(play=self._task.play, host=place, task=self._task))

    def _evaluated(self, name: str, value: Any, replaced: set[str]) -> dict[str, Any]:
        """Return a variable with its value, or nothing if that is omitted."""
        try:
            result: dict[str, Any] = self._templar.template({name: value})
        except AnsibleError as error:
            raise InvalidRequest(
                "%s: cannot be evaluated: %s" % (name, error),
                cure=cure_of_replaced(replaced, str(error)) or "Correct the template, or set host in the task.",
            ) from error
        return result


def _replaced(variables: Variables, facts: Variables) -> set[str]:
    """Return the names by which a template would reach facts."""
    injected = {"ansible_" + name for name in facts}
    by_prefix = {name for name in injected if variables.get(name) == facts[name.removeprefix("ansible_")]}
    return names_that_facts_replace(variables, facts) | by_prefix | {"ansible_facts"}
