# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of this name, examines its answer, and notes the times of the task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..plugin_utils.answer_action import AnswerAction
from ..plugin_utils.revocation_times import timed


class ActionModule(AnswerAction):
    """Add the times, by the clock of the controller. added: keys of the result."""

    added = frozenset({"times"})

    def _answer(self, tmp: Any, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        return timed(lambda: super(ActionModule, self)._answer(tmp, task_vars))
