# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""host_files: directories and texts in, the changes out."""

from __future__ import annotations

from typing import Any, Dict

from .._engine.errors import InvalidRequest
from .._engine.system.changes import ChangeReport
from .._engine.system.kept_files import FilesRequest, KeptDirectory, KeptFile, keep_files
from .argspec import Spec
from .changes import changes_result
from .contract import Result, Task


def spec() -> Dict[str, Any]:
    return {"argument_spec": _options()}


def _options() -> Spec:
    directory = {"path": {"type": "str", "required": True}, "mode": {"type": "str", "default": "0755"}}
    file = {**directory, "content": {"type": "str", "required": True}, "mode": {"type": "str", "default": "0644"}}
    return {
        "directories": {"type": "list", "elements": "dict", "default": [], "options": directory},
        "files": {"type": "list", "elements": "dict", "default": [], "options": file},
    }


def request(task: Task) -> FilesRequest:
    given = task.params
    return FilesRequest(
        tuple(KeptDirectory(each["path"], _mode(each["mode"])) for each in given["directories"]),
        tuple(KeptFile(each["path"], each["content"], _mode(each["mode"])) for each in given["files"]),
        task.check_mode,
    )


def run(task: Task) -> Result:
    return result(keep_files(request(task)), task)


def result(report: ChangeReport, task: Task) -> Result:
    return changes_result(report, check_mode=task.check_mode)


def blank() -> Result:
    return {"changed": False, "changes": []}


def _mode(text: str) -> int:
    try:
        return int(text, 8)
    except ValueError:
        raise InvalidRequest(f"mode: {text!r} is not octal", cure="Write the mode like 0644.") from None
