# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a job, from systemd's variables for ExecStopPost= (systemd.exec(5)), or from an exit status."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Tuple

from .exit_status import DONE, INTERRUPTED, LOCKED

OK = "ok"
FAILED = "failed"
TIMEOUT = "timeout"
KILLED = "killed"
NOT_STARTED = "not_started"
LOCKED_OUT = "locked"
STATES = (OK, FAILED, TIMEOUT, KILLED, NOT_STARTED, LOCKED_OUT)

_BY_SYSTEMD = range(200, 246)
"""Exit statuses with which systemd ends a process that it could not set up."""
_BY_STATUS = "exit-code"
"""A result of systemd; without a status, another process than the program failed before it."""
_RESULTS = {
    "timeout": TIMEOUT,
    "watchdog": TIMEOUT,
    "signal": KILLED,
    "core-dump": KILLED,
    "oom-kill": KILLED,
    "resources": NOT_STARTED,
    "protocol": NOT_STARTED,
    "start-limit-hit": NOT_STARTED,
    "exec-condition": NOT_STARTED,
}
_WORDS: Dict[str, Tuple[str, str]] = {
    FAILED: ("the program ended without a result", "Read the journal of the unit."),
    TIMEOUT: ("the run reached its time limit", "Run it again: it continues from this state; or raise the limit."),
    KILLED: ("the run was killed", "Run it again: it continues from this state."),
    NOT_STARTED: ("the program was not started", "Read the journal of the unit."),
    LOCKED_OUT: ("another run works on this tree", "Let the other run end, or set lock_wait."),
}


def ending(environment: Mapping[str, str]) -> Tuple[str, str]:
    """Return the state in which the job ended, one of STATES, and the facts of systemd, for the error's text."""
    result, status = environment.get("SERVICE_RESULT", ""), environment.get("EXIT_STATUS", "")
    facts = " ".join(filter(None, [result, environment.get("EXIT_CODE", ""), status]))
    if result in _RESULTS:
        return _RESULTS[result], facts
    if result == _BY_STATUS and not environment.get("EXIT_CODE"):
        return NOT_STARTED, facts
    return state_of(int(status) if status.isdecimal() and len(status) < 4 else None), facts


def state_of(status: Optional[int]) -> str:
    """Return the state for an exit status; None: it is not known."""
    if status is None:
        return FAILED
    if status in _BY_SYSTEMD:
        return NOT_STARTED
    return {DONE: OK, LOCKED: LOCKED_OUT, INTERRUPTED: KILLED}.get(status, FAILED)


def error_of(state: str, facts: str) -> Optional[Dict[str, Any]]:
    """Return the error of a job that left none; None if it succeeded."""
    if state == OK:
        return None
    message, cure = _WORDS[state]
    return {"code": state, "path": None, "message": f"{message} ({facts})" if facts else message, "cure": cure}
