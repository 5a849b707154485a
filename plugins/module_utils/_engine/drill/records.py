# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The records of one job: written to its chain of receipts, before the scratch directory is removed."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Mapping

from ..errors import SyncError
from ..model.report import WrittenReceipt
from ..signing.receipt import UnusableReceipt, parse_receipt
from ..signing.receipt_directory import LARGEST, ReceiptDirectory
from ..signing.signer import Signer
from .request import DrillReport
from .scratch import Scratch


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
