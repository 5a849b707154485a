# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module tree_verify: a tree at a server held against its signed set."""

from __future__ import annotations

import time
from typing import Any, Dict

from ..._engine.errors import InvalidPattern
from ..._engine.model.display import plain
from ..._engine.model.human import counted
from ..._engine.model.tree_check import CONTENTS, Coverage, TreeCheck, TreeCheckReport, TreeFinding
from ..._engine.model.utc import utc
from ..._engine.planning.filters import Filters
from ..._engine.sync.tree_check import check_tree
from .. import argspec, login_words
from ..contract import Result, Task
from ..findings import FAIL_ON_SETS, counts, not_met, summary
from ..words import failure, path_words
from . import params
from .reading import reading_request, sample, sample_option
from .results import peer_result, receipt_result, set_result


def spec() -> Dict[str, Any]:
    verify = argspec.verify()["verify"]
    return {
        "argument_spec": {
            **argspec.endpoint(),
            **argspec.trust(),
            **argspec.tls(),
            "verify": {**verify, "required": True},
            **argspec.receipts(),
            "src": {"type": "str", "required": True},
            "content": {"type": "str", "choices": list(CONTENTS), "default": "sample"},
            **sample_option(),
            "allow": {"type": "list", "elements": "str"},
            "fail_on": {"type": "str", "choices": list(FAIL_ON_SETS), "default": "high"},
            "max_listed": {"type": "int", "default": 100},
            "state_dir": {"type": "path"},
        },
        "mutually_exclusive": argspec.EXCLUSIVE,
    }


def request(task: Task) -> TreeCheck:
    given = task.params
    login_words.require_fitting(given)
    params.max_listed(given)
    return TreeCheck(
        request=reading_request(given, check_mode=task.check_mode),
        content=given["content"],
        sample=sample(given),
        allow=_patterns(given["allow"]),
        fail_on=given["fail_on"],
    )


def run(task: Task) -> Result:
    return result(check_tree(request(task)), task)


def result(report: TreeCheckReport, task: Task) -> Result:
    given, most = task.params, params.max_listed(task.params)
    result: Result = {
        "changed": False,
        "time": utc(time.time()),
        "findings": [_finding(each) for each in report.findings[:most]],
        "counts": counts(report.findings),
        "coverage": _coverage(report.coverage),
        "notes": [plain(note) for note in report.notes],
        "msg": _summary(report),
    }
    if report.signed_set is not None:
        result["set"] = set_result(report.signed_set)
    if report.peer is not None:
        result["peer"] = peer_result(report.peer)
    if report.receipt is not None:
        result["receipt"] = receipt_result(report.receipt)
    if report.error is not None:
        result.update(failure(report.error))
    else:
        result.update(not_met(report.findings, given["fail_on"], given["src"], "its signed set"))
    return result


def _summary(report: TreeCheckReport) -> str:
    words = summary(report.findings)
    if report.signed_set is None:
        return words
    read = counted(report.coverage.files, "file was", "files were")
    return f"{words}; compared with set {report.signed_set.sequence}, {read} read"


def blank() -> Result:
    return {
        "changed": False,
        "findings": [],
        "counts": counts(()),
        "coverage": _coverage(Coverage()),
        "notes": [],
    }


def _patterns(allow: Any) -> tuple[str, ...]:
    try:
        Filters((), allow or ())
    except InvalidPattern as error:
        raise InvalidPattern(f"allow: {error.message}", cure=error.cure) from None
    return tuple(allow or ())


def _finding(finding: TreeFinding) -> Result:
    words = {name: plain(value) for name, value in finding._asdict().items() if isinstance(value, str)}
    return {**words, "path": None if finding.path is None else path_words(finding.path)}


def _coverage(coverage: Coverage) -> Result:
    since = None if coverage.since is None else utc(coverage.since)
    return {"files": coverage.files, "bytes": coverage.size, "since": since}
