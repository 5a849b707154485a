# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The newest successful run of each job, by its records, which root writes after each run."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Mapping, Optional

from ...jobs.deployment.places import JOBS, records
from ...jobs.ending import OK
from ...jobs.job_file import read_job
from ...jobs.records import Records, first_broken_link
from ...jobs.strict_json import parse
from ...model.report import (
    PROVEN_BY_READ_BACK,
    PROVEN_BY_RECORD,
    PROVEN_BY_SERVER_HASH,
    PROVEN_BY_SIGNATURE,
)
from .jobs import job_files

_IDENTITIES = ("host_key_fingerprint", "certificate_fingerprint")
_PROVEN = (PROVEN_BY_SERVER_HASH, PROVEN_BY_READ_BACK, PROVEN_BY_RECORD, PROVEN_BY_SIGNATURE)
"""With `delta`, a part of the content was not read."""


def job_runs(directory: str = JOBS) -> List[Dict[str, Any]]:
    """Return an entry for each job; its `ended` is empty without a successful run. Raises InvalidRequest."""
    return [_runs(read_job(path).name) for path in job_files(directory)]


def _runs(job: str) -> Dict[str, Any]:
    directory = records(job)
    history = Records(directory, keep=1).history() if os.path.isdir(directory) else b""
    lines = history.splitlines()
    newest: Mapping[str, Any] = next(filter(None, map(_success, reversed(lines))), {})
    peer, proofs = _object(newest.get("peer")), _object(newest.get("proofs"))
    counted = {kind: number for kind, number in proofs.items() if isinstance(number, (int, float))}
    return {
        "job": job,
        "runs": len(lines),
        "broken_line": first_broken_link(history) or 0,
        "oldest": _ended(lines[0]) if lines else "",
        "ended": str(newest.get("ended") or ""),
        "protocol": str(peer.get("protocol") or ""),
        "identity": next((str(peer[name]) for name in _IDENTITIES if peer.get(name)), ""),
        "files": int(sum(counted.values())),
        "unproven": int(sum(number for kind, number in counted.items() if kind not in _PROVEN)),
    }


def _success(line: bytes) -> Optional[Mapping[str, Any]]:
    """Return the record of a successful run; None for any other line."""
    record = _record(line)
    return record if record.get("result") == OK and record.get("peer") else None


def _ended(line: bytes) -> str:
    return str(_record(line).get("ended") or "")


def _record(line: bytes) -> Mapping[str, Any]:
    """Return the fields of a line; none for a line that is no record."""
    try:
        return _object(parse(line))
    except ValueError:
        return {}


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
