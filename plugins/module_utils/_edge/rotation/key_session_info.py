# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module key_session_info: live SSH sessions of certain keys and certificates."""

from __future__ import annotations

from typing import Any, Dict, Sequence

from ..._engine.krl.listing import Listing, listing_of
from ..._engine.model.display import plain
from ..._engine.model.human import counted
from ..._engine.rotation.server_keys.sessions import Login, sessions_of
from ..._engine.sshd.session import ancestors
from ..contract import Result, Task
from .revoked_entries import revoked_entries, revoked_spec


def spec() -> Dict[str, Any]:
    return {"argument_spec": revoked_spec()}


def request(task: Task) -> Listing:
    return listing_of(revoked_entries(task.params))


def run(task: Task) -> Result:
    wanted = request(task)

    def covered(login: Login) -> bool:
        return wanted.covers(login.fingerprint, ca=login.ca, serial=login.serial, key_id=login.key_id)

    return result(sessions_of(covered), frozenset(ancestors()))


def result(sessions: Sequence[Login], own: frozenset[int]) -> Result:
    """See `task`. own: processes of this task's own session."""
    words = counted(len(sessions), "session") if sessions else "no session"
    return {"changed": False, "msg": words, "sessions": [_shown(each, own) for each in sessions]}


def _shown(login: Login, own: frozenset[int]) -> Dict[str, Any]:
    return {
        "user": plain(login.user),
        "pid": login.pid,
        "fingerprint": login.fingerprint,
        "key_id": plain(login.key_id),
        "serial": login.serial,
        "own": login.pid in own,
    }


def blank() -> Result:
    return {"changed": False, "sessions": []}
