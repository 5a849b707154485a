# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of account_access, and one run of it: parameters in, the result out."""

from __future__ import annotations

from functools import partial
from typing import Any, Dict, List, Mapping, Union

from ..._engine.access.closing import Attempts, close_account
from ..._engine.access.host import Access, AccessReport
from ..._engine.access.job_timer import JobReport, JobRequest, close_job, open_job
from ..._engine.access.known_keys import WAYS
from ..._engine.access.opening import open_account
from ..._engine.access.record import CLOSED, OPEN
from ..._engine.errors import InvalidRequest
from ..._engine.rotation.server_keys.key_lines import public_key
from ..argspec import Spec
from ..changes import worded_result
from ..contract import Result, Task
from ..names import account_name, job_name, plain_path
from ..rotation.password_param import checked_password

Request = Union[Access, List[JobRequest]]


def spec() -> Dict[str, Any]:
    return {
        "argument_spec": _options(),
        "mutually_exclusive": [("account", "jobs")],
        "required_one_of": [("account", "jobs")],
    }


def _options() -> Spec:
    return {
        "account": {"type": "str"},
        "jobs": {"type": "list", "elements": "str"},
        "state": {"type": "str", "choices": [CLOSED, OPEN], "required": True},
        "keys": {"type": "list", "elements": "str", "default": [], "no_log": False},
        "password": {"type": "str", "no_log": True},
        "checked_settings": {"type": "list", "elements": "str", "choices": list(WAYS), "default": []},
        "login": {"type": "str"},
        "version": {"type": "int", "default": 0},
        "revoked_keys_file": {"type": "str", "default": "/etc/ssh/revoked_keys"},
        "ftps_list": {"type": "str", "default": "/etc/secure_ftp_synchronize/ftps_accounts.list"},
    }


def request(task: Task) -> Request:
    given = task.params
    if given["state"] == CLOSED or given["jobs"] is not None:
        _refuse_meaningless(given)
    if given["jobs"] is not None:
        return [JobRequest(job_name(each), check_mode=task.check_mode) for each in given["jobs"]]
    return Access(
        account_name("account", given["account"]),
        tuple(map(public_key, given["keys"])),
        checked_password(given["password"]) if given["password"] is not None else "",
        tuple(given["checked_settings"]),
        given["login"] or "",
        given["version"],
        revoked_keys=plain_path(given["revoked_keys_file"]),
        ftps_list=plain_path(given["ftps_list"]),
        check_mode=task.check_mode,
    )


def run(task: Task) -> Result:
    asked, closes = request(task), task.params["state"] == CLOSED
    if isinstance(asked, list):
        return _jobs_result(asked, task, closes=closes)
    report = close_account(asked) if closes else open_account(asked)
    for each in report.unrevoked:
        task.warn(f"{asked.account}: {each}, which no revocation covers")
    return result(report)


def result(report: AccessReport) -> Result:
    parts = worded_result(report.changes)
    return {
        **parts,
        "changed": parts["changed"] or bool(report.ended),
        "state": report.state,
        "fingerprints": list(report.revoked),
        "spared": list(report.spared),
        "sessions_ended": report.ended,
        "unrevoked": list(report.unrevoked),
    }


def blank() -> Result:
    lists: Result = {name: [] for name in ("changes", "fingerprints", "spared", "unrevoked")}
    return {"changed": False, "state": "", "sessions_ended": 0, **lists}


def _jobs_result(jobs: List[JobRequest], task: Task, *, closes: bool) -> Result:
    """Stop or start every job, then report errors."""
    attempts, state, act = Attempts(), task.params["state"], close_job if closes else open_job
    reports = [attempts.attempt(partial(act, each), JobReport((), state)) for each in jobs]
    attempts.end("")
    for note in filter(None, (each.note for each in reports)):
        task.warn(note)
    changes = tuple(change for each in reports for change in each.changes)
    return result(AccessReport(changes, state, ended=sum(each.ended for each in reports)))


def _refuse_meaningless(given: Mapping[str, Any]) -> None:
    for option in ("keys", "password", "checked_settings"):
        if given[option]:
            raise InvalidRequest(f"{option}: has no meaning unless an account is opened", cure=f"Remove {option}.")
