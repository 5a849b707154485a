# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option `content_check` as the engine's frozen value."""

from __future__ import annotations

import os
from typing import Any, Mapping

from ..._engine.errors import InvalidRequest
from ..._engine.model.request import PULL, ContentChecks
from .. import paths, quantities
from ..receipting import require_outside

Params = Mapping[str, Any]


def content_check(params: Params, local_root: bytes) -> ContentChecks:
    """Return the checks. local_root: of the tree on this host. Raises InvalidRequest."""
    given = params["content_check"]
    clamd, command, quarantine = given["clamd"], tuple(given["command"] or ()), b""
    if given["command"] is not None and not (command and os.path.isabs(command[0]) and "\0" not in "".join(command)):
        raise InvalidRequest(
            "content_check.command: is not the absolute path of a program with its arguments",
            cure="Write it as a list: the path, then each argument.",
        )
    if params["direction"] == PULL:
        if given["quarantine"] is None:
            raise InvalidRequest(
                "content_check.quarantine: is required for a pull",
                cure="Set it to a directory for refused files, outside dest.",
            )
        quarantine = paths.local("content_check.quarantine", given["quarantine"])
        require_outside("content_check.quarantine", quarantine, local_root)
    checks = ContentChecks(
        command=command,
        timeout=quantities.seconds("content_check.timeout", given["timeout"]),
        quarantine=quarantine,
        quarantine_max_size=quantities.size("content_check.quarantine_max_size", given["quarantine_max_size"]),
    )
    if clamd is None:
        return checks
    age = quantities.duration("content_check.clamd.max_signature_age", clamd["max_signature_age"])
    return checks._replace(
        socket=paths.local("content_check.clamd.socket", clamd["socket"]),
        max_size=quantities.size("content_check.clamd.max_size", clamd["max_size"]),
        max_signature_age=age,
    )
