# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a drill: the values of a receipt of the type `drill`, as they become known.

The records of one job are in its chain of receipts. A record is written there before the scratch directory is removed.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any, Mapping, Optional, Sequence

from ..errors import RunEnded, SyncError
from ..model.display import display
from ..model.findings import POLICY_NOT_MET
from ..model.plan import Write
from ..model.report import PROVEN_BY_SIGNATURE, SyncReport, WrittenReceipt
from ..model.utc import parse_utc, utc
from ..signing.receipt_directory import DRILL, LARGEST, ReceiptDirectory, UnusableReceipt, parse_receipt
from ..signing.signer import Signer
from ..sync.receipts import Fields, run_fields, verdict
from .request import Check, DrillPolicy, DrillReport, DrillRequest
from .scratch import Scratch
from .verdict import Extent, causes, coverage, estimate, rate, rpo, rto

MODULE = "secure.ftp_synchronize.restore_drill"
ABORTED = "aborted"
"""The verdict of a drill that a signal or a kill ended."""
WHOLE, SAMPLE = "whole", "sample"


def begun(request: DrillRequest, started: float) -> Fields:
    """Return the values that are known before the first contact."""
    return {
        "type": DRILL,
        "module": MODULE,
        "job": request.receipts.job,
        "version": request.receipts.version,
        "started": utc(started),
        "changed": False,
        "local_root": display(request.scratch),
        "cold": request.cold,
        "content": WHOLE if request.sample is None else SAMPLE,
        "policy": request.policy._asdict(),
        "rpo_seconds": None,
        "coverage": coverage(Extent()),
        "phases": {},
        **run_fields(request.pull, peer=None, signed_set=None),
    }


def restored(fields: Mapping[str, Any], request: DrillRequest, report: SyncReport) -> Fields:
    found = report.signed_set
    proven = [each.action for each in report.outcomes if each.error is None and each.proof == PROVEN_BY_SIGNATURE]
    sizes = [action.wanted.size for action in proven if isinstance(action, Write)]
    return {
        **fields,
        "rpo_seconds": None if found is None else rpo(parse_utc(fields["started"]), found.issued),
        "coverage": coverage(Extent(len(sizes), sum(sizes), *(report.set_size or (0, 0)))),
        **run_fields(request.pull, peer=report.peer, signed_set=found),
    }


def finished(fields: Mapping[str, Any], error: Optional[SyncError], checks: Sequence[Check] = ()) -> Fields:
    """Return all values of the record; `fields` has the times of all phases."""
    extent, phases = _extent(fields["coverage"]), fields["phases"]
    whole, done = fields["content"] == WHOLE, error is None
    values = {
        **fields,
        "ended": utc(time.time()),
        "coverage": fields["coverage"] if done or extent.of_files else {**fields["coverage"], "percent": 0},
        "rto_seconds": rto(phases) if done and whole else None,
        "estimate": estimate(phases, extent) if done and not whole else None,
        "rate": rate(phases, extent.size),
        "checks": [check._asdict() for check in checks],
    }
    found = causes(values, checks, DrillPolicy(**fields["policy"])) if done else []
    return {**values, "causes": [cause.id for cause in found], **_verdict(error, failed=bool(found))}


def aborted(fields: Mapping[str, Any], phase: str) -> Fields:
    """Return the record of a drill that was killed in this phase."""
    return {**finished(fields, RunEnded("the drill was killed")), "phase": phase}


def _extent(found: Mapping[str, int]) -> Extent:
    return Extent(found["files"], found["bytes"], found["of_files"], found["of_bytes"])


def _verdict(error: Optional[SyncError], *, failed: bool) -> Fields:
    if isinstance(error, RunEnded):
        return {**verdict(error.code), "verdict": ABORTED}
    if error is not None:
        return verdict(error.code)
    return verdict(POLICY_NOT_MET if failed else None)


class Records:
    """The chain of a job, and the key that signs."""

    def __init__(self, directory: ReceiptDirectory, signer: Signer) -> None:
        self._directory = directory
        self._signer = signer

    @property
    def next_number(self) -> int:
        """Return the number that the next record will have if no other run takes it."""
        head = self._directory.head()
        return 1 if head is None else head.seq + 1

    def write(self, fields: Mapping[str, Any]) -> WrittenReceipt:
        """Append a record. Raises OperationFailed, ReceiptBroken, SigningFailed."""
        head = self._directory.write(fields, self._signer)
        return WrittenReceipt(self._directory.path_of(head.seq), head.seq, head.digest)

    def has(self, run_id: object) -> bool:
        """Return whether the newest record is of this run: then the run was killed between record and cleaning."""
        head = self._directory.head()
        if head is None:
            return False
        with suppress(OSError, UnusableReceipt), open(self._directory.path_of(head.seq), "rb") as file:
            return parse_receipt(file.read(LARGEST)).fields.get("run_id") == run_id
        return False


def cleaned(scratch: Scratch, report: DrillReport) -> DrillReport:
    """Remove everything in the scratch directory after the record; return the report with the error of that."""
    try:
        scratch.clean()
    except SyncError as error:
        return report._replace(error=report.error or error)
    return report
