# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module key_revocation_list: the signed list of revoked keys, kept on the controller."""

from __future__ import annotations

import getpass
from typing import Any, Dict, Tuple

from ..._engine.errors import InvalidRequest
from ..._engine.integrity.digest import sha256
from ..._engine.krl.making import CREATED, LIST, SIGNATURE, ListReport, ListRequest, keep_list
from ..._engine.krl.source import SOURCE
from ..._engine.model.display import plain
from ..._engine.model.human import counted
from ..._engine.model.utc import utc
from ..._engine.signing.signer import Signer
from .. import argspec, paths, quantities
from ..contract import Result, Task
from ..login_words import signing_key
from ..receipting import require_words
from ..words import path_words
from .revoked_entries import revoked_entries, revoked_spec


def spec() -> Dict[str, Any]:
    return {
        "argument_spec": {
            "path": {"type": "path", "required": True},
            **revoked_spec(),
            "reason": {"type": "str"},
            "responder": {"type": "str"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "max_age": {"type": "str", "default": "24h"},
            "min_version": {"type": "int", "default": 1},
            "sign": {"type": "dict", "required": True, "options": argspec.signing_key(), **argspec.SIGN_RULES},
        }
    }


def request(task: Task) -> ListRequest:
    given = task.params
    return ListRequest(
        directory=paths.local("path", given["path"]),
        revoked=tuple(revoked_entries(given)),
        by=require_words("responder", given["responder"] or _user()),
        reason="" if given["reason"] is None else require_words("reason", given["reason"]),
        max_age=quantities.duration("max_age", given["max_age"]),
        min_version=quantities.count("min_version", given["min_version"], least=1, most=10**15),
        absent=given["state"] == "absent",
        check_mode=task.check_mode,
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container whose user has no name
        raise InvalidRequest("responder: the user of this task has no name", cure="Set responder.") from None


def run(task: Task) -> Result:
    asked = request(task)
    signer = Signer(signing_key("sign", task.params["sign"]))
    try:
        return result(keep_list(asked, signer), task)
    finally:
        signer.close()


def result(report: ListReport, task: Task) -> Result:
    header = report.header
    return {
        "changed": bool(report.why),
        "msg": _words(report),
        "version": 0 if header is None else header.version,
        "date": "" if header is None else utc(header.date),
        "sha256": sha256(report.content).hexdigest() if report.content else "",
        "entries": report.entries,
        "added": [plain(each.words) for each in report.added],
        "removed": [plain(each.words) for each in report.removed],
        "files": _files(task.params["path"]),
        "diff": _diff(report, task.params["path"]),
    }


def _words(report: ListReport) -> str:
    if not report.why or report.header is None:
        return "nothing to do"
    words = f"version {report.header.version} with {counted(report.entries, 'entry', 'entries')}"
    return f"created list {words}" if report.why == CREATED else f"{words}: {report.why}"


def _files(directory: str) -> Dict[str, str]:
    names: Tuple[Tuple[str, str], ...] = (("source", SOURCE), ("list", LIST), ("signature", SIGNATURE))
    return {key: path_words(paths.local("path", directory) + b"/" + name.encode()) for key, name in names}


def _diff(report: ListReport, directory: str) -> Dict[str, str]:
    name = _files(directory)["source"]
    return {"before": report.before, "after": report.after, "before_header": name, "after_header": name}


def blank() -> Result:
    return {"changed": False, "version": 0, "entries": 0, "added": [], "removed": []}
