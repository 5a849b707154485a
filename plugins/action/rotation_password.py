# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The next step of a password's rotation, decided on the controller; no host is contacted."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ..modules.rotation_password import DOCUMENTATION
from ..plugin_utils.controller_action import ControllerAction
from ..plugin_utils.rotation_password import next_step


class ActionModule(ControllerAction):
    """Decide from the fields in the secrets manager, and make the next password."""

    documentation = DOCUMENTATION
    secrets = ("stored",)

    def result(self, wanted: dict[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """Return the step, hidden in the output."""
        rules = (wanted["compromised"], wanted["max_age"], wanted["overlap"])
        step = next_step(wanted["stored"], rules, time.time())
        return {"changed": False, **step, "_ansible_no_log": True}
