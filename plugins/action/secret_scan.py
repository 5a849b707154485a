# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of this name, on the controller with the secrets of the inventory, and examines its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..module_utils._edge.failure import failure
from ..module_utils._edge.secret_scan import KNOWN_VARIABLES
from ..module_utils._engine.errors import InvalidRequest, SyncError
from ..plugin_utils.answer_action import AnswerAction
from ..plugin_utils.core_private import without_facts
from ..plugin_utils.known_variables import known_variables


class ActionModule(AnswerAction):
    """Values of the inventory stay on the controller: no host learns the secrets of the others."""

    def run(self, tmp: Any = None, task_vars: Mapping[str, Any] | None = None) -> dict[str, Any]:
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
        # A compromised host must not replace the secret that it revealed by a fact.
        hosts = without_facts(task_vars["hostvars"])
        return known_variables([patterns] if isinstance(patterns, str) else patterns, hosts)
