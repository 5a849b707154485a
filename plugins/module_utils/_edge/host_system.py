# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module host_system: the options of the task, and the state that the host reports. The action does the rest."""

from __future__ import annotations

from typing import Any, Dict

from .._engine.system.host_state import HostState, Question, look
from .contract import Result, Task


def spec() -> Dict[str, Any]:
    texts = {"type": "list", "elements": "str"}
    return {
        "argument_spec": {
            "families": {"type": "dict"},
            "packages": texts,
            "recommends": {"type": "bool", "default": True},
            "install": {"type": "bool", "default": True},
            "files": {**texts, "default": []},
            "contents": {**texts, "default": []},
            "programs": {**texts, "default": []},
            "service": {"type": "str"},
        },
    }


def request(task: Task) -> Question:
    given = task.params
    return Question(given["files"], given["contents"], given["programs"], given["service"] or "")


def run(task: Task) -> Result:
    return result(look(request(task)))


def result(found: HostState) -> Result:
    return {
        "changed": False,
        "msg": "nothing to do",
        "system": {"id": found.system.id, "like": list(found.system.like)},
        "files": dict(found.files),
        "contents": dict(found.contents),
        "programs": dict(found.programs),
        "service": found.service and dict(found.service._asdict()),
    }


def blank() -> Result:
    return {"changed": False}
