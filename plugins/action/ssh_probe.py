# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of this name, and examines its answer; takes an endpoint that is not given from the inventory. Facts
of the host must not choose the server that is attacked. Without permission no endpoint is needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean

from ..module_utils._edge.ssh_probe import not_allowed
from ..module_utils._edge.words import failure
from ..plugin_utils.answer_action import AnswerAction
from ..plugin_utils.endpoint_action import EndpointAction
from ..plugin_utils.fact_guard import FactsRefused, require_no_own_names


class ActionModule(EndpointAction, AnswerAction):
    """See the two classes. Refuse a host whose facts have the names of options."""

    def run(self, tmp: Any = None, task_vars: Mapping[str, Any] | None = None) -> dict[str, Any]:
        given = task_vars or {}
        try:
            require_no_own_names(given["inventory_hostname"], given.get("ansible_facts") or {})
        except FactsRefused as error:
            return failure(error)
        if not boolean(self._task.args.get("allowed", True), strict=False):
            return not_allowed()
        return super().run(tmp, task_vars)
