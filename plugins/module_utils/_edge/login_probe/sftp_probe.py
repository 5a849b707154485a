# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of sftp_probe besides argspec.endpoint and argspec.trust, and one run of it."""

from __future__ import annotations

from typing import Any, Dict

from ..._engine.errors import InvalidRequest
from ..._engine.login_probe.sftp_exchange import SftpAccount, try_account
from ..._engine.model.display import plain
from ..._engine.model.endpoint import FTPS, PeerIdentity
from .. import argspec, paths
from ..contract import Result, Task
from ..sync import params
from ..sync.results import peer_result


def spec() -> Dict[str, Any]:
    directory = {"directory": {"type": "str"}}
    return {
        "argument_spec": {**argspec.endpoint(), **argspec.trust(), **directory},
        "mutually_exclusive": argspec.EXCLUSIVE,
    }


def request(task: Task) -> SftpAccount:
    given = task.params
    if given["protocol"] == FTPS:
        raise InvalidRequest("protocol: must be sftp", cure="For FTPS use ftps_probe or tls_policy.")
    return SftpAccount(
        endpoint=params.endpoint(given),
        credentials=params.credentials({**given, "client_key_passphrase": None}),
        trust=params.trust(given),
        directory=None if given["directory"] is None else paths.remote("directory", given["directory"]),
    )


def run(task: Task) -> Result:
    account = request(task)
    if task.check_mode:
        return {"changed": False, "msg": "not tried in check mode"}
    return result(try_account(account), account)


def result(peer: PeerIdentity, account: SftpAccount) -> Result:
    done = "logged in and listed" if account.directory is None else "stored, listed and retrieved a file"
    who = account.endpoint.username or "the account"
    return {
        "changed": False,
        "peer": peer_result(peer),
        "msg": plain(f"{who} {done} at {account.endpoint.host}"),
    }


def blank() -> Result:
    return {"changed": False}
