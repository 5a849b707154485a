# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far each server came in a rotation, decided on the controller; no host is contacted."""

from __future__ import annotations

__all__ = ["ActionModule"]

from collections.abc import Mapping
from typing import Any

from ..plugin_utils.controller_action import ControllerAction
from ..plugin_utils.rotation_progress import STEPS, progress

ARGUMENTS = {
    "jobs": {"type": "list", "elements": "str", "required": True},
    "legs": {"type": "list", "elements": "dict", "required": True},
    **{step: {"type": "list", "elements": "raw"} for step in STEPS},
}


class ActionModule(ControllerAction):
    """Pair the legs with the results of the steps, by position."""

    arguments = ARGUMENTS

    def result(self, wanted: dict[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """Return the legs of each step and a summary of each job."""
        taken = {step: wanted[step] for step in STEPS if wanted[step] is not None}
        return {"changed": False, **progress(wanted["jobs"], wanted["legs"], taken)}
