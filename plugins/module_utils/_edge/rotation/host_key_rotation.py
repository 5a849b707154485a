# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of host_key_rotation, and one run of it: parameters in, the result out."""

from __future__ import annotations

import time
from typing import Any, Dict, List, Optional

from ..._engine.model.utc import utc
from ..._engine.rotation.host_keys.host_key_file import KINDS, HostKey
from ..._engine.rotation.host_keys.steps import Report, Request, Rotation, Schedule, advance, due_at, finish, observe
from ..argspec import Spec
from ..contract import Result, Task
from ..quantities import seconds_of_days

_STATES = ("observed", "advanced", "finished")


def spec() -> Dict[str, Any]:
    return {"argument_spec": _options()}


def _options() -> Spec:
    return {
        "state": {"type": "str", "choices": list(_STATES), "default": "observed"},
        "types": {"type": "list", "elements": "str", "choices": list(KINDS), "default": ["ed25519"]},
        "max_age": {"type": "float", "default": 365},
        "announce": {"type": "float", "default": 14},
        "overlap": {"type": "float", "default": 14},
        "hold": {"type": "bool", "default": False},
    }


def request(task: Task) -> Request:
    given = task.params
    schedule = Schedule(*(seconds_of_days(name, given[name]) for name in ("max_age", "announce", "overlap")))
    return Request(given["types"], schedule, given["hold"])


def run(task: Task) -> Result:
    asked, state, now = request(task), task.params["state"], time.time()
    if state == "observed":
        return result(observe(asked, now), asked)
    step = advance if state == "advanced" else finish
    return result(step(asked, now, check_mode=task.check_mode), asked)


def result(report: Report, asked: Request) -> Result:
    return {
        "changed": bool(report.changes),
        "changes": list(report.changes),
        "rotations": [_rotation(each, asked) for each in report.rotations],
        "host_keys": list(report.host_keys),
        "serving": report.serving,
        "files": [_file(path, text) for path, text in report.drop_ins.items()],
        "diff": [{"before": "", "after": f"{change}\n"} for change in report.changes],
        "msg": "; ".join([*report.changes, *(_sentence(each, asked) for each in report.rotations)]),
    }


def blank() -> Result:
    return {"changed": False, "changes": [], "rotations": [], "files": []}


def _file(path: str, text: Optional[str]) -> Result:
    return {"path": path, "mode": "0600", **({} if text is None else {"content": text})}


def _rotation(rotation: Rotation, request: Request) -> Result:
    return {
        "type": rotation.kind,
        "phase": rotation.phase,
        "next": _next(rotation, request),
        "path": rotation.path,
        "fingerprint": _fingerprint(rotation.standing),
        "new_path": rotation.successor.path if rotation.successor else None,
        "new_fingerprint": _fingerprint(rotation.successor),
    }


def _fingerprint(key: Optional[HostKey]) -> Optional[str]:
    return key.public.fingerprint if key is not None and key.public.blob else None


def _next(rotation: Rotation, request: Request) -> Optional[str]:
    due = due_at(rotation, request.schedule)
    return None if due is None else utc(due)


def _sentence(rotation: Rotation, request: Request) -> str:
    following = _next(rotation, request)
    words: List[str] = [rotation.kind, "is", rotation.phase]
    return " ".join(words + (["until", following] if following else []))
