# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ProgressState: how far a run has come, at one moment; the module writes it, the controller reads it."""

from __future__ import annotations

from typing import NamedTuple

VERSION = 1
"""Of the file: a JSON object of the fields below and `v`. A reader ignores other fields."""

LOGGING_IN = "logging in"
WAITING = "waiting for another run"
COMPARING = "comparing"
HASHING = "hashing"
MOVING = "moving"
PROVING = "proving"
REMOVING = "removing"
PHASES = (LOGGING_IN, WAITING, COMPARING, HASHING, MOVING, PROVING, REMOVING)


class ProgressState(NamedTuple):
    """The counters of a run.

    at: seconds on a monotonic clock
    phase: one of PHASES
    files, files_total: hashed files while hashing, else staged files
    bytes, bytes_total: content of the staged files, and of the files under way
    entries: listed on both sides
    proof, proof_total: bytes that are read back over the session
    """

    at: float
    phase: str
    files: int = 0
    files_total: int = 0
    bytes: int = 0
    bytes_total: int = 0
    entries: int = 0
    proof: int = 0
    proof_total: int = 0
