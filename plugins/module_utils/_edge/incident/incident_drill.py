# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module incident_drill: the steps of a drill of a revocation, on the controller."""

from __future__ import annotations

from typing import Any, Dict, Mapping, NamedTuple, Optional, Tuple

from ..._engine.errors import InvalidRequest
from ..._engine.incident import drill
from ..._engine.incident.directory import DrillDirectory
from ..._engine.incident.judgement import ACCESS_BACK, DETECTED, Limits
from ..._engine.model.display import plain
from ..._engine.model.findings import POLICY_NOT_MET
from ..._engine.model.request import Receipting
from .. import argspec, paths, quantities
from ..contract import Params, Result, Task
from ..names import account_name
from ..receipting import receipting, require_words
from ..sync.results import receipt_result

BEGUN, MARKED, AWAITED, NOTED, FINISHED = "begun", "marked", "awaited", "noted", "finished"
_LONGEST = 600
"""Seconds of a limit: tasks of the playbook end after 900."""
_SHOWN = ("job", "verdict", "started", "ended", "account", "key", "limits", "phases", "servers")


class _Asked(NamedTuple):
    state: str
    directory: DrillDirectory
    plan: Optional[drill.Plan]
    receipts: Optional[Receipting]
    event: str
    answers: Mapping[str, Any]
    refusals: Tuple[Mapping[str, Any], ...]
    patience: float


def spec() -> Dict[str, Any]:
    receipts = argspec.receipts()["receipts"]
    options = {**receipts["options"], "job": {"type": "str", "default": "incident_drill"}}
    limits = {"refused": {"type": "str", "default": "60s"}, "all_hosts": {"type": "str", "default": "300s"}}
    states = [BEGUN, MARKED, AWAITED, NOTED, FINISHED]
    return {
        "argument_spec": {
            "state": {"type": "str", "choices": states, "required": True},
            "directory": {"type": "path", "required": True},
            "account": {"type": "str"},
            "servers": {"type": "list", "elements": "str"},
            "limits": {"type": "dict", "options": limits, "apply_defaults": True},
            "receipts": {**receipts, **argspec.SIGN_RULES, "options": options},
            "event": {"type": "str", "choices": [DETECTED, ACCESS_BACK]},
            "answers": {"type": "dict", "default": {}},
            "refusals": {"type": "list", "elements": "dict", "default": []},
            "patience": {"type": "float", "default": 60.0},
        },
        "required_if": [
            ("state", BEGUN, ["account", "servers", "receipts"]),
            ("state", NOTED, ["event"]),
            ("state", FINISHED, ["receipts"]),
        ],
    }


def request(task: Task) -> _Asked:
    given = task.params
    return _Asked(
        state=given["state"],
        directory=DrillDirectory(paths.local("directory", given["directory"])),
        plan=_plan(given) if given["state"] == BEGUN else None,
        receipts=receipting(given, None),
        event=given["event"] or "",
        answers=given["answers"],
        refusals=tuple(given["refusals"]),
        patience=quantities.seconds("patience", given["patience"]),
    )


def _plan(given: Params) -> drill.Plan:
    servers = tuple(require_words("servers", name) for name in given["servers"])
    limits = {name: quantities.duration(f"limits.{name}", text, shortest=1) for name, text in given["limits"].items()}
    if limits["all_hosts"] > _LONGEST:
        raise InvalidRequest(
            f"limits.all_hosts: must be at most {_LONGEST}s, because the drill waits for it",
            cure=f"Set it to {_LONGEST}s or less.",
        )
    return drill.Plan(account_name("account", given["account"]), servers, Limits(**limits))


def run(task: Task) -> Result:
    asked = request(task)
    if task.check_mode:
        return {"changed": False, "msg": "nothing is measured in check mode"}
    if asked.state == BEGUN:
        return _begun(asked, task)
    if asked.state == MARKED:
        return {"changed": True, "msg": f"the key counts as compromised since {_mark(asked)}"}
    if asked.state == AWAITED:
        words = "every server refuses the key and has ended the session"
        over = drill.wait(asked.directory)
        return {"changed": True, "msg": words if over else f"not {words}"}
    if asked.state == NOTED:
        missed = drill.note(asked.directory, asked.event, asked.answers)
        return {"changed": True, "msg": f"missed: {plain(', '.join(missed))}" if missed else "every server answered"}
    return result(drill.finish(asked.directory, _receipts(asked), asked.refusals))


def _begun(asked: _Asked, task: Task) -> Result:
    if asked.plan is None:
        raise AssertionError("a drill begins with a plan")
    begun = drill.begin(asked.directory, asked.plan, _receipts(asked))
    result: Result = {
        "changed": True,
        "fingerprint": begun.compromised.fingerprint,
        "fingerprints": [each for each in (begun.compromised.fingerprint, begun.former) if each],
        "public_key": begun.compromised.text,
        "new_public_key": begun.restored.text,
        "msg": "two keys were made",
    }
    if begun.aborted is not None:
        result["aborted"] = receipt_result(begun.aborted)
        task.warn("an earlier drill was killed; its record was written as aborted: see aborted")
    return result


def _mark(asked: _Asked) -> str:
    return drill.mark(asked.directory, asked.patience)


def _receipts(asked: _Asked) -> Receipting:
    if asked.receipts is None:
        raise AssertionError("receipts is required")
    return asked.receipts


def result(report: drill.Finished) -> Result:
    found = [{"id": each.id, "text": plain(each.text)} for each in report.causes]
    result: Result = {
        "changed": True,
        "drill": {**{name: report.fields[name] for name in _SHOWN}, "causes": found},
        "receipt": receipt_result(report.receipt),
        "msg": _summary(report.fields),
    }
    if found:
        message = f"the drill failed: {'; '.join(each['text'] for each in found)}"
        cure = "Find the cause and drill again. Close the account first where it may still be open."
        error = {"code": POLICY_NOT_MET, "path": None, "message": message, "cure": cure}
        result.update({"failed": True, "msg": f"{message}. {cure}", "error": error})
    return result


def _summary(fields: Mapping[str, Any]) -> str:
    named = ("detected", "refused", "all_hosts", "sessions_ended", "access_back")
    words = {name: name.replace("_", " ") for name in named}
    return "%s: %s" % (
        fields["verdict"],
        ", ".join(f"{words[name]} {_seconds(fields['phases'][name])}" for name in named),
    )


def _seconds(milliseconds: Optional[int]) -> str:
    return "not measured" if milliseconds is None else f"after {milliseconds / 1000:.1f} s"


def blank() -> Result:
    return {"changed": False}
