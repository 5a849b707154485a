# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The receipt of a check by tree_verify: its report as the fields of a receipt, without names of files."""

from __future__ import annotations

from collections import Counter
from typing import Optional

from ..errors import SyncError
from ..model.findings import POLICY_NOT_MET, SEVERITIES, at_least
from ..model.report import WrittenReceipt
from ..model.tree_check import Coverage, TreeCheck, TreeCheckReport
from ..model.utc import utc
from ..signing.receipt import VERIFY
from .receipts import Fields, ReceiptForm, run_fields, verdict

MODULE = "secure.ftp_synchronize.tree_verify"


class CheckReceipt(ReceiptForm[TreeCheckReport]):
    """See ReceiptForm."""

    def __init__(self, check: TreeCheck) -> None:
        self._check = check

    def refused(self, error: SyncError) -> TreeCheckReport:
        return TreeCheckReport(error=error)

    def written(self, report: TreeCheckReport, receipt: WrittenReceipt) -> TreeCheckReport:
        return report._replace(receipt=receipt)

    def unwritten(self, report: TreeCheckReport, error: SyncError) -> TreeCheckReport:
        """The first error stays the cause."""
        if report.error is None:
            return report._replace(error=error)
        return report._replace(notes=(*report.notes, f"no receipt was written: {error.message}"))

    def fields(self, report: TreeCheckReport) -> Fields:
        counts = Counter(each.severity for each in report.findings)
        return {
            "type": VERIFY,
            "module": MODULE,
            "changed": False,
            "content": self._check.content,
            "findings": {severity: counts[severity] for severity in SEVERITIES},
            "coverage": _coverage(report.coverage),
            **run_fields(self._check.request, peer=report.peer, signed_set=report.signed_set),
            **verdict(self._code(report)),
        }

    def _code(self, report: TreeCheckReport) -> Optional[str]:
        if report.error is not None:
            return report.error.code
        return POLICY_NOT_MET if at_least(report.findings, self._check.fail_on) else None


def _coverage(coverage: Coverage) -> Fields:
    since = None if coverage.since is None else utc(coverage.since)
    return {"files": coverage.files, "bytes": coverage.size, "since": since}
