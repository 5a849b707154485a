# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module evidence_custody: the check of a case, and a line of custody when evidence is handed over."""

from __future__ import annotations

import os
import time
from contextlib import closing
from typing import Any, Dict, NamedTuple, Optional

from ..._engine.errors import CustodyBroken, InvalidRequest
from ..._engine.evidence.case_directory import HANDED_OVER, CaseDirectory
from ..._engine.evidence.checking import CaseFinding, CaseReport, check_case
from ..._engine.integrity.digest import sha256
from ..._engine.model.display import plain
from ..._engine.model.findings import at_least
from ..._engine.model.utc import utc
from ..._engine.signing.purpose import EVIDENCE
from ..._engine.signing.signature_check import SignaturePolicy
from ..._engine.signing.signer import Signer
from ..._engine.system.os_errors import from_os_error
from .. import argspec, paths
from ..contract import Params, Result, Task
from ..findings import counts, summary
from ..login_words import signing_key
from ..receipting import require_words
from ..verifying import signature_policy
from ..words import failure
from .collecting import case_name, responder


class _Asked(NamedTuple):
    path: bytes
    policy: SignaturePolicy
    bundle: Optional[str]


def spec() -> Dict[str, Any]:
    handover = {
        "bundle": {"type": "str", "required": True},
        "to": {"type": "str", "required": True},
        "reason": {"type": "str", "required": True},
        "responder": {"type": "str"},
        **argspec.signing_key(),
    }
    return {
        "argument_spec": {
            "path": {"type": "path", "required": True},
            "case": {"type": "str", "required": True},
            **argspec.signer(required=True),
            "head": {"type": "str"},
            "hand_over": {"type": "dict", "options": handover, **argspec.SIGN_RULES},
        }
    }


def request(task: Task) -> _Asked:
    given = task.params
    path = os.path.join(paths.local("path", given["path"]), case_name(given["case"]).encode("ascii"))
    handover = given["hand_over"]
    return _Asked(path, signature_policy(given["verify"], EVIDENCE), None if handover is None else handover["bundle"])


def run(task: Task) -> Result:
    asked = request(task)
    try:
        report = _with_head(check_case(asked.path, asked.policy), task.params["head"])
        checked = result(report, task)
        if asked.bundle is None or checked.get("failed"):
            return checked
        _require_bundle(asked.bundle, report)
        if not task.check_mode:
            _hand_over(asked, report, task.params["hand_over"])
            checked = result(check_case(asked.path, asked.policy), task)
        return {**checked, "changed": True}
    except OSError as error:
        raise from_os_error(error, path=asked.path) from None


def result(report: CaseReport, task: Task) -> Result:
    severe = at_least(report.findings, "high")
    given = task.params
    last = report.steps[-1] if report.steps else None
    return {
        "changed": False,
        "msg": summary(report.findings),
        "findings": [{key: plain(value) for key, value in each._asdict().items()} for each in report.findings],
        "counts": counts(report.findings),
        "custody": [{**step.fields} for step in report.steps],
        "head": None if last is None else sha256(last.line).hexdigest(),
        "bundles": report.bundles,
        **(failure(_broken(severe[0], len(severe), given)) if severe else {}),
    }


def blank() -> Result:
    return {"changed": False, "findings": [], "counts": counts(()), "custody": [], "head": None, "bundles": []}


def _with_head(report: CaseReport, head: Optional[str]) -> CaseReport:
    if head is None or head in {sha256(step.line).hexdigest() for step in report.steps}:
        return report
    lost = CaseFinding("cut_tail", "critical", "custody.jsonl", "no line has the SHA-256 of head")
    return report._replace(findings=[*report.findings, lost])


def _require_bundle(name: str, report: CaseReport) -> None:
    if name not in report.bundles:
        raise InvalidRequest(
            f"hand_over.bundle: {plain(name)} is not in the case", cure="Take a name of the result bundles."
        )


def _hand_over(asked: _Asked, report: CaseReport, given: Params) -> None:
    holder = {str(step.fields["bundle"]): step.fields for step in report.steps}[given["bundle"]]
    values = {
        "action": HANDED_OVER,
        "when": utc(time.time()),
        "who": responder(given["responder"]),
        "why": require_words("hand_over.reason", given["reason"]),
        "from": str(holder["to"]),
        "to": require_words("hand_over.to", given["to"]),
        "bundle": given["bundle"],
        "sha256": str(holder["sha256"]),
    }
    case = CaseDirectory(os.path.dirname(asked.path), os.path.basename(asked.path).decode())
    with closing(Signer(signing_key("hand_over", given), option="hand_over")) as signer:
        case.append(values, lambda content: signer.sign(content, EVIDENCE))


def _broken(first: CaseFinding, number: int, given: Params) -> CustodyBroken:
    more = "" if number == 1 else f" (and {number - 1} more)"
    return CustodyBroken(
        f"{plain(given['case'])}: {plain(first.place)}: {first.id}: {plain(first.observed)}{more}",
        cure="Find out who changed the case; compare it with your copy, and with head.",
    )
