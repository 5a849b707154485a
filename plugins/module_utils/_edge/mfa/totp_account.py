# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of totp_account, and one run of it: parameters in, the result out."""

from __future__ import annotations

import re
from typing import Any, Dict, Sequence, Tuple

from ..._engine.errors import InvalidRequest
from ..._engine.mfa.account import STATES, TotpAccount, TotpReport, keep_account
from ..._engine.mfa.pam_text import DIRECTORY
from ..._engine.model.utc import parse_utc
from ..argspec import Spec
from ..changes import worded_result
from ..contract import Result, Task
from ..names import account_name, plain_path

_PENDING, _ENFORCED, _ABSENT = STATES
_SEED = re.compile(r"[A-Z2-7]{26,103}\Z")
_CODE = re.compile(r"[1-9][0-9]{7}\Z")
_MOST_WINDOW, _MOST_CODES = 21, 10


def spec() -> Dict[str, Any]:
    return {
        "argument_spec": _options(),
        "required_if": [("state", _PENDING, ["secret", "deadline"]), ("state", _ENFORCED, ["secret"])],
    }


def _options() -> Spec:
    return {
        "account": {"type": "str", "required": True},
        "state": {"type": "str", "choices": list(STATES), "default": _ENFORCED},
        "secret": {"type": "str", "no_log": True},
        "recovery_codes": {"type": "list", "elements": "str", "no_log": True, "default": []},
        "window": {"type": "int", "default": 3},
        "deadline": {"type": "str"},
        "directory": {"type": "str", "default": DIRECTORY},
        "end_sessions": {"type": "bool", "default": False},
    }


def request(task: Task) -> TotpAccount:
    given = task.params
    return TotpAccount(
        account=account_name("account", given["account"]),
        state=given["state"],
        secret=_secret(given["secret"] or "", given["state"]),
        codes=_codes(given["recovery_codes"]),
        window=_window(given["window"]),
        deadline=_deadline(given["deadline"]) if given["state"] == _PENDING else 0,
        directory=plain_path(given["directory"]),
        ends=given["end_sessions"],
        check_mode=task.check_mode,
    )


def run(task: Task) -> Result:
    return result(keep_account(request(task)))


def result(report: TotpReport) -> Result:
    return {
        **worded_result(report.changes),
        "accepted": report.accepted,
        "codes_left": report.left,
        "sessions_ended": report.ended,
    }


def blank() -> Result:
    return {"changed": False, "changes": [], "accepted": False, "codes_left": 0, "sessions_ended": 0}


def _secret(text: str, state: str) -> str:
    """Return the checked seed; errors never show it."""
    if state != _ABSENT and not _SEED.match(text):
        raise InvalidRequest(
            "secret: must be Base32 text of 26 to 103 letters A to Z and digits 2 to 7",
            cure="Leave it to the role mfa, which generates it.",
        )
    return text


def _codes(codes: Sequence[str]) -> Tuple[str, ...]:
    if len(codes) > _MOST_CODES or not all(map(_CODE.match, codes)):
        raise InvalidRequest(
            f"recovery_codes: must be at most {_MOST_CODES} numbers of 8 digits that do not begin with 0",
            cure="Leave them to the role mfa, which generates them.",
        )
    return tuple(dict.fromkeys(codes))


def _window(window: int) -> int:
    if not 1 <= window <= _MOST_WINDOW:
        raise InvalidRequest(f"window: must be from 1 to {_MOST_WINDOW}, not {window}", cure="Set window to 3.")
    return window


def _deadline(text: str) -> int:
    try:
        return parse_utc(text)
    except ValueError:
        raise InvalidRequest(
            f"deadline: is not a time: {text!r}", cure="Set deadline to a UTC time as in 2026-01-31T12:00:00Z."
        ) from None
