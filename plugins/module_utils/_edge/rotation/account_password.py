# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of account_password, and one run of it: parameters in, the result out."""

from __future__ import annotations

from typing import Any, Dict, Mapping

from ..._engine.errors import InvalidRequest
from ..._engine.rotation.passwords.change import AccountPassword, keep_password
from .. import hosts
from ..argspec import Spec
from .key_params import plain_path
from .keys import changed

__all__ = ["account_password", "keep"]

Params = Mapping[str, Any]

BESIDE, SOLE = "beside", "sole"
_SHORTEST, _LONGEST = 16, 127  # vsftpd takes no longer one


def account_password() -> Spec:
    """The password of an account, beside the one that is there or in its place."""
    return {
        "account": {"type": "str", "required": True},
        "password": {"type": "str", "required": True, "no_log": True},
        "state": {"type": "str", "choices": [BESIDE, SOLE], "required": True},
        "second_file": {"type": "str", "default": "/etc/secure_ftp_synchronize/ftps_passwords", "no_log": False},
        "end_sessions": {"type": "bool", "default": False},
    }


def keep(given: Params, *, check_mode: bool, diff: bool) -> Dict[str, Any]:
    """The whole result of account_password. Raises SyncError."""
    asked = AccountPassword(
        _account(given["account"]),
        _password(given["password"]),
        given["state"] == SOLE,
        given["end_sessions"],
        plain_path(given["second_file"]),
        check_mode,
    )
    report = keep_password(asked)
    result = changed(report.changes, diff=diff)
    return {
        **result,
        "changed": result["changed"] or bool(report.ended),
        "settled": report.settled,
        "sessions_ended": len(report.ended),
    }


def _account(text: str) -> str:
    if ":" in text:
        raise InvalidRequest("account: %r is not valid as the name of an account" % text)
    return str(hosts.account("account", text))


def _password(text: str) -> str:
    """The text never shows."""
    if not _SHORTEST <= len(text.encode("utf-8", "surrogateescape")) <= _LONGEST or not text.isprintable():
        raise InvalidRequest(
            "password: must have %d to %d printable characters" % (_SHORTEST, _LONGEST),
            cure="Generate it with the role password_rotation or a password manager.",
        )
    return text
