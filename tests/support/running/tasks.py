# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks of a module in this process: parameters by Ansible's own validator, the result as the module has it.

result = run_task(sftp_probe, host="files.example.com", ...)
"""

from __future__ import annotations

__all__ = ["params_of", "refusals_of", "run_task"]

from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator, ValidationResult
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Edge, Result, Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import results
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SyncError


def params_of(edge: Edge, options: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a valid task: converted and with defaults."""
    checked = _checked(edge, options)
    assert checked.error_messages == []
    return checked.validated_parameters


def refusals_of(edge: Edge, options: dict[str, Any]) -> list[str]:
    """Return Ansible's own errors for a task, if any."""
    return _checked(edge, options).error_messages


def run_task(edge: Edge, *, check: bool = False, diff: bool = False, **options: Any) -> Result:
    """Return the result of a valid task; a failed task has `failed`, `msg` and `error`."""
    task = Task(params_of(edge, options), check_mode=check, diff=diff)
    try:
        return edge.run(task)
    except SyncError as error:
        return results.failure(error)


def _checked(edge: Edge, options: dict[str, Any]) -> ValidationResult:
    return ArgumentSpecValidator(**edge.spec()).validate(options)
