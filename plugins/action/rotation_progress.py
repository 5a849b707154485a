# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far each server came in a rotation, decided on the controller; no host is contacted."""

from __future__ import annotations

__all__ = ["ActionModule"]

from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase

from ..module_utils._edge.sync.results import failure
from ..module_utils._engine.errors import SyncError
from ..plugin_utils.rotation_progress import STEPS, progress

ARGUMENTS = {
    "jobs": {"type": "list", "elements": "str", "required": True},
    "legs": {"type": "list", "elements": "dict", "required": True},
    **{step: {"type": "list", "elements": "raw"} for step in STEPS},
}


class ActionModule(ActionBase):
    """Pair the legs with the results of the steps, by position."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: Any = None, task_vars: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the legs of each step and a summary of each job."""
        super().run(tmp, task_vars)
        _result, wanted = self.validate_argument_spec(argument_spec=ARGUMENTS)
        taken = {step: wanted[step] for step in STEPS if wanted[step] is not None}
        try:
            return {"changed": False, **progress(wanted["jobs"], wanted["legs"], taken)}
        except SyncError as error:
            return failure(error)
