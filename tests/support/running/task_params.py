# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task's parameters as Ansible hands them to secure_sync: converted and with defaults, by Ansible's own validator."""

from __future__ import annotations

from typing import Any

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import secure_sync

from .tasks import params_of, refusals_of

__all__ = ["task_errors", "task_params"]

_LEAST = {"host": "files.example.com", "src": "/srv/data", "dest": "data"}


def task_params(**options: Any) -> dict[str, Any]:
    """Return the parameters of a valid task with `options` added to the required options."""
    return params_of(secure_sync, {**_LEAST, **options})


def task_errors(**options: Any) -> list[str]:
    """Return Ansible's own error for a task with `options`, if any."""
    return refusals_of(secure_sync, {**_LEAST, **options})
