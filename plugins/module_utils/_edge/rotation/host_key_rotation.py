# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of host_key_rotation, and one run of it: parameters in, the result out."""

from __future__ import annotations

import time
from typing import Any, Dict, List, Mapping, Optional

from ..._engine.errors import InvalidRequest
from ..._engine.rotation.host_keys.host_key_file import KINDS, HostKey
from ..._engine.rotation.host_keys.phases import Rotation, Schedule, due_at
from ..._engine.rotation.host_keys.steps import Report, Request, advance, finish, observe
from ..._engine.sshd.times import for_people
from ..argspec import Spec

__all__ = ["blank_rotation", "host_key_rotation", "rotate"]

Result = Dict[str, Any]
Params = Mapping[str, Any]
_DAY = 86400.0
_STATES = ("observed", "advanced", "finished")


def host_key_rotation() -> Spec:
    """The options."""
    return {
        "state": {"type": "str", "choices": list(_STATES), "default": "observed"},
        "types": {"type": "list", "elements": "str", "choices": list(KINDS), "default": ["ed25519"]},
        "max_age": {"type": "float", "default": 365},
        "announce": {"type": "float", "default": 14},
        "overlap": {"type": "float", "default": 14},
        "hold": {"type": "bool", "default": False},
    }


def rotate(params: Params, *, check_mode: bool) -> Result:
    """The whole result of host_key_rotation. Raises SyncError."""
    request, now = _request(params), time.time()
    if params["state"] == "observed":
        return _result(observe(request, now), request)
    work = advance if params["state"] == "advanced" else finish
    return _result(work(request, now, check_mode=check_mode), request)


def blank_rotation() -> Result:
    """The parts that a result has whatever happened."""
    return {"changed": False, "rotations": [], "files": [], "deeds": []}


def _request(params: Params) -> Request:
    schedule = Schedule(*(_seconds(name, params[name]) for name in ("max_age", "announce", "overlap")))
    return Request(params["types"], schedule, params["hold"])


def _seconds(option: str, days: float) -> float:
    if not 0 <= days <= 36500:
        raise InvalidRequest("%s: %s is not a number of days" % (option, days), cure="Set it to 0 to 36500 days.")
    return days * _DAY


def _result(report: Report, request: Request) -> Result:
    return {
        "changed": bool(report.deeds),
        "deeds": list(report.deeds),
        "rotations": [_told(each, request) for each in report.rotations],
        "host_keys": list(report.host_keys),
        "serving": report.serving,
        "files": [_file(path, text) for path, text in report.drop_ins.items()],
        "diff": [{"before": "", "after": "%s\n" % deed} for deed in report.deeds],
        "msg": "; ".join([*report.deeds, *(_sentence(each, request) for each in report.rotations)]),
    }


def _file(path: str, text: Optional[str]) -> Result:
    return {"path": path, "mode": "0600", **({} if text is None else {"content": text})}


def _told(rotation: Rotation, request: Request) -> Result:
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
    return None if due is None else for_people(due)


def _sentence(rotation: Rotation, request: Request) -> str:
    following = _next(rotation, request)
    words: List[str] = [rotation.kind, "is", rotation.phase]
    return " ".join(words + (["until", following] if following else []))
