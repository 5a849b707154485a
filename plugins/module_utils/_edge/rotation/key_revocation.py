# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module key_revocation: keys that sshd refuses, and the end of their sessions."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Dict, Optional, Sequence

from ..._engine.errors import InvalidRequest
from ..._engine.model.display import plain
from ..._engine.model.utc import utc
from ..._engine.rotation.server_keys.key_lines import public_key
from ..._engine.rotation.server_keys.revocation import Revocation, RevocationReport, revoke
from ..._engine.trust.fingerprint import PublicKey
from ..argspec import signer
from ..changes import worded_result
from ..contract import Params, Result, Task
from ..names import account_name, plain_path

if TYPE_CHECKING:
    from ..._engine.krl.header import KrlHeader
    from ..._engine.rotation.server_keys.signed_list import SignedList

TEXT, KRL = "text", "krl"


def spec() -> Dict[str, Any]:
    return {
        "argument_spec": {
            "path": {"type": "str", "default": "/etc/ssh/revoked_keys"},
            "format": {"type": "str", "choices": [TEXT, KRL], "default": TEXT},
            "keys": {"type": "list", "elements": "str", "no_log": False},
            "list": {"type": "path"},
            **signer(),
            "account": {"type": "str", "default": "root"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "end_sessions": {"type": "bool", "default": True},
        },
        "required_if": [("format", TEXT, ("keys",)), ("format", KRL, ("list", "verify"))],
    }


def request(task: Task) -> Revocation:
    given = task.params
    return Revocation(
        plain_path(given["path"]),
        tuple(map(public_key, given["keys"] or ())),
        account_name("account", given["account"]),
        given["state"] == "absent",
        given["end_sessions"],
        task.check_mode,
        _list(given),
    )


def _list(given: Params) -> Optional[SignedList]:
    if given["format"] == KRL:
        # Only tasks with a signed list need the rooms of lists and of signatures.
        from .list_params import signed_list  # pylint: disable=import-outside-toplevel

        return signed_list(given)
    for option in ("list", "verify"):
        if given[option] is not None:
            raise InvalidRequest(f"{option}: has no meaning with format: text", cure="Set format to krl.")
    return None


def run(task: Task) -> Result:
    asked = request(task)
    if asked.list is None:
        return result(revoke(asked), asked.keys)
    from ..._engine.rotation.server_keys.list_revocation import install_list  # pylint: disable=import-outside-toplevel

    return result(install_list(asked, asked.list), asked.keys)


def result(report: RevocationReport, keys: Sequence[PublicKey]) -> Result:
    parts = worded_result(report.changes)
    return {
        **parts,
        "changed": parts["changed"] or bool(report.ended),
        "fingerprints": [key.fingerprint for key in keys],
        "sessions_ended": len(report.ended),
        "sessions": [{"user": plain(each.user), "pid": each.pid} for each in report.ended],
        **({} if report.header is None else {"list": _installed(report.header, report.local)}),
    }


def _installed(header: KrlHeader, local: int) -> Result:
    age = max(0, int(time.time() - header.date))
    return {"version": header.version, "date": utc(header.date), "age": age, "local_keys": local}


def blank() -> Result:
    return {"changed": False, "changes": [], "fingerprints": [], "sessions_ended": 0, "sessions": []}
