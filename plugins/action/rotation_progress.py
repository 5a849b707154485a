# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far each server came in a rotation, decided on the controller; no host is contacted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..plugin_utils.controller_action import ControllerAction
from ..plugin_utils.fact_guard import FactsRefused, require_no_own_names
from ..plugin_utils.rotation_everywhere import everywhere
from ..plugin_utils.rotation_progress import STEPS, progress

ARGUMENTS = {
    "jobs": {"type": "list", "elements": "str", "required": True},
    "legs": {"type": "list", "elements": "dict", "required": True},
    "compromised_keys": {"type": "dict", "default": {}, "no_log": False},
    "places": {"type": "dict", "default": {}},
    **{step: {"type": "list", "elements": "raw"} for step in STEPS},
}


class ActionModule(ControllerAction):
    """Pair the legs with the results of the steps, by position."""

    arguments = ARGUMENTS

    def result(self, wanted: dict[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """Return the legs, the legs of each step and a summary of each job."""
        taken = {step: wanted[step] for step in STEPS if wanted[step] is not None}
        legs = wanted["legs"]
        if wanted["compromised_keys"]:
            keys, places = (_trusted(wanted[name], task_vars) for name in ("compromised_keys", "places"))
            legs = everywhere(task_vars["inventory_hostname"], legs, keys, places)
        return {"changed": False, "legs": legs, **progress(wanted["jobs"], legs, taken)}


def _trusted(by_client: Mapping[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out clients whose facts have our names: such a fact may stand for a result that the controller lacks."""
    return {name: value for name, value in by_client.items() if _has_no_own_names(name, task_vars["hostvars"])}


def _has_no_own_names(name: str, hostvars: Mapping[str, Any]) -> bool:
    try:
        require_no_own_names(name, hostvars[name].get("ansible_facts") or {})
    except FactsRefused:
        return False
    return True
