# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""EndpointAction: the part of an action that adds the endpoint of the inventory host to a task without `host`.

The endpoint is evaluated with the controller's own variables: those that Ansible hands to an action also have facts of
the host and values about the connection of this task. For a task with `delegate_to: localhost`, `ansible_host` is there
localhost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ..module_utils._edge.words import failure
from ..module_utils._engine.errors import InvalidRequest, SyncError
from .core_private import own_variables
from .fact_guard import require_own_host
from .inventory_endpoint import NAMES, RESULT, Taken, applies, endpoint, shown, words_about

Variables = Mapping[str, Any]


class EndpointAction(ActionBase):
    """To be inherited before the class that runs the module."""

    def run(self, tmp: Any = None, task_vars: Variables | None = None) -> dict[str, Any]:
        """Run the module with the endpoint, and show in its answer which values came from the inventory."""
        given = self._task.args
        try:
            require_own_host(task_vars or {}, self._task)
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
        taken = endpoint(given, host=host, values=self._values(variables))
        if not self._task.no_log:
            self._display.v(f"endpoint from the inventory: {words_about(taken)}", host=host)
        return taken

    def _values(self, variables: Variables) -> dict[str, Any]:
        own = own_variables(self._task, variables)
        before = self._templar.available_variables
        self._templar.available_variables = own
        try:
            return {key: each for name in NAMES if name in own for key, each in self._value(name, own[name]).items()}
        finally:
            self._templar.available_variables = before

    def _value(self, name: str, template: Any) -> dict[str, Any]:
        """Return a variable with its value, or nothing if that is omitted."""
        try:
            result: dict[str, Any] = self._templar.template({name: template})
        except AnsibleError as error:
            raise InvalidRequest(
                f"{name}: cannot be evaluated: {error}",
                cure="Correct the template, which sees no facts of hosts, or set host in the task.",
            ) from error
        return result
