# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module jail_account: the accounts of jails."""

from __future__ import annotations

from typing import Any, Dict

from ..._engine.jail.login_accounts import AccountsRequest, keep_accounts
from ..._engine.system.changes import ChangeReport
from ..contract import Result, Task
from . import params
from .results import changes_result


def spec() -> Dict[str, Any]:
    return {"argument_spec": params.jail_account()}


def request(task: Task) -> AccountsRequest:
    return params.accounts_request(task.params, check_mode=task.check_mode)


def run(task: Task) -> Result:
    return result(keep_accounts(request(task)), task)


def result(report: ChangeReport, task: Task) -> Result:
    return changes_result(report, check_mode=task.check_mode)


def blank() -> Result:
    return {"changed": False, "changes": []}
