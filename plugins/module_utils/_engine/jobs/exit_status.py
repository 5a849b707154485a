# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exit statuses of the program: stable, documented in docs/jobs.md."""

from __future__ import annotations

from typing import Dict, Optional, Set, Tuple, Type

from ..errors import (
    AuthenticationFailed,
    ConnectionFailed,
    ConnectionLost,
    InvalidRequest,
    Locked,
    Refused,
    RunEnded,
    SyncError,
    TrustError,
)

DONE = 0
FAILED = 1
INVALID = 2
UNPROVEN = 3
NO_LOGIN = 4
NO_CONNECTION = 5
REFUSED = 6
LOCKED = 7
INTERRUPTED = 143
"""128 and the number of SIGTERM, as a shell shows a program that a signal ended."""

_FAMILIES: Tuple[Tuple[Type[SyncError], int], ...] = (
    (Locked, LOCKED),
    (RunEnded, INTERRUPTED),
    (InvalidRequest, INVALID),
    (TrustError, UNPROVEN),
    (AuthenticationFailed, NO_LOGIN),
    (ConnectionFailed, NO_CONNECTION),
    (ConnectionLost, NO_CONNECTION),
    (Refused, REFUSED),
)


def exit_status(code: Optional[str]) -> int:
    """Return the status of a run that ended with this error code; None is success."""
    return DONE if code is None else _statuses().get(code, FAILED)


def _statuses() -> Dict[str, int]:
    """Return the statuses of all error classes that are loaded; an error that was raised is among them."""
    found: Dict[str, int] = {}
    for family, status in _FAMILIES:
        for error in _descendants(family):
            found.setdefault(error.code, status)
    return found


def _descendants(family: Type[SyncError]) -> Set[Type[SyncError]]:
    return {family}.union(*(_descendants(child) for child in family.__subclasses__()))
