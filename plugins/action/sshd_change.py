# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change sshd's configuration on a host, and confirm the change over a new login.

1. The module makes the change, and starts the rollback on the host (`_engine/sshd/change.py`).
2. The connection is closed, so that the next step logs in.
3. The module confirms the change, and the host checks that this login is newer than the change.
4. Otherwise, wait until the host can be reached again, restore the previous files if that is still due, and fail.

The connection decides who confirms: a connection without SSH has no login, so the host tries the change itself.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleConnectionFailure, AnsibleError

from ..module_utils._engine.errors import InvalidRequest, NotConfirmed
from ..module_utils._engine.model.display import plain
from ..plugin_utils.step_results import reason
from ..plugin_utils.steps_action import StepsAction

LOGIN, TRIAL = "login", "trial"
KEPT, CONFIRMED, UNDONE = "kept", "confirmed", "undone"
SPARE_SECONDS = 60
"""Time for the rollback itself, after the time that the host waits for a confirmation."""
PAUSE_SECONDS = 1
_OTHER_NAMES = frozenset({"paramiko"})
Answer = dict[str, Any]
Variables = Mapping[str, Any]


class ActionModule(StepsAction):
    """Make the change, and confirm it if it waits for a confirmation."""

    _supports_async = False

    def _answer(self, tmp: Any, task_vars: Variables) -> Answer:
        given = self._task.args
        confirmation = self._confirmation(given.get("confirmation"))
        state = given.get("state", KEPT)
        if state == CONFIRMED:
            return self._confirmed(task_vars)
        changed = self._own_step("sshd_change", {**given, "confirmation": confirmation}, task_vars)
        if state != KEPT or changed.get("failed") or not changed.get("waiting"):
            return changed
        self._confirmed(task_vars)
        return {**changed, "waiting": False}

    def _confirmation(self, wanted: str | None) -> str:
        over_ssh = "ssh" in self._connection.transport or self._connection.transport in _OTHER_NAMES
        if over_ssh and wanted == TRIAL:
            raise InvalidRequest(
                "confirmation: is trial, and the connection uses SSH",
                cure="Leave confirmation out; a new login confirms the change.",
            )
        return wanted or (LOGIN if over_ssh else TRIAL)

    def _confirmed(self, task_vars: Variables) -> Answer:
        """Return the answer to the confirmation over a new login. Raise NotConfirmed after the rollback."""
        try:
            self._connection.reset()
            answer = self._own_step("sshd_change", {"state": CONFIRMED}, task_vars)
        except AnsibleConnectionFailure:
            answer = {"failed": True, "msg": "no login was possible"}
        except AnsibleError as error:
            answer = {"failed": True, "msg": str(error)}
        if answer.get("failed"):
            raise NotConfirmed(
                "the change of sshd's configuration was not confirmed "
                f"({reason(answer)}): {self._rolled_back(task_vars)}",
                cure="Read sshd's log on the host.",
            )
        return answer

    def _rolled_back(self, task_vars: Variables) -> str:
        """Wait until the host can be reached, and return its report of the rollback."""
        seconds = int(self._task.args.get("confirm_timeout", 120)) + SPARE_SECONDS
        deadline = time.monotonic() + seconds
        while True:
            try:
                self._connection.reset()
                return reason(self._own_step("sshd_change", {"state": UNDONE}, task_vars))
            except AnsibleError as error:
                if time.monotonic() > deadline:
                    return f"the host could not be reached for {seconds} s ({plain(str(error))})"
                time.sleep(PAUSE_SECONDS)
