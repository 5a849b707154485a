# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of this name, on the controller with the secrets of the inventory, and examines its answer."""

from __future__ import annotations

__all__ = ["ActionModule"]

from collections.abc import Mapping
from functools import partial
from typing import Any

from ansible import constants

from ..module_utils._edge.secret_scan import KNOWN_VARIABLES
from ..module_utils._edge.sync.results import failure
from ..module_utils._engine.errors import InvalidRequest, SyncError
from ..plugin_utils.answer_action import AnswerAction
from ..plugin_utils.known_variables import OwnVariables, known_variables


class ActionModule(AnswerAction):
    """Values of the inventory stay on the controller: no host learns the secrets of the others."""

    def run(self, tmp: Any = None, task_vars: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Run the module."""
        given = self._task.args
        # A value in the task has no effect.
        own = {name: value for name, value in given.items() if name != KNOWN_VARIABLES}
        try:
            values = self._values(own.get("known_from"), task_vars or {})
        except SyncError as error:
            return failure(error)
        self._task.args = {**own, **({KNOWN_VARIABLES: values} if values else {})}
        try:
            return super().run(tmp, task_vars)
        finally:
            self._task.args = given

    def _values(self, patterns: Any, task_vars: Mapping[str, Any]) -> dict[str, str | None]:
        if not patterns:
            return {}
        if self._connection.transport != "local":
            raise InvalidRequest(
                "known_from: the values of all hosts would be sent to this host",
                cure="Run the task with delegate_to: localhost.",
            )
        return known_variables(
            [patterns] if isinstance(patterns, str) else patterns, self._own(task_vars.get("hostvars") or {})
        )

    def _own(self, hostvars: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
        """Return the variables of each host, without its facts if Ansible makes variables of facts."""
        if not constants.config.get_config_value("INJECT_FACTS_AS_VARS"):
            return hostvars
        return {host: OwnVariables(host, hostvars[host], partial(self._evaluated, hostvars, host)) for host in hostvars}

    def _evaluated(self, hostvars: Any, host: str, name: str, names: set[str]) -> Any:
        """Return a variable of a host, evaluated with no others than these."""
        raw = hostvars.raw_get(host)
        before = self._templar.available_variables
        self._templar.available_variables = {each: raw[each] for each in raw if each in names}
        try:
            return self._templar.template(raw[name])
        finally:
            self._templar.available_variables = before
