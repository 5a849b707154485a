# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install a program of the monitoring, built on the controller, and examine the answer of the host."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from typing import Any

from ansible import constants

from ..module_utils._edge.jobs.build_program import program
from ..plugin_utils.steps_action import StepsAction

STARTS: Mapping[str, str] = {
    "events": "_engine/events/main.py",
    "probe": "_engine/events/probe/main.py",
    "trees": "_engine/events/trees/main.py",
}
"""Name of a program -> the file that it starts with."""
ARGUMENTS = {
    "path": {"type": "str", "required": True},
    "program": {"type": "str", "choices": sorted(STARTS), "default": "events"},
}


class ActionModule(StepsAction):
    """Build the program and copy it to the host."""

    def _answer(self, tmp: Any, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        _result, wanted = self.validate_argument_spec(argument_spec=ARGUMENTS)
        with tempfile.NamedTemporaryFile(dir=constants.DEFAULT_LOCAL_TMP) as source:
            source.write(program(STARTS[wanted["program"]]))
            source.flush()
            options = {"src": source.name, "dest": wanted["path"], "mode": "0755", "owner": "root", "group": "root"}
            return self._step("ansible.builtin.copy", options, task_vars)
