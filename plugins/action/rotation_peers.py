# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which peers of a server took part in a step of its rotation, decided on the controller; no host is contacted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..plugin_utils.controller_action import ControllerAction
from ..plugin_utils.rotation_peers import Step, peers_after

ARGUMENTS = {
    "peers": {"type": "list", "elements": "dict", "required": True},
    "asked": {"type": "list", "elements": "int"},
    "results": {"type": "list", "elements": "raw"},
    "required": {"type": "list", "elements": "str", "default": []},
    "unreachable_passes": {"type": "bool", "default": False},
    "behind": {"type": "list", "elements": "dict", "default": []},
}


class ActionModule(ControllerAction):
    """Pair the peers with the results of a step, by position."""

    arguments = ARGUMENTS

    def result(self, wanted: dict[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """Return `ready` and `behind`; of the peers only host and path."""
        peers = wanted["peers"]
        if wanted["results"] is None:
            return {"changed": False, "ready": list(range(len(peers))), "behind": wanted["behind"]}
        asked = range(len(peers)) if wanted["asked"] is None else wanted["asked"]
        step = Step(
            asked,
            wanted["results"],
            frozenset(wanted["required"]),
            wanted["unreachable_passes"],
            self._task.check_mode,
        )
        return {"changed": False, **peers_after(peers, step, wanted["behind"])}
