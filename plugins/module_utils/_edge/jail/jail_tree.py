# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module jail_tree: the directories, keys and quotas of jails."""

from __future__ import annotations

from typing import Any, Dict

from ..._engine.jail.engine import keep_jails
from ..._engine.jail.request import JailRequest
from ..._engine.model.display import plain
from ..._engine.system.changes import ChangeReport
from ..contract import Result, Task
from . import params
from .results import changes_result


def spec() -> Dict[str, Any]:
    return {"argument_spec": params.jail_tree()}


def request(task: Task) -> JailRequest:
    return params.tree_request(task.params, check_mode=task.check_mode)


def run(task: Task) -> Result:
    report = keep_jails(request(task))
    for note in report.notes:
        task.warn(plain(note))
    return result(report, task)


def result(report: ChangeReport, task: Task) -> Result:
    return {
        **changes_result(report, check_mode=task.check_mode),
        "archives": list(report.archives),
        "notes": [plain(note) for note in report.notes],
        "unlisted": list(report.unlisted),
    }


def blank() -> Result:
    return {"changed": False, "changes": [], "archives": [], "notes": [], "unlisted": []}
