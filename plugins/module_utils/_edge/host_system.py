# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module host_system: the state that the host reports, or directories and texts in, and the changes out. The action
does the rest."""

from __future__ import annotations

from typing import Any, Dict

from .._engine.errors import InvalidRequest
from .._engine.system.changes import ChangeReport
from .._engine.system.host_state import HostState, Question, look
from .._engine.system.kept_files import FilesRequest, KeptDirectory, KeptFile, keep_files
from .changes import changes_result
from .contract import Params, Result, Task


def spec() -> Dict[str, Any]:
    texts = {"type": "list", "elements": "str"}
    directory = {"path": {"type": "str", "required": True}, "mode": {"type": "str", "default": "0755"}}
    file = {**directory, "content": {"type": "str", "required": True}, "mode": {"type": "str", "default": "0644"}}
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
            "directories": {"type": "list", "elements": "dict", "options": directory},
            "texts": {"type": "list", "elements": "dict", "options": file},
        },
    }


def request(task: Task) -> Question | FilesRequest:
    given = task.params
    if keeps_files(given):
        return FilesRequest(
            tuple(KeptDirectory(each["path"], _mode(each["mode"])) for each in given["directories"] or ()),
            tuple(KeptFile(each["path"], each["content"], _mode(each["mode"])) for each in given["texts"] or ()),
            task.check_mode,
        )
    return Question(given["files"], given["contents"], given["programs"], given["service"] or "")


def keeps_files(given: Params) -> bool:
    """Return whether the task keeps directories or texts, and nothing else."""
    return (given["directories"], given["texts"]) != (None, None)


def run(task: Task) -> Result:
    asked = request(task)
    return result(look(asked) if isinstance(asked, Question) else keep_files(asked), task)


def result(found: HostState | ChangeReport, task: Task) -> Result:
    if isinstance(found, ChangeReport):
        return changes_result(found, check_mode=task.check_mode)
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


def _mode(text: str) -> int:
    try:
        return int(text, 8)
    except ValueError:
        raise InvalidRequest(f"mode: {text!r} is not octal", cure="Write the mode like 0644.") from None
