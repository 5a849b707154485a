# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module key_revocation: keys that sshd refuses, and the end of their sessions."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Dict, Sequence

from ..._engine.model.display import plain
from ..._engine.model.utc import utc
from ..._engine.rotation.server_keys.revocation import Revocation, RevocationReport, revoke
from ..._engine.trust.fingerprint import PublicKey
from ..contract import Result, Task
from . import key_params as params
from .changes import changed

if TYPE_CHECKING:
    from ..._engine.rotation.server_keys.list_revocation import ListReport, ListRevocation


def spec() -> Dict[str, Any]:
    return {"argument_spec": params.key_revocation(), "required_if": list(params.KEY_REVOCATION_REQUIRED)}


def request(task: Task) -> Revocation | ListRevocation:
    if task.params["format"] != params.KRL:
        return params.revocation(task.params, check_mode=task.check_mode)
    # Only tasks with a signed list need the rooms of lists and of signatures.
    from .list_params import list_revocation  # pylint: disable=import-outside-toplevel

    return list_revocation(task.params, check_mode=task.check_mode)


def run(task: Task) -> Result:
    asked = request(task)
    if isinstance(asked, Revocation):
        return result(revoke(asked), asked.keys)
    from ..._engine.rotation.server_keys.list_revocation import install_list  # pylint: disable=import-outside-toplevel

    report = install_list(asked)
    return {**result(report.revocation, asked.keys), "list": _installed(report)}


def result(report: RevocationReport, keys: Sequence[PublicKey]) -> Result:
    parts = changed(report.changes)
    return {
        **parts,
        "changed": parts["changed"] or bool(report.ended),
        "fingerprints": [key.fingerprint for key in keys],
        "sessions_ended": len(report.ended),
        "sessions": [{"user": plain(each.user), "pid": each.pid} for each in report.ended],
    }


def _installed(report: ListReport) -> Result:
    header = report.header
    age = max(0, int(time.time() - header.date))
    return {"version": header.version, "date": utc(header.date), "age": age, "local_keys": report.local}


def blank() -> Result:
    return {"changed": False, "changes": [], "fingerprints": [], "sessions_ended": 0, "sessions": []}
