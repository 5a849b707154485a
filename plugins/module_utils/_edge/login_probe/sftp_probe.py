# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of sftp_probe besides those of argspec.endpoint and argspec.trust, and one run of it."""

from __future__ import annotations

from typing import Any, Dict, Mapping

from ..._engine.errors import InvalidRequest
from ..._engine.login_probe.sftp_exchange import SftpAccount, try_account
from ..._engine.model.endpoint import FTPS
from .. import paths
from ..argspec import Spec
from ..sync import params
from ..sync.results import peer_result
from ..words import plain

__all__ = ["probe", "sftp_probe"]

Params = Mapping[str, Any]


def sftp_probe() -> Spec:
    """Where the account may store, if that shall be tried."""
    return {"directory": {"type": "str"}}


def probe(given: Params, *, check_mode: bool) -> Dict[str, Any]:
    """The whole result of sftp_probe. Raises SyncError."""
    account = _account(given)
    if check_mode:
        return {"changed": False, "msg": "not tried in check mode"}
    peer = try_account(account)
    done = "logged in and listed" if account.directory is None else "stored, listed and retrieved a file"
    who = account.endpoint.username or "the account"
    return {
        "changed": False,
        "peer": peer_result(peer),
        "msg": plain("%s %s at %s" % (who, done, account.endpoint.host)),
    }


def _account(given: Params) -> SftpAccount:
    if given["protocol"] == FTPS:
        raise InvalidRequest("protocol: must be sftp", cure="For FTPS use ftps_probe or tls_policy.")
    return SftpAccount(
        endpoint=params.endpoint(given),
        credentials=params.credentials({**given, "client_key_passphrase": None}),
        trust=params.trust(given),
        directory=None if given["directory"] is None else paths.remote("directory", given["directory"]),
    )
