# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a job, as a unit sees it that systemd starts then (OnFailure=, OnSuccess=): from the record, if it is of
that run, else from systemd's variables.

The message about a run that failed is the text of a mail: header lines, an empty line, the facts and the cure.
"""

from __future__ import annotations

import os
import re
import subprocess
from typing import Any, Dict, Iterator, Mapping, Optional, Sequence

from ..errors import OperationFailed
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
_CODE = re.compile(r"[a-z0-9_]{1,60}\Z", re.ASCII)


def ended_run(environment: Mapping[str, str]) -> Dict[str, Any]:
    """Return `run`, `result` and `error` of the run that has just ended."""
    run = environment.get(_MONITOR + "INVOCATION_ID", "")
    systemd = _monitored(environment)
    state, facts = ending(systemd)
    record = _record(environment)
    found = record if record and run in ("", record["run"]) else _found(run, state, error_of(state, facts))
    if found["result"] == OK and systemd["SERVICE_RESULT"] not in ("success", ""):
        return _found(run, FAILED, {**_UNRECORDED, "message": f"{_UNRECORDED['message']} ({facts})"})
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


def message(name: str, host: str, run: Mapping[str, Any]) -> str:
    """Return the message. Nothing in the error of a run can add a header line."""
    return "\n".join([*_head(name, host, run), "", *_body(name, host, run)]) + "\n"


def pass_on(text: str, command: Sequence[str]) -> None:
    """Give a message to a command on its standard input. Raises OperationFailed."""
    try:
        # The engine knows no module, and so no run_command; pylint: disable-next=ansible-bad-function
        ended = subprocess.run(command, input=text.encode(), check=False)
    except OSError as error:
        raise _unsent(command, error.strerror or str(error)) from None
    if ended.returncode:
        raise _unsent(command, f"ended with status {ended.returncode}")


def _head(name: str, host: str, run: Mapping[str, Any]) -> Iterator[str]:
    code = str((run["error"] or {}).get("code"))
    more = f" ({code})" if _CODE.match(code) and code != run["result"] else ""
    yield f"Subject: sync job {_plain(name)} on {_plain(host)}: {run['result']}{more}"
    yield "Auto-Submitted: auto-generated"
    yield "MIME-Version: 1.0"
    yield "Content-Type: text/plain; charset=utf-8"
    yield "Content-Transfer-Encoding: 8bit"


def _body(name: str, host: str, run: Mapping[str, Any]) -> Iterator[str]:
    yield f"The sync job {_plain(name)} on {_plain(host)} ended with the result {run['result']}."
    yield ""
    error = run["error"] or {}
    for each in ("code", "path", "message", "cure"):
        if error.get(each):
            yield f"{each}: {_plain(error[each])}"
    if run["run"]:
        yield ""
        yield f"Log of the run: journalctl _SYSTEMD_INVOCATION_ID={_plain(run['run'])}"


def _plain(text: str) -> str:
    """Return the text of a record in one line: its own escapes stay as they are."""
    return "".join(char if char.isprintable() else "?" for char in text)


def _unsent(command: Sequence[str], fact: str) -> OperationFailed:
    return OperationFailed(
        f"notify: {_plain(command[0])}: {fact}", cure="Run the command by hand with a line as its input."
    )
