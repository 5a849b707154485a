# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of mfa_info, and one run of it: parameters in, the result out."""

from __future__ import annotations

from typing import Any, Dict, NamedTuple, Optional, Sequence, Tuple

from ..._engine.mfa.info import MfaAccount, look_up
from ..._engine.mfa.pam_text import DIRECTORY
from ..._engine.model.display import plain
from ..._engine.model.utc import utc
from ..contract import Result, Task
from ..names import account_name, plain_path


class Question(NamedTuple):
    """The accounts to look up, and the directory of their files."""

    accounts: Tuple[str, ...]
    directory: str


def spec() -> Dict[str, Any]:
    return {
        "argument_spec": {
            "accounts": {"type": "list", "elements": "str", "required": True},
            "directory": {"type": "str", "default": DIRECTORY},
        }
    }


def request(task: Task) -> Question:
    names = tuple(account_name("accounts", name) for name in task.params["accounts"])
    return Question(names, plain_path(task.params["directory"]))


def run(task: Task) -> Result:
    return result(look_up(*request(task)))


def result(report: Sequence[MfaAccount]) -> Result:
    without = [each.account for each in report if not each.factors]
    return {
        "changed": False,
        "accounts": [_shown(each) for each in report],
        "msg": plain(f"without a second factor: {', '.join(without)}" if without else "all have a second factor"),
    }


def blank() -> Result:
    return {"changed": False, "accounts": []}


def _shown(account: MfaAccount) -> Dict[str, Any]:
    shown = {name: plain(value) if isinstance(value, str) else value for name, value in account._asdict().items()}
    return {
        **shown,
        "factors": list(account.factors),
        "pending_until": _time(account.pending_until),
        "accepted": _time(account.accepted),
    }


def _time(seconds: Optional[float]) -> Optional[str]:
    return None if seconds is None else utc(int(seconds))
