# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module jail: the accounts of jails; their directories, keys and quotas; or their mounts."""

from __future__ import annotations

from typing import Any, Dict, Union

from ..._engine.jail.engine import keep_jails
from ..._engine.jail.login_accounts import AccountsRequest, keep_accounts
from ..._engine.jail.mounts import MountRequest, keep_mounts
from ..._engine.jail.request import JailRequest
from ..._engine.model.display import plain
from ..._engine.system.changes import ChangeReport
from ..contract import Result, Task
from . import params
from .results import changes_result

_PARTS = ("accounts", "jails", "mounts")
Asked = Union[AccountsRequest, JailRequest, MountRequest]


def spec() -> Dict[str, Any]:
    return {"argument_spec": params.jail(), "required_one_of": [_PARTS], "mutually_exclusive": [_PARTS]}


def request(task: Task) -> Asked:
    if task.params["accounts"] is not None:
        return params.accounts_request(task.params, check_mode=task.check_mode)
    if task.params["mounts"] is not None:
        return params.mount_request(task.params, check_mode=task.check_mode)
    return params.tree_request(task.params, check_mode=task.check_mode)


def run(task: Task) -> Result:
    report = _kept(request(task))
    for note in report.notes:
        task.warn(plain(note))
    return result(report, task)


def _kept(asked: Asked) -> ChangeReport:
    if isinstance(asked, AccountsRequest):
        return keep_accounts(asked)
    return keep_mounts(asked) if isinstance(asked, MountRequest) else keep_jails(asked)


def result(report: ChangeReport, task: Task) -> Result:
    return {
        **changes_result(report, check_mode=task.check_mode),
        "archives": list(report.archives),
        "notes": [plain(note) for note in report.notes],
        "unlisted": list(report.unlisted),
    }


def blank() -> Result:
    return {"changed": False, "changes": [], "archives": [], "notes": [], "unlisted": []}
