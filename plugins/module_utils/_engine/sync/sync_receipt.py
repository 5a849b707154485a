# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The receipt of a run of secure_sync: its report as the fields of a receipt, without names of files."""

from __future__ import annotations

from collections import Counter

from ..errors import SyncError
from ..model.display import display
from ..model.plan import ACTIONS, MORE_ACTIONS, PUBLISH, RELOCATIONS, Plan
from ..model.report import SyncReport, WrittenReceipt
from ..model.request import SyncRequest
from ..signing.receipt import SYNC
from .receipts import Fields, ReceiptForm, run_fields, verdict

MODULE = "secure.ftp_synchronize.secure_sync"


class SyncReceipt(ReceiptForm[SyncReport]):
    """See ReceiptForm."""

    def __init__(self, request: SyncRequest) -> None:
        self._request = request

    def refused(self, error: SyncError) -> SyncReport:
        return SyncReport(plan=Plan(), error=error)

    def written(self, report: SyncReport, receipt: WrittenReceipt) -> SyncReport:
        return report._replace(receipt=receipt)

    def unwritten(self, report: SyncReport, error: SyncError) -> SyncReport:
        return report._replace(problems=(*report.problems, error))

    def fields(self, report: SyncReport) -> Fields:
        done = Counter(each.action.action for each in report.outcomes if each.error is None)
        failures = sum(each.error is not None for each in report.outcomes) + len(report.problems)
        totals = {name: done[name] for name in (*ACTIONS, PUBLISH)}
        totals.update({name: done[name] for name in (*RELOCATIONS, *MORE_ACTIONS) if done[name]})
        return {
            "type": SYNC,
            "module": MODULE,
            "direction": self._request.direction,
            "local_root": display(self._request.local_root),
            "changed": bool(done) or report.uncertain,
            "totals": {**totals, "failed_items": failures, "skipped_items": len(report.plan.skipped)},
            "proofs": dict(report.proofs),
            "stats": dict(report.stats),
            "after": None if report.after is None else report.after._asdict(),
            **run_fields(self._request, peer=report.peer, signed_set=report.signed_set),
            **verdict(None if report.cause is None else report.cause.code),
        }
