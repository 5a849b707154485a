# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of one run of a job (schema 1): the fields, and their form as one line of JSON."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Dict, Mapping, NamedTuple, Optional

from ..model.utc import utc
from .ending import OK, error_of

SCHEMA = 1
NO_PREVIOUS = "0" * 64


class Sources(NamedTuple):
    """program: SHA-256 of the program; options: of the job file."""

    program: str
    options: str


def record(
    job: str,
    left: Mapping[str, Any],
    *,
    run: str,
    state: str,
    facts: str,
    ended: float,
    sources: Sources,
) -> Dict[str, Any]:
    """Return the fields, without the link to the record before.

    left: values of the run, as `handover.values` returns them
    state: one of ending.STATES
    facts: of the end, for an error that the run did not report itself
    """
    began = left.get("began")
    return {
        "schema": SCHEMA,
        "job": job,
        "run": run,
        "began": None if began is None else utc(began),
        "ended": utc(ended),
        "result": state,
        "error": _error(left, state, facts),
        "totals": left.get("totals") or {},
        "stats": left.get("stats") or {},
        "proofs": left.get("proofs") or {},
        "peer": left.get("peer"),
        "program_sha256": sources.program,
        "options_sha256": sources.options,
    }


def _error(left: Mapping[str, Any], state: str, facts: str) -> Optional[Dict[str, Any]]:
    """Return the error that the run reported, else an error for the observed end."""
    reported: Optional[Dict[str, Any]] = left.get("error")
    return error_of(state, facts) if state == OK else reported or error_of(state, facts)


def line(fields: Mapping[str, Any]) -> bytes:
    """Return the fields as one line, in ASCII."""
    return json.dumps(fields).encode("ascii") + b"\n"


def digest(of: bytes) -> str:
    """Return the SHA-256 of a line, as the next record holds it."""
    return hashlib.sha256(of).hexdigest()
