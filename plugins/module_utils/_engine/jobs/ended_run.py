# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a job, as a unit sees it that systemd starts then (OnFailure=, OnSuccess=): from the record, if it is of
that run, else from systemd's variables."""

from __future__ import annotations

import os
import re
from typing import Any, Dict, Mapping, Optional

from .ending import FAILED, OK, STATES, ending, error_of
from .handover import values
from .strict_json import parse

RECORD = "record"
"""The credential that has the newest record."""

_LARGEST = 4 << 20
_MONITOR = "MONITOR_"
_RUN = re.compile(r"[0-9a-f]{32}\Z", re.ASCII)
_UNRECORDED: Dict[str, Any] = {
    "code": "not_recorded",
    "path": None,
    "message": "the run succeeded, but its record or its metrics could not be written",
    "cure": "Read the journal of the unit, and free space on the disk of the records and metrics.",
}


def ended_run(environment: Mapping[str, str]) -> Dict[str, Any]:
    """Return `run`, `result` and `error` of the run that has just ended."""
    run = environment.get(_MONITOR + "INVOCATION_ID", "")
    systemd = _monitored(environment)
    state, facts = ending(systemd)
    record = _record(environment)
    found = record if record and run in ("", record["run"]) else _found(run, state, error_of(state, facts))
    if found["result"] == OK and systemd["SERVICE_RESULT"] not in ("success", ""):
        return _found(run, FAILED, {**_UNRECORDED, "message": "%s (%s)" % (_UNRECORDED["message"], facts)})
    return found


def _found(run: str, result: str, error: Optional[Dict[str, Any]]) -> Dict[str, Any]:
    return {"run": run if _RUN.match(run) else "", "result": result, "error": error}


def _monitored(environment: Mapping[str, str]) -> Dict[str, str]:
    """Return systemd's variables under the names that they have for ExecStopPost=."""
    return {name: environment.get(_MONITOR + name, "") for name in ("SERVICE_RESULT", "EXIT_CODE", "EXIT_STATUS")}


def _record(environment: Mapping[str, str]) -> Optional[Dict[str, Any]]:
    try:
        with open(os.path.join(environment["CREDENTIALS_DIRECTORY"], RECORD), "rb") as file:
            fields = parse(file.read(_LARGEST))
    except (KeyError, OSError, ValueError):
        return None
    if not isinstance(fields, dict) or fields.get("result") not in STATES:
        return None
    found = values(fields)
    return _found(found["run"] or "", fields["result"], found.get("error"))
