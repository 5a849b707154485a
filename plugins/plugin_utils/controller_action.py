# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ControllerAction: an action that runs on the controller alone and opens no connection."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from ansible.plugins.action import ActionBase

from ..module_utils._edge.failure import failure
from ..module_utils._edge.option_names import require_known_names
from ..module_utils._engine.errors import SyncError
from .fact_guard import require_own_host


class ControllerAction(ActionBase):
    """arguments: the specification of the task's options."""

    arguments: ClassVar[Mapping[str, Any]]
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: Any = None, task_vars: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the result, or the error as the result of a module."""
        super().run(tmp, task_vars)
        try:
            require_own_host(task_vars or {}, self._task)
            require_known_names(self._task.action.rpartition(".")[2], self.arguments, self._task.args)
            _result, wanted = self.validate_argument_spec(argument_spec=self.arguments)
            return self.result(wanted, task_vars or {})
        except SyncError as error:
            return failure(error)

    @abstractmethod
    def result(self, wanted: dict[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """Return the result. Raises SyncError. wanted: the options, converted and with defaults."""
