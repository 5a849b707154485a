# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks of host_key_pin in this process: parameters by Ansible's own validator, the result as the module has it."""

from __future__ import annotations

__all__ = ["pin_params", "pin_task"]

from typing import Any

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.pins import host_key_pin

from .tasks import params_of, run_task

_LEAST = {"host": "files.example.com", "ssh_config_file": "none"}


def pin_params(**options: Any) -> dict[str, Any]:
    """Return the parameters of a valid task with `options`."""
    return params_of(host_key_pin, {**_LEAST, **options})


def pin_task(*, check: bool = False, **options: Any) -> dict[str, Any]:
    """Return the result of a task; a failed task has `failed`, `msg` and `error`."""
    return run_task(host_key_pin, check=check, diff=True, **{**_LEAST, **options})
