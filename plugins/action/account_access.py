# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of this name, and names the account by which the controller connects: it must not be closed."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from typing import Any

from ..plugin_utils.answer_action import AnswerAction

_LOCAL = "local"


class ActionModule(AnswerAction):
    """Run the module. A task with `async` would hide from the host who logged in."""

    _supports_async = False

    def _answer(self, tmp: Any, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        login = self._task.args.get("login") or self._login()
        self._task.args = {**self._task.args, **({"login": login} if login else {})}
        return super()._answer(tmp, task_vars)

    def _login(self) -> str:
        """Return the account; "" if only the configuration of the SSH client knows it."""
        if self._connection.transport == _LOCAL:
            return getpass.getuser()
        return str(self._play_context.remote_user or "")
