# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of account_password, and one run of it: parameters in, the result out."""

from __future__ import annotations

from typing import Any, Dict

from ..._engine.errors import InvalidRequest
from ..._engine.rotation.passwords.change import AccountPassword, PasswordReport, keep_password
from .. import login_words
from ..argspec import Spec
from ..changes import worded_result
from ..contract import Result, Task
from ..names import plain_path
from .password_param import checked_password

BESIDE, SOLE = "beside", "sole"


def spec() -> Dict[str, Any]:
    return {"argument_spec": _options()}


def _options() -> Spec:
    """The password of an account, as a second or as the only password."""
    return {
        "account": {"type": "str", "required": True},
        "password": {"type": "str", "required": True, "no_log": True},
        "state": {"type": "str", "choices": [BESIDE, SOLE], "required": True},
        "second_file": {"type": "str", "default": "/etc/secure_ftp_synchronize/ftps_passwords", "no_log": False},
        "end_sessions": {"type": "bool", "default": False},
    }


def request(task: Task) -> AccountPassword:
    given = task.params
    return AccountPassword(
        _account(given["account"]),
        checked_password(given["password"]),
        given["state"] == SOLE,
        given["end_sessions"],
        plain_path(given["second_file"]),
        task.check_mode,
    )


def run(task: Task) -> Result:
    return result(keep_password(request(task)))


def result(report: PasswordReport) -> Result:
    parts = worded_result(report.changes)
    return {
        **parts,
        "changed": parts["changed"] or bool(report.ended),
        "settled": report.settled,
        "sessions_ended": len(report.ended),
    }


def blank() -> Result:
    return {"changed": False, "changes": [], "settled": False, "sessions_ended": 0}


def _account(text: str) -> str:
    if ":" in text:
        raise InvalidRequest(f"account: {text!r} is not valid as the name of an account")
    return str(login_words.account("account", text))
