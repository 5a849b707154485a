# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of jail_probe besides argspec.endpoint and argspec.trust, and one run of it."""

from __future__ import annotations

import time
from typing import Any, Dict, Mapping

from ..._engine.errors import InvalidRequest
from ..._engine.jail.probe.catalogue import BOTH, DOWNLOAD, UPLOAD, Expected
from ..._engine.jail.probe.probe import ProbeRequest, Report, probe_jail
from ..._engine.model.display import plain
from ..._engine.model.utc import utc
from .. import argspec, paths, quantities
from ..contract import Result, Task
from ..findings import FAIL_ON, blank_findings, findings_result, not_met
from ..sync import params
from ..sync.results import peer_result


def spec() -> Dict[str, Any]:
    directories = {"type": "list", "elements": "str", "default": []}
    expect = {
        "access": {"type": "str", "choices": [UPLOAD, DOWNLOAD, BOTH], "default": BOTH},
        "writable": directories,
        "readable": directories,
        "symlinks": {"type": "bool", "default": False},
        "certificate_only": {"type": "bool", "default": False},
    }
    own: argspec.Spec = {
        "expect": {"type": "dict", "options": expect, "apply_defaults": True},
        "other_accounts": {"type": "list", "elements": "str", "default": []},
        "marked_file": {"type": "bool", "default": False},
        "fail_on": {"type": "str", "choices": list(FAIL_ON), "default": "high"},
        "pause": {"type": "float", "default": 0.5},
    }
    return argspec.ssh_endpoint(own)


def request(task: Task) -> ProbeRequest:
    given = task.params
    account = params.ssh_account(given, "For FTPS use tls_policy.")
    if given["ssh_client"] == "paramiko":
        raise InvalidRequest("ssh_client: must be openssh", cure="Leave ssh_client out; paramiko cannot forward.")
    others = tuple(_name(name) for name in given["other_accounts"])
    pause = quantities.pause("pause", given["pause"])
    return ProbeRequest(account, _expected(given["expect"]), others, pause, given["marked_file"])


def _expected(given: Mapping[str, Any]) -> Expected:
    return Expected(
        access=given["access"],
        writable=tuple(paths.remote("expect.writable", each) for each in given["writable"]),
        readable=tuple(paths.remote("expect.readable", each) for each in given["readable"]),
        symlinks=given["symlinks"],
        certificate_only=given["certificate_only"],
    )


def _name(name: str) -> bytes:
    path = paths.remote("other_accounts", name)
    if b"/" in path or path in (b".", b".."):
        raise InvalidRequest(f"other_accounts: {name!r} is not the name of an account", cure="Set names, not paths.")
    return path


def run(task: Task) -> Result:
    asked = request(task)
    if task.check_mode:
        return {**blank(), "msg": "not tried in check mode"}
    return result(probe_jail(asked), asked, task.params["fail_on"])


def result(report: Report, asked: ProbeRequest, fail_on: str) -> Result:
    endpoint = asked.account.endpoint
    who = f"{endpoint.username or 'the account'} at {endpoint.host}"
    return {
        "changed": False,
        "time": utc(time.time()),
        "username": plain(endpoint.username or ""),
        **findings_result(report.findings),
        "not_checked": [{"what": what, "why": why} for what, why in report.not_checked],
        "peer": None if report.peer is None else peer_result(report.peer),
        "logins": report.logins,
        "leftovers_removed": report.removed,
        "mark": report.mark,
        **not_met(report.findings, fail_on, plain(who), "a jail"),
    }


def blank() -> Result:
    return {"changed": False, **blank_findings(), "not_checked": [], "mark": ""}
