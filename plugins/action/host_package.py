# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installs packages, from refreshed lists if the present lists lack them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..plugin_utils.steps_action import StepsAction

ARGUMENTS = {
    "name": {"type": "list", "elements": "str", "required": True},
    "recommends": {"type": "bool", "default": True},
}


class ActionModule(StepsAction):
    """Install packages."""

    def _answer(self, tmp: Any, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        _result, wanted = self.validate_argument_spec(argument_spec=ARGUMENTS)
        return self._installed(wanted["name"], task_vars, recommends=wanted["recommends"])
