# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of this name, and examines its answer: a plan prints the sessions of all hosts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..module_utils._engine.model.display import plain
from ..plugin_utils.answer_action import AnswerAction
from ..plugin_utils.answer_guard import AnswerRefused

SHAPE = {"user": str, "pid": int, "fingerprint": str, "key_id": str, "serial": int, "own": bool}


class ActionModule(AnswerAction):
    """Refuse sessions of another shape; control characters are replaced."""

    def _answer(self, tmp: Any, task_vars: Mapping[str, Any]) -> dict[str, Any]:
        answer = super()._answer(tmp, task_vars)
        sessions = answer.get("sessions", [])
        if not isinstance(sessions, list):
            raise _refused("is no list")
        return {**answer, "sessions": [_session(each) for each in sessions]}


def _session(given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping) or set(given) != set(SHAPE) or not all(map(_fits, given.items())):
        raise _refused("has an entry of another shape")
    return {key: plain(value) if isinstance(value, str) else value for key, value in given.items()}


def _fits(item: tuple[str, Any]) -> bool:
    wanted, value = SHAPE[item[0]], item[1]
    return isinstance(value, wanted) and isinstance(value, bool) == (wanted is bool)


def _refused(why: str) -> AnswerRefused:
    return AnswerRefused(f"sessions: the answer of the host {why}", cure="Treat the host as compromised.")
