# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""sshd_change: parameters in, the change made, confirmed or undone, the result out."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Sequence

from .._engine.errors import SshdMissing
from .._engine.model.display import plain
from .._engine.model.human import counted
from .._engine.sshd import daemon
from .._engine.sshd.change import Report, apply, undo, verify
from .._engine.sshd.marked_block import NONE, with_block
from .._engine.sshd.plan import LAYOUTS, Group, Request
from .._engine.sshd.profiles import PROFILE_NAMES, profile_named
from .._engine.sshd.rollback import confirm
from .._engine.sshd.stage import File, read
from .._engine.sshd.wanted import Difference
from .argspec import Spec
from .contract import Result, Task

_STATES = ("kept", "applied", "confirmed", "undone", "verified")
_CONFIRMATIONS = LOGIN, TRIAL = ("login", "trial")


def spec() -> Dict[str, Any]:
    return {"argument_spec": _options()}


def _options() -> Spec:
    expected = {"user": {"type": "str", "required": True}, "settings": {"type": "dict", "required": True}}
    file = {
        "path": {"type": "path", "required": True},
        "content": {"type": "str"},
        "block": {"type": "str"},
        "mode": {"type": "str", "default": "0600"},
    }
    return {
        "state": {"type": "str", "choices": list(_STATES), "default": "kept"},
        "profile": {"type": "str", "choices": list(PROFILE_NAMES)},
        "layout": {"type": "str", "choices": list(LAYOUTS), "default": "drop_in"},
        "settings": {"type": "dict", "default": {}},
        "group": {"type": "str"},
        "group_settings": {"type": "dict", "default": {}},
        "strong_moduli": {"type": "bool", "default": True},
        "files": {"type": "list", "elements": "dict", "default": [], "options": file},
        "expected": {"type": "list", "elements": "dict", "default": [], "options": expected},
        "service": {"type": "str", "default": "ssh"},
        "confirm_timeout": {"type": "int", "default": 120},
        "confirmation": {"type": "str", "choices": list(_CONFIRMATIONS), "default": LOGIN},
    }


def request(task: Task) -> Request:
    given = task.params
    profile: Optional[str] = given["profile"]
    return Request(
        profile=profile_named(profile) if profile else None,
        own=_settings(given["settings"]),
        group=Group(given["group"], _settings(given["group_settings"])) if given["group"] else None,
        layout=given["layout"],
        strong_moduli=given["strong_moduli"],
        extra={each["path"]: _file(each) for each in given["files"]},
        expected={each["user"]: _settings(each["settings"]) for each in given["expected"]},
        service=given["service"],
        timeout=given["confirm_timeout"],
        by_trial=given["confirmation"] == TRIAL,
    )


def _file(given: Mapping[str, Any]) -> File:
    path, block, mode = given["path"], given["block"], int(given["mode"], 8)
    if block is None:
        return File(given["content"], mode)
    return File(with_block(path, read(path), block), mode, last=block.strip() == NONE)


def run(task: Task) -> Result:
    if task.params["state"] == "confirmed":
        if not task.check_mode:
            confirm()
        return {"changed": False, "msg": "confirmed"}
    if task.params["state"] == "undone":
        undone = not task.check_mode and undo()
        return {"changed": undone, "msg": "the previous configuration is restored" if undone else "nothing was undone"}
    if not daemon.installed():
        return _without_sshd(check_mode=task.check_mode)
    if task.params["state"] == "verified":
        return _verified(verify(request(task)))
    report = apply(request(task), check_mode=task.check_mode)
    for note in report.notes:
        task.warn(plain(note))
    return result(report)


def result(report: Report) -> Result:
    diff = [
        {"before_header": path, "after_header": path, "before": before, "after": after}
        for path, (before, after) in report.changes.items()
    ]
    changed = counted(len(report.changes), "file")
    return {
        "changed": report.changed,
        "waiting": report.waiting,
        "files": sorted(report.changes),
        "changes": [*(f"{path}: written" for path in sorted(report.changes)), *report.host_keys],
        "notes": list(report.notes),
        "owner": report.owner,
        "diff": diff,
        "msg": f"{changed} changed" if report.changed else "everything is as wanted",
    }


def _verified(found: Sequence[Difference]) -> Result:
    return {
        "changed": False,
        "differences": [{name: plain(value) for name, value in each._asdict().items()} for each in found],
        "msg": f"{len(found)} settings are not as expected" if found else "everything is as expected",
    }


def blank() -> Result:
    return {"changed": False, "changes": [], "waiting": False, "files": []}


def _settings(given: Mapping[str, Any]) -> Dict[str, str]:
    return {keyword: _value(value) for keyword, value in given.items()}


def _value(value: Any) -> str:
    """YAML reads `no` as a truth value; a list stands for a keyword that is given several times."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "\n".join(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else str(value)


def _without_sshd(*, check_mode: bool) -> Result:
    if check_mode:
        return {"changed": True, "msg": "sshd is not installed yet; it would be configured"}
    raise SshdMissing("sshd is not installed", cure="Install the OpenSSH server.")
