# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module key_revocation: keys that sshd refuses, and the end of their sessions."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Dict, Sequence

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
    from ..._engine.rotation.server_keys.list_revocation import ListReport, ListRevocation

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


def request(task: Task) -> Revocation | ListRevocation:
    if task.params["format"] != KRL:
        return _revocation(task.params, check_mode=task.check_mode)
    # Only tasks with a signed list need the rooms of lists and of signatures.
    from .list_params import list_revocation  # pylint: disable=import-outside-toplevel

    return list_revocation(task.params, check_mode=task.check_mode)


def run(task: Task) -> Result:
    asked = request(task)
    if isinstance(asked, Revocation):
        return result(revoke(asked), asked.keys)
    from ..._engine.rotation.server_keys.list_revocation import install_list  # pylint: disable=import-outside-toplevel

    report = install_list(asked)
    return {**result(report.revocation, asked.keys), "list": _installed(report)}


def result(report: RevocationReport, keys: Sequence[PublicKey]) -> Result:
    parts = worded_result(report.changes)
    return {
        **parts,
        "changed": parts["changed"] or bool(report.ended),
        "fingerprints": [key.fingerprint for key in keys],
        "sessions_ended": len(report.ended),
        "sessions": [{"user": plain(each.user), "pid": each.pid} for each in report.ended],
    }


def _revocation(given: Params, *, check_mode: bool) -> Revocation:
    """Return the request for the format text. Raises InvalidRequest."""
    for option in ("list", "verify"):
        if given[option] is not None:
            raise InvalidRequest(f"{option}: has no meaning with format: text", cure="Set format to krl.")
    return Revocation(
        plain_path(given["path"]),
        tuple(map(public_key, given["keys"])),
        account_name("account", given["account"]),
        given["state"] == "absent",
        given["end_sessions"],
        check_mode,
    )


def _installed(report: ListReport) -> Result:
    header = report.header
    age = max(0, int(time.time() - header.date))
    return {"version": header.version, "date": utc(header.date), "age": age, "local_keys": report.local}


def blank() -> Result:
    return {"changed": False, "changes": [], "fingerprints": [], "sessions_ended": 0, "sessions": []}
