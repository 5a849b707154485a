# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of this name, and examines its answer. Facts of the host must not choose the server to probe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..plugin_utils.answer_action import AnswerAction
from ..plugin_utils.fact_guard import require_no_own_names


class ActionModule(AnswerAction):
    """Refuse a host whose facts have the names of options, such as audit_endpoint."""

    def _answer(self, tmp: Any, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        require_no_own_names(task_vars["inventory_hostname"], task_vars.get("ansible_facts") or {})
        return super()._answer(tmp, task_vars)
