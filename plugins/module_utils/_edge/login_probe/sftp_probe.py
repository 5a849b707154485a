# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of sftp_probe besides argspec.endpoint and argspec.trust, and one run of it."""

from __future__ import annotations

from typing import Any, Dict, NamedTuple, Optional

from ..._engine.login_probe.sftp_exchange import try_account
from ..._engine.model.display import plain
from ..._engine.model.endpoint import PeerIdentity, SshAccount
from .. import argspec, paths
from ..contract import Result, Task
from ..sync import params
from ..sync.results import peer_result


class _Trial(NamedTuple):
    """directory: where the account may store; None to list where the login begins, and no more"""

    account: SshAccount
    directory: Optional[bytes]


def spec() -> Dict[str, Any]:
    return argspec.ssh_endpoint({"directory": {"type": "str"}})


def request(task: Task) -> _Trial:
    given = task.params
    account = params.ssh_account(given, "For FTPS use ftps_probe or tls_policy.")
    return _Trial(account, None if given["directory"] is None else paths.remote("directory", given["directory"]))


def run(task: Task) -> Result:
    asked = request(task)
    if task.check_mode:
        return {"changed": False, "msg": "not tried in check mode"}
    return result(try_account(*asked), asked)


def result(peer: PeerIdentity, asked: _Trial) -> Result:
    done = "logged in and listed" if asked.directory is None else "stored, listed and retrieved a file"
    endpoint = asked.account.endpoint
    who = endpoint.username or "the account"
    return {
        "changed": False,
        "peer": peer_result(peer),
        "msg": plain(f"{who} {done} at {endpoint.host}"),
    }


def blank() -> Result:
    return {"changed": False}
