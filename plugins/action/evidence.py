# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Collect the evidence of a host on the controller.

The host only makes an archive and gives parts of it (module evidence_capture). It learns neither the case nor the
reason, and every answer is data: its size is limited, its form is checked, and no name in it becomes a path.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Mapping
from typing import Any

from ..module_utils._edge.evidence import collecting
from ..module_utils._edge.evidence.evidence_capture import ABSENT, CAPTURED, READ, scope_spec
from ..module_utils._engine.errors import OperationFailed, SyncError
from ..module_utils._engine.model.display import plain
from ..plugin_utils.step_results import failed, reason
from ..plugin_utils.steps_action import StepsAction

_MODULE = "evidence_capture"


class ActionModule(StepsAction):
    """Have the archive made, read it, and have it removed."""

    _supports_async = False
    _supports_check_mode = True

    def _answer(self, tmp: Any, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        _result, given = self.validate_argument_spec(argument_spec=collecting.spec())
        host = str(self._task.delegate_to or task_vars["inventory_hostname"])
        wanted = collecting.collection(given, host)
        if self._task.check_mode:
            return {"changed": True, "msg": f"the evidence of {plain(host)} would be collected"}
        source = _Host(self, {name: given[name] for name in scope_spec()}, task_vars)
        try:
            return collecting.result(collecting.collect(wanted, source))
        finally:
            source.close()


class _Host:
    def __init__(self, action: ActionModule, scope: Mapping[str, Any], task_vars: Mapping[str, Any]) -> None:
        self._action, self._task_vars = action, task_vars
        self._scope = scope
        self._name = secrets.token_hex(8)
        self._captured = False

    def capture(self) -> collecting.Announced:
        self._captured = True
        return collecting.announced(self._asked(CAPTURED))

    def read(self, offset: int, size: int) -> bytes:
        return collecting.part(self._asked(READ, offset=offset), size)

    def close(self) -> None:
        """Have the archive removed; it is removed by the host itself after a day otherwise."""
        if self._captured:
            with contextlib.suppress(SyncError):
                self._asked(ABSENT)

    def _asked(self, state: str, **options: Any) -> dict[str, Any]:
        given = {**self._scope, "name": self._name, "state": state, **options}
        answer = self._action._own_step(_MODULE, given, self._task_vars)
        if failed(answer):
            raise OperationFailed(f"evidence: {reason(answer)}", cure="Correct it on the host, and collect again.")
        return answer
