# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of this name, and examines its answer. Facts of the host must not decide the scope."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..module_utils._edge.audit.answers import bounded
from ..plugin_utils.answer_action import AnswerAction
from ..plugin_utils.fact_guard import require_no_own_names


class ActionModule(AnswerAction):
    """Refuse a host whose facts have the names of options, such as of the accounts to observe; bound its answer."""

    def run(self, tmp: Any = None, task_vars: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Run the module. The answer of a host has a limit of size, before Ansible stores it."""
        answer = super().run(tmp, task_vars)
        # Of a task with `async`, it is the job that answers here.
        return answer if self._task.async_val else bounded(answer)

    def _require_own_connection(self, host: str, task_vars: Mapping[str, Any]) -> None:
        super()._require_own_connection(host, task_vars)
        require_no_own_names(host, task_vars.get("ansible_facts") or {})
