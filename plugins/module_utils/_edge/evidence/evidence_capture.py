# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module evidence_capture: the archive of a host's evidence, made, read in parts, and removed."""

from __future__ import annotations

import base64
import re
import time
from typing import Any, Dict, NamedTuple

from ..._engine.errors import InvalidRequest
from ..._engine.evidence.capture import Captured, capture, discard, read_part
from ..._engine.evidence.scope import JOURNAL_PROGRAMS, Scope
from ..._engine.model.display import plain
from .. import quantities
from ..contract import Result, Task

CAPTURED, READ, ABSENT = "captured", "read", "absent"
MOST_LISTED = 500
_NAME = re.compile(r"[0-9a-f]{16}\Z")
_UNUSABLE = re.compile(r"[*\0]|\A/+(?:proc|sys|dev)(?:/|\Z)|\A/+\Z")
_PROGRAM = re.compile(r"[A-Za-z0-9_.+:@()/-]{1,15}\Z")


class _Asked(NamedTuple):
    scope: Scope
    name: str
    most: int


def spec() -> Dict[str, Any]:
    return {
        "argument_spec": {
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": [CAPTURED, READ, ABSENT], "default": CAPTURED},
            "offset": {"type": "int", "default": 0},
            **scope_spec(),
        }
    }


def scope_spec() -> Dict[str, Any]:
    return {
        "since": {"type": "str", "default": "7d"},
        "programs": {"type": "list", "elements": "str", "default": list(JOURNAL_PROGRAMS)},
        "files": {"type": "list", "elements": "str", "default": []},
        "arguments": {"type": "bool", "default": False},
        "max_size": {"type": "str", "default": "1G"},
    }


def request(task: Task) -> _Asked:
    given = task.params
    if not _NAME.match(given["name"]):
        raise InvalidRequest(f"name: {given['name']!r} is not 16 hexadecimal digits", cure="Use the action evidence.")
    scope = Scope(
        since=quantities.duration("since", given["since"]),
        programs=tuple(_program(each) for each in given["programs"]),
        files=tuple(_file(each) for each in given["files"]),
        arguments=given["arguments"],
    )
    if not scope.programs:
        raise InvalidRequest("programs: is empty", cure="Name at least one program.")
    return _Asked(scope, given["name"], quantities.size("max_size", given["max_size"]))


def run(task: Task) -> Result:
    asked, given = request(task), task.params
    quantities.count("offset", given["offset"])
    if given["state"] == READ:
        data = base64.b64encode(read_part(asked.name, given["offset"])).decode("ascii")
        return {**blank(), "data": data, "msg": "a part of the archive"}
    if given["state"] == ABSENT:
        changed = not task.check_mode and discard(asked.name)
        return {**blank(), "changed": changed, "msg": "no archive"}
    if task.check_mode:
        return {**blank(), "changed": True, "msg": "an archive would be made"}
    return result(capture(asked.scope, asked.name, asked.most), time.time())


def result(report: Captured, moment: float) -> Result:
    left_out = [{"path": plain(each["path"]), "reason": plain(each["reason"])} for each in report.left_out]
    return {
        "changed": True,
        "msg": f"{report.members} outputs and files, {len(left_out)} left out, {len(report.cut)} cut",
        "size": report.size,
        "sha256": report.digest,
        "members": report.members,
        "left_out": left_out[:MOST_LISTED],
        "cut": [_cut(each) for each in report.cut[:MOST_LISTED]],
        "moment": f"{moment:.6f}",
    }


def blank() -> Result:
    return {"changed": False}


def _cut(found: Dict[str, Any]) -> Dict[str, Any]:
    first, newest = (part["end"] - part["start"] for part in found["parts"])
    return {"name": plain(found["name"]), "size": found["size"], "first": first, "newest": newest}


def _program(text: str) -> str:
    if not _PROGRAM.match(text):
        raise InvalidRequest(
            f"programs: {text!r} is not the name of a process", cure="Write it as ps -o comm shows it, without blanks."
        )
    return text


def _file(text: str) -> str:
    if not text.startswith("/") or {".", ".."} & set(text.split("/")) or _UNUSABLE.search(text):
        raise InvalidRequest(
            f"files: {text!r} is not the absolute path of a file or directory",
            cure="Write an absolute path without . .. and *, and not below /proc, /sys and /dev.",
        )
    return text
