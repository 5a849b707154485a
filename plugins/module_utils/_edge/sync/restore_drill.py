# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module restore_drill: a signed set restored for a test, with a signed record."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import Any, Dict, List, Mapping, Optional

from ..._engine.drill.drill import end_drill, restore_drill
from ..._engine.drill.request import Check, ChecksRequest, DrillPolicy, DrillReport, DrillRequest
from ..._engine.drill.verdict import causes
from ..._engine.errors import InvalidRequest
from ..._engine.model.display import plain
from ..._engine.model.findings import POLICY_NOT_MET
from ..._engine.model.human import counted, human_size, human_time
from ..._engine.model.report import SyncReport
from ..._engine.model.request import COPY, PULL, SyncRequest
from ..._engine.model.tree_check import Sample
from ..._engine.model.utc import parse_utc, utc
from ..._engine.sync.engine import sync
from ..._engine.sync.progress import Progress
from ..._engine.sync.progress_file import written
from .. import argspec, login_words, paths, quantities
from ..contract import Params, Result, Task
from ..receipting import receipting, require_words
from ..words import failure, path_words
from . import params
from .reading import reading_request, sample, sample_option
from .results import errors_result, peer_result, receipt_result, set_result
from .sealing import identities

FINISHED, RESTORED, CHECKED = "finished", "restored", "checked"
WHOLE, SAMPLE = "whole", "sample"
_SHOWN = (
    *("job", "verdict", "content", "cold", "started", "ended", "rto_seconds", "estimate", "rpo_seconds"),
    *("coverage", "rate", "phases", "checks", "policy"),
)
_OF_A_RESTORE = ("src", "verify", "decrypt", "live", "sample", "policy")


def spec() -> Dict[str, Any]:
    receipts = argspec.receipts()["receipts"]
    options = {**receipts["options"], "job": {"type": "str", "default": "restore_drill"}}
    check = {"name": {"type": "str", "required": True}, "passed": {"type": "bool", "required": True}}
    return {
        "argument_spec": {
            **argspec.endpoint(),
            **argspec.trust(),
            **argspec.tls(),
            **argspec.verify(),
            **argspec.progress(),
            "decrypt": argspec.sealing()["decrypt"],
            **sample_option(),
            "state": {"type": "str", "choices": [FINISHED, RESTORED, CHECKED], "default": FINISHED},
            "src": {"type": "str"},
            "scratch": {"type": "path", "required": True},
            "live": {"type": "list", "elements": "path"},
            "content": {"type": "str", "choices": [WHOLE, SAMPLE], "default": WHOLE},
            "policy": {"type": "dict", "options": _policy_options()},
            "cold": {"type": "bool", "default": True},
            "checks": {"type": "list", "elements": "dict", "options": check},
            "receipts": {**receipts, **argspec.SIGN_RULES, "options": options, "required": True},
            "parallel": {"type": "str", "default": "auto"},
            "bandwidth_limit": {"type": "str"},
            "max_listed": {"type": "int", "default": 100},
            "state_dir": {"type": "path"},
        },
        "mutually_exclusive": argspec.EXCLUSIVE,
        "required_if": [("state", state, ["src", "verify", "live"]) for state in (FINISHED, RESTORED)],
    }


def _policy_options() -> Dict[str, Any]:
    return {
        "max_age": {"type": "str"},
        "rto": {"type": "str"},
        "rpo": {"type": "str"},
        "min_coverage": {"type": "int", "default": 0},
    }


def request(task: Task) -> DrillRequest | ChecksRequest:
    given = task.params
    params.max_listed(given)
    quantities.pause("progress", given["progress"])
    scratch = _scratch(given["scratch"])
    receipts = receipting(given, scratch)
    if receipts is None:
        raise AssertionError("receipts is required")
    if given["state"] == CHECKED:
        _refuse(given, *_OF_A_RESTORE)
        return ChecksRequest(scratch, receipts, _checks(given), task.check_mode)
    _refuse(given, "checks")
    login_words.require_fitting(given)
    return DrillRequest(
        pull=_pull(given, check_mode=task.check_mode),
        scratch=scratch,
        live=tuple(paths.local("live", path) for path in given["live"]),
        receipts=receipts,
        policy=_policy(given["policy"] or {}),
        sample=_sample(given),
        cold=given["cold"],
        waits=given["state"] == RESTORED,
    )


def run(task: Task) -> Result:
    asked = request(task)
    if isinstance(asked, ChecksRequest):
        return result(end_drill(asked), task)
    return result(restore_drill(asked, pull=partial(_shown, task)), task)


def _shown(task: Task, asked: SyncRequest, *, progress: Optional[Progress] = None) -> SyncReport:
    """Carry out the pull, and show its progress."""
    progress = progress or Progress()
    with written(progress, task.progress_file) if task.progress_file else nullcontext():
        return sync(asked, progress=progress)


def result(report: DrillReport, task: Task) -> Result:
    state, pulled = task.params["state"], report.sync
    result: Result = {
        "changed": report.error is None and state != FINISHED,
        "drill": _drill(report),
        "failed_items": [] if pulled is None else errors_result(pulled.failures, params.max_listed(task.params)),
        "notes": [] if pulled is None else [plain(note) for note in pulled.notes],
        "msg": _summary(report, task),
    }
    if report.tree is not None:
        result["tree"] = path_words(report.tree)
    if pulled is not None and pulled.signed_set is not None:
        result["set"] = set_result(pulled.signed_set)
    if pulled is not None and pulled.peer is not None:
        result["peer"] = peer_result(pulled.peer)
    if report.receipt is not None:
        result["receipt"] = receipt_result(report.receipt)
    if report.aborted is not None:
        result["aborted"] = receipt_result(report.aborted)
        task.warn("an earlier drill was killed; its record was written as aborted: see aborted")
    result.update(_failed(report))
    return result


def blank() -> Result:
    return {"changed": False, "drill": {}, "failed_items": [], "notes": []}


def _refuse(given: Params, *options: str) -> None:
    for option in options:
        if given[option] is not None:
            raise InvalidRequest(f"{option}: has no meaning with state: {given['state']}", cure=f"Remove {option}.")


def _scratch(text: str) -> bytes:
    path = paths.local("scratch", text)
    if paths.is_root(path) or path.endswith((b"/.", b"/..")):
        raise InvalidRequest(
            f"scratch: {text!r} is not the path of a directory of its own",
            cure="Set scratch to a directory that only drills use.",
        )
    return path


def _pull(given: Params, *, check_mode: bool) -> SyncRequest:
    """Return an ordinary pull with `verify`."""
    asked = reading_request(given, check_mode=check_mode)
    return asked._replace(
        links=COPY,
        receipts=None,
        decrypt=identities({**given, "direction": PULL}),
        parallel=quantities.connections("parallel", given["parallel"]),
        bandwidth_limit=quantities.bandwidth("bandwidth_limit", given["bandwidth_limit"]),
    )


def _sample(given: Params) -> Optional[Sample]:
    if given["content"] == WHOLE:
        sample(given)  # which refuses the option
        return None
    return sample(given)


def _policy(given: Mapping[str, Any]) -> DrillPolicy:
    times = {
        name: None if given.get(name) is None else quantities.duration(f"policy.{name}", given[name])
        for name in ("max_age", "rto", "rpo")
    }
    least = quantities.count("policy.min_coverage", given.get("min_coverage", 0), most=100)
    return DrillPolicy(times["max_age"], times["rto"], times["rpo"], least)


def _checks(given: Params) -> tuple[Check, ...]:
    return tuple(Check(require_words("checks.name", each["name"]), each["passed"]) for each in given["checks"] or ())


def _drill(report: DrillReport) -> Result:
    """Return the values of the record, and when the next drill is due."""
    fields = {name: report.fields[name] for name in _SHOWN if name in report.fields}
    most = fields["policy"]["max_age"]
    passed = report.fields.get("verdict") == "passed"
    due = utc(parse_utc(report.fields["ended"]) + most) if passed and most is not None else None
    return {**fields, "causes": _causes(report), "next_due": due}


def _causes(report: DrillReport) -> List[Result]:
    """Return why the policy is not met, in words."""
    fields = report.fields
    if "verdict" not in fields or report.error is not None:
        return []
    checks = [Check(**each) for each in fields["checks"]]
    return [
        {"id": each.id, "text": plain(each.text)} for each in causes(fields, checks, DrillPolicy(**fields["policy"]))
    ]


def _failed(report: DrillReport) -> Result:
    if report.error is not None:
        return failure(report.error)
    found = _causes(report)
    if not found:
        return {}
    message = f"the drill does not meet its policy: {'; '.join(each['text'] for each in found)}"
    cure = "Find the cause and drill again; change policy or a check only if it is wrong."
    return {
        "failed": True,
        "msg": f"{message}. {cure}",
        "error": {"code": POLICY_NOT_MET, "path": None, "message": message, "cure": cure},
    }


def _summary(report: DrillReport, task: Task) -> str:
    fields, extent = report.fields, report.fields["coverage"]
    whole = counted(extent["of_files"], "file")
    if task.check_mode and task.params["state"] != CHECKED:
        return f"would restore a set of {whole} ({human_size(extent['of_bytes'])})"
    text = f"restored {extent['files']:,} of {whole} ({human_size(extent['bytes'])})"
    if fields.get("rto_seconds") is not None:
        text += f" in {human_time(fields['rto_seconds'])}"
    if fields["rpo_seconds"] is not None:
        text += f"; the set was {human_time(fields['rpo_seconds'])} old"
    return f"{fields.get('verdict', 'the restored tree waits for checks')}: {text}"
