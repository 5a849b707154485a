# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module key_revocation: keys that sshd refuses, and the end of their sessions."""

from __future__ import annotations

from typing import Any, Dict

from ..._engine.rotation.server_keys.revocation import Revocation, RevocationReport, revoke
from ..task import Result, Task
from ..words import plain
from . import key_params as params
from .changes import changed

__all__ = ["blank", "request", "result", "run", "spec"]


def spec() -> Dict[str, Any]:
    """See `task`."""
    return {"argument_spec": params.key_revocation()}


def request(task: Task) -> Revocation:
    """See `task`."""
    return params.revocation(task.params, check_mode=task.check_mode)


def run(task: Task) -> Result:
    """See `task`."""
    asked = request(task)
    return result(revoke(asked), asked)


def result(report: RevocationReport, asked: Revocation) -> Result:
    """See `task`."""
    parts = changed(report.changes)
    return {
        **parts,
        "changed": parts["changed"] or bool(report.ended),
        "fingerprints": [key.fingerprint for key in asked.keys],
        "sessions_ended": len(report.ended),
        "sessions": [{"user": plain(each.user), "pid": each.pid} for each in report.ended],
    }


def blank() -> Result:
    """See `task`."""
    return {"changed": False, "changes": [], "fingerprints": [], "sessions_ended": 0, "sessions": []}
