# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The next step of a password's rotation, decided on the controller; no host is contacted."""

from __future__ import annotations

__all__ = ["ActionModule"]

import time
from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase

from ..module_utils._edge.sync.results import failure
from ..module_utils._engine.errors import SyncError
from ..plugin_utils.rotation_password import next_step

ARGUMENTS = {
    "stored": {"type": "dict", "required": True, "no_log": True},
    "compromised": {"type": "bool", "default": False},
    "max_age": {"type": "float", "required": True},
    "overlap": {"type": "float", "required": True},
}


class ActionModule(ActionBase):
    """Decide from the fields in the secrets manager, and make the next password."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: Any = None, task_vars: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the step, hidden in the output, or the error."""
        super().run(tmp, task_vars)
        _result, wanted = self.validate_argument_spec(argument_spec=ARGUMENTS)
        rules = (wanted["compromised"], wanted["max_age"], wanted["overlap"])
        try:
            step = next_step(wanted["stored"], rules, time.time())
        except SyncError as error:
            return failure(error)
        return {"changed": False, **step, "_ansible_no_log": True}
