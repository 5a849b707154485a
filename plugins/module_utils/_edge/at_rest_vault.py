# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module at_rest_vault: vaults of a host, made, unlocked or locked, and proven."""

from __future__ import annotations

from typing import Any, Dict

from .._engine.model.display import plain
from .._engine.vaults.backends import BACKENDS
from .._engine.vaults.engine import VaultReport, VaultState, keep_vaults
from .._engine.vaults.request import (
    HOST,
    LOCKED,
    OPERATOR,
    TANG,
    TPM2,
    UNLOCKED,
    Key,
    Vault,
    VaultRequest,
    check_request,
)
from .argspec import Spec
from .changes import changes_result
from .contract import Result, Task


def spec() -> Dict[str, Any]:
    return {"argument_spec": _options()}


def _options() -> Spec:
    vault = {
        "name": {"type": "str", "required": True},
        "store": {"type": "path", "required": True},
        "mount": {"type": "path", "required": True},
        "owner": {"type": "str", "default": "root"},
    }
    key = {
        "custody": {"type": "str", "choices": [OPERATOR, TANG, TPM2, HOST], "required": True},
        "passphrase": {"type": "str", "required": True, "no_log": True},
        "url": {"type": "str", "default": ""},
        "thumbprint": {"type": "str", "default": ""},
        "pcr_ids": {"type": "list", "elements": "int", "default": []},
    }
    return {
        "backend": {"type": "str", "choices": list(BACKENDS), "default": "gocryptfs"},
        "vaults": {"type": "list", "elements": "dict", "required": True, "options": vault},
        "key": {"type": "dict", "required": True, "no_log": False, "options": key},
        "state": {"type": "str", "choices": [UNLOCKED, LOCKED], "default": UNLOCKED},
    }


def request(task: Task) -> VaultRequest:
    given = task.params
    key = {**given["key"], "pcr_ids": ",".join(map(str, given["key"]["pcr_ids"]))}
    wanted = VaultRequest(
        backend=given["backend"],
        vaults=tuple(Vault(**each) for each in given["vaults"]),
        key=Key(**key),
        state=given["state"],
        check_mode=task.check_mode,
    )
    check_request(wanted)
    return wanted


def run(task: Task) -> Result:
    done = keep_vaults(request(task))
    for note in done.report.notes:
        task.warn(plain(note))
    return result(done, check_mode=task.check_mode)


def result(done: VaultReport, *, check_mode: bool) -> Result:
    return {
        **changes_result(done.report, check_mode=check_mode),
        "vaults": [_shown(each) for each in done.vaults],
    }


def blank() -> Result:
    return {"changed": False, "changes": [], "vaults": []}


def _shown(state: VaultState) -> Dict[str, Any]:
    return {name: plain(value) if isinstance(value, str) else value for name, value in state._asdict().items()}
