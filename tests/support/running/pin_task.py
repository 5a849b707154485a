# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks of host_key_pin in this process: parameters by Ansible's own validator, the result as the module has it."""

from __future__ import annotations

__all__ = ["pin_params", "pin_task"]

from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.pins import host_key_pin
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import results
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.task import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SyncError


def pin_params(**options: Any) -> dict[str, Any]:
    """Return the parameters of a valid task with `options`."""
    validator = ArgumentSpecValidator(host_key_pin.spec()["argument_spec"])
    result = validator.validate({"host": "files.example.com", "ssh_config_file": "none", **options})
    assert result.error_messages == []
    return result.validated_parameters


def pin_task(*, check: bool = False, **options: Any) -> dict[str, Any]:
    """Return the result of a task; a failed task has `failed`, `msg` and `error`."""
    try:
        return host_key_pin.run(Task(pin_params(**options), check_mode=check, diff=True))
    except SyncError as error:
        return results.failure(error)
