# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of this name, and examines its answer; decides by the connection who can confirm a change."""

from __future__ import annotations

__all__ = ["ActionModule"]

from collections.abc import Mapping
from typing import Any

from ..module_utils._engine.errors import InvalidRequest
from .module_answer import ActionModule as ModuleAnswer

LOGIN, TRIAL = "login", "trial"
_OTHER_NAMES = frozenset({"paramiko"})


class ActionModule(ModuleAnswer):
    """A connection without SSH has no login that could confirm a change; the host tries the change itself."""

    def _answer(self, tmp: Any, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        given = self._task.args
        self._task.args = {**given, "confirmation": self._confirmation(given.get("confirmation"))}
        try:
            return super()._answer(tmp, task_vars)
        finally:
            self._task.args = given

    def _confirmation(self, wanted: str | None) -> str:
        over_ssh = "ssh" in self._connection.transport or self._connection.transport in _OTHER_NAMES
        if over_ssh and wanted == TRIAL:
            raise InvalidRequest(
                "confirmation: is trial, and the connection uses SSH",
                cure="Leave confirmation out; a new login confirms the change.",
            )
        return wanted or (LOGIN if over_ssh else TRIAL)
