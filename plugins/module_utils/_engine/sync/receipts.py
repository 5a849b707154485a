# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The receipts of a run of secure_sync.

The directory and the key are tried before the run has any contact. At its end, also after an error, the receipt is
written from the report. A receipt that cannot be written fails the run; its changes stay.
"""

from __future__ import annotations

import time
from collections import Counter
from contextlib import closing
from typing import Any, Callable, Dict, Optional

from ..errors import RunEnded, SyncError
from ..model.plan import ACTIONS, PUBLISH, Plan
from ..model.relpath import display, display_text
from ..model.report import SyncReport, WrittenReceipt
from ..model.request import Receipting, SyncRequest
from ..model.utc import utc
from ..signing.receipt import FORMAT, RECEIPTS, SYNC, format_receipt
from ..signing.receipt_directory import ReceiptDirectory, Signed
from ..signing.signer import Signer

__all__ = ["MODULE", "with_receipt"]

MODULE = "secure.ftp_synchronize.secure_sync"
PASSED, FAILED = "passed", "failed"
INTERNAL = "internal"
"""The code of an error that is none of SyncError."""

Fields = Dict[str, Any]


def with_receipt(request: SyncRequest, receipts: Receipting, run: Callable[[], SyncReport]) -> SyncReport:
    """Carry out `run` and write its receipt; return its report with the receipt.

    In check mode nothing is written, but a broken chain is found.
    """
    directory, started = ReceiptDirectory(receipts.path), time.time()
    if request.check_mode:
        return _refusal_of(directory.head) or run()
    with closing(Signer(receipts.key, option="receipts")) as signer:
        refusal = _refusal_of(signer.open) or _refusal_of(lambda: directory.prepare(receipts.job))
        if refusal is not None:
            return refusal
        writer = _Writer(request, receipts, signer, directory, started)
        try:
            report = run()
        except Exception:
            writer.write(SyncReport(plan=Plan()), code=INTERNAL)
            raise
        return writer.completed(report)


def _refusal_of(step: Callable[[], object]) -> Optional[SyncReport]:
    """Return the report of a run that ends here, if the step fails."""
    try:
        step()
    except SyncError as error:
        return SyncReport(plan=Plan(), error=error)
    except KeyboardInterrupt as interruption:
        return SyncReport(plan=Plan(), error=RunEnded.by(interruption))
    return None


class _Writer:
    """Writes the receipt of one run."""

    def __init__(
        self, request: SyncRequest, receipts: Receipting, signer: Signer, directory: ReceiptDirectory, started: float
    ) -> None:
        self._request = request
        self._receipts = receipts
        self._signer = signer
        self._directory = directory
        self._started = started

    def completed(self, report: SyncReport) -> SyncReport:
        """Return the report with the receipt, or with the error of the receipt."""
        try:
            return report._replace(receipt=self.write(report, code=_code(report)))
        except SyncError as error:
            failure = error
        except KeyboardInterrupt as interruption:
            failure = RunEnded.by(interruption)
        return report._replace(problems=(*report.problems, failure))

    def write(self, report: SyncReport, *, code: Optional[str]) -> WrittenReceipt:
        """Write the receipt. code: of the error that failed the run. Raises SyncError."""

        def make(seq: int, prev: str) -> Signed:
            text = format_receipt({**self._fields(report, code), "seq": seq, "prev": prev})
            return text, self._signer.sign(text, RECEIPTS)

        head = self._directory.append(make)
        return WrittenReceipt(self._directory.path_of(head.seq), *head)

    def _fields(self, report: SyncReport, code: Optional[str]) -> Fields:
        request = self._request
        return {
            "format": FORMAT,
            "type": SYNC,
            "job": self._receipts.job,
            "run_id": request.run_id,
            "started": utc(self._started),
            "ended": utc(time.time()),
            "version": self._receipts.version,
            "module": MODULE,
            "direction": request.direction,
            "endpoint": _endpoint(request),
            "peer": _peer(report),
            "local_root": display(request.local_root),
            "remote_root": display(request.remote_root),
            **_result(report, code),
        }


def _result(report: SyncReport, code: Optional[str]) -> Fields:
    found, after = report.signed_set, report.after
    done = Counter(each.action.action for each in report.outcomes if each.error is None)
    failures = sum(each.error is not None for each in report.outcomes) + len(report.problems)
    totals = {name: done[name] for name in (*ACTIONS, PUBLISH)}
    return {
        "changed": bool(done),
        "verdict": PASSED if code is None else FAILED,
        "error": code,
        "totals": {**totals, "failed_items": failures, "skipped_items": len(report.plan.skipped)},
        "proofs": dict(report.proofs),
        "stats": dict(report.stats),
        "set": None if found is None else {"tree": found.tree, "sequence": found.sequence, "digest": found.digest},
        "after": None if after is None else after._asdict(),
    }


def _endpoint(request: SyncRequest) -> Fields:
    endpoint = request.endpoint
    return {
        "protocol": endpoint.protocol,
        "host": display_text(endpoint.host),
        "port": endpoint.port,
        "username": None if endpoint.username is None else display_text(endpoint.username),
    }


def _peer(report: SyncReport) -> Optional[Fields]:
    if report.peer is None:
        return None
    values = {name: value for name, value in report.peer._asdict().items() if value is not None}
    return {name: display_text(value) if isinstance(value, str) else value for name, value in values.items()}


def _code(report: SyncReport) -> Optional[str]:
    """Return the code of the first cause of a failure."""
    errors = [report.error, *(each.error for each in report.outcomes), *report.problems]
    return next((error.code for error in errors if error is not None), None)
