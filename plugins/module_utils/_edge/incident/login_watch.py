# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module login_watch: the logins and a live session of an account at one server."""

from __future__ import annotations

from typing import Any, Dict

from ..._engine.incident.judgement import Seen
from ..._engine.incident.login_watch import Watch, watch
from .. import argspec, paths, quantities
from ..contract import Result, Task
from ..sync import params


def spec() -> Dict[str, Any]:
    return argspec.ssh_endpoint(
        {
            "path": {"type": "path", "required": True},
            "every": {"type": "float", "default": 0.5},
            "duration": {"type": "float", "default": 600.0},
        }
    )


def request(task: Task) -> Watch:
    given = task.params
    return Watch(
        params.ssh_account(given, "Remove protocol."),
        paths.local("path", given["path"]),
        quantities.seconds("every", given["every"]),
        quantities.seconds("duration", given["duration"]),
    )


def run(task: Task) -> Result:
    asked = request(task)
    if task.check_mode:
        return result(Seen())
    return result(watch(asked))


def result(found: Seen) -> Result:
    refused, ended = found.refused is not None, found.ended is not None
    words = "the login was refused" if refused else "no login was refused"
    return {
        "changed": False,
        "refused": refused,
        "session_ended": ended,
        "msg": "%s, and the session %s" % (words, "ended" if ended else "did not end"),
    }


def blank() -> Result:
    return {"changed": False}
