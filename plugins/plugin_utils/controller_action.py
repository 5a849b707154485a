# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ControllerAction: an action that runs on the controller alone and opens no connection."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from ansible.module_utils.common.yaml import yaml_load
from ansible.plugins.action import ActionBase

from ..module_utils._edge.argspec import require_known_names
from ..module_utils._edge.words import failure
from ..module_utils._engine.errors import SyncError
from .fact_guard import require_own_host

_PROPERTIES = ("type", "elements", "required", "choices", "default")


class ControllerAction(ActionBase):
    """documentation: of its module, which states the options. secrets: options whose values are never shown."""

    documentation: ClassVar[str]
    secrets: ClassVar[tuple[str, ...]] = ()
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    @classmethod
    def arguments(cls) -> dict[str, Any]:
        """Return the specification of the task's options."""
        found = _specification(yaml_load(cls.documentation)["options"])
        return {name: {**option, "no_log": name in cls.secrets} for name, option in found.items()}

    def run(self, tmp: Any = None, task_vars: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the result, or the error as the result of a module."""
        super().run(tmp, task_vars)
        try:
            require_own_host(task_vars or {}, self._task)
            arguments = self.arguments()
            require_known_names(self._task.action.rpartition(".")[2], arguments, self._task.args)
            _result, wanted = self.validate_argument_spec(argument_spec=arguments)
            return self.result(wanted, task_vars or {})
        except SyncError as error:
            return failure(error)

    @abstractmethod
    def result(self, wanted: dict[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """Return the result. Raises SyncError. wanted: the options, converted and with defaults."""


def _specification(documented: Mapping[str, Any]) -> dict[str, Any]:
    """A dictionary with a default has the defaults of its own options."""
    found = {name: {key: each[key] for key in _PROPERTIES if key in each} for name, each in documented.items()}
    for name, each in documented.items():
        if "suboptions" in each:
            found[name].update(options=_specification(each["suboptions"]), apply_defaults="default" in each)
    return found
