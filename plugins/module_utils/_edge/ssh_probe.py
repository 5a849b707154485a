# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module ssh_probe: attacks on an SSH server, from outside."""

from __future__ import annotations

import secrets
import time
from typing import Any, Dict, Mapping

from .._engine.errors import InvalidRequest
from .._engine.model.display import plain
from .._engine.model.endpoint import Credentials, SshAccount
from .._engine.model.utc import utc
from .._engine.ssh_probe.probe import EXPIRED, KEY_ALONE, REVOKED, Intruder, ProbeRequest, Report, probe
from . import argspec, login_words, quantities
from .contract import Params, Result, Task
from .findings import FAIL_ON_SETS, blank_findings, findings_result, not_met
from .sync import params

_MOST_GUESSES = 100


def spec() -> Dict[str, Any]:
    refused = {
        "kind": {"type": "str", "choices": [KEY_ALONE, REVOKED, EXPIRED], "required": True},
        "username": {"type": "str", "required": True},
        "private_key_file": {"type": "path", "required": True, "no_log": False},
        "certificate_file": {"type": "path"},
    }
    own: argspec.Spec = {
        "allowed": {"type": "bool", "default": True},
        "accounts": {"type": "list", "elements": "str", "default": ["root"]},
        "refused": {"type": "list", "elements": "dict", "options": refused, "default": []},
        "guesses": {"type": "int", "default": 0},
        "pause": {"type": "float", "default": 6.0},
        "fail_on": {"type": "str", "choices": list(FAIL_ON_SETS), "default": "high"},
    }
    return argspec.ssh_endpoint(own)


def request(task: Task) -> ProbeRequest:
    given = task.params
    params.require_sftp(given, "For FTPS use tls_policy.")
    if given["ssh_client"] == "paramiko":
        raise InvalidRequest("ssh_client: must be openssh", cure="Leave ssh_client out.")
    if not given["accounts"]:
        raise InvalidRequest("accounts: must not be empty", cure="Name accounts of the server.")
    server = SshAccount(params.endpoint(given), Credentials(ssh_agent=False), params.trust(given))
    return ProbeRequest(
        server,
        tuple(str(login_words.account("accounts", name)) for name in given["accounts"]),
        tuple(_intruder(server, each) for each in given["refused"]),
        quantities.count("guesses", given["guesses"], most=_MOST_GUESSES),
        f"probe-{secrets.token_hex(8)}",
        quantities.pause("pause", given["pause"]),
    )


def _intruder(server: SshAccount, given: Mapping[str, Any]) -> Intruder:
    if given["kind"] == EXPIRED and given["certificate_file"] is None:
        raise InvalidRequest(
            f"refused.certificate_file: is needed for {EXPIRED}", cure="Set it to the file of the certificate."
        )
    credentials = Credentials(
        private_key_file=login_words.one_line("refused.private_key_file", given["private_key_file"]),
        certificate_file=login_words.one_line("refused.certificate_file", given["certificate_file"]),
        ssh_agent=False,
    )
    name = login_words.account("refused.username", given["username"])
    endpoint = server.endpoint._replace(username=name)
    return Intruder(given["kind"], server._replace(endpoint=endpoint, credentials=credentials))


def run(task: Task) -> Result:
    asked = request(task)
    if not task.params["allowed"]:
        return not_allowed()
    if task.check_mode:
        return {**blank(), "msg": "not tried in check mode"}
    return result(probe(asked), asked, task.params)


def result(report: Report, asked: ProbeRequest, given: Params) -> Result:
    return {
        "changed": False,
        "time": utc(time.time()),
        **findings_result(report.findings),
        "allowed": True,
        "tried": [plain(each) for each in report.tried],
        "not_checked": [{"what": plain(what), "why": plain(why)} for what, why in report.not_checked],
        "guesses": report.guesses,
        "mark": asked.mark if report.guesses else "",
        **not_met(report.findings, given["fail_on"], plain(asked.server.endpoint.host), "an SSH server"),
    }


def blank() -> Result:
    lists: Result = {"tried": [], "not_checked": []}
    return {"changed": False, **blank_findings(), "allowed": True, **lists, "guesses": 0, "mark": ""}


def not_allowed() -> Result:
    """Return the result for a server whose owner allows no attacks."""
    return {**blank(), "allowed": False, "msg": "not tried, because attacks are not allowed"}
