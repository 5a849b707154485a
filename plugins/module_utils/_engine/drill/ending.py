# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a drill whose restored tree was checked by the operator: record, then clean."""

from __future__ import annotations

import time
from contextlib import closing
from typing import Any, Dict, Optional, Tuple

from ..errors import NotFound, RunEnded, SyncError
from ..model.display import display
from ..signing.receipt_directory import ReceiptDirectory
from ..signing.signer import Signer
from ..sync.lock_holder import LockHolder
from .apart import resolved
from .record import Records, cleaned, finished
from .request import ChecksRequest, DrillReport
from .scratch import Marker, opened, require_usable
from .verdict import CHECKS


def end_drill(request: ChecksRequest) -> DrillReport:
    """Write the record of a drill that waits for its checks, and remove the restored tree. Raises NotFound if there is
    none, and the errors of the record."""
    directory, path = ReceiptDirectory(request.receipts.path), resolved(request.scratch)
    _waiting(require_usable(path, request.receipts.path), request)
    if request.check_mode:
        directory.head()
        return DrillReport(_ended(require_usable(path, request.receipts.path), request)[0])
    with closing(Signer(request.receipts.key, option="receipts")) as signer:
        signer.open()
        directory.prepare(request.receipts.job)
        with opened(path, request.receipts.path, make=False) as scratch:
            fields, error = _ended(scratch.leftover, request)
            receipt = Records(directory, signer).write(fields)
            return cleaned(scratch, DrillReport(fields, receipt=receipt, error=error))


def _waiting(marker: Optional[Marker], request: ChecksRequest) -> Marker:
    """Return the marker of the drill that waits. Raises NotFound."""
    if marker is None or marker.waiting is None or marker.fields["job"] != request.receipts.job:
        raise NotFound(
            "scratch: no drill of the job %s waits for its checks in %s"
            % (request.receipts.job, display(request.scratch)),
            cure="Run the drill with state: restored first, with the same scratch and receipts.",
        )
    return marker


def _ended(found: Optional[Marker], request: ChecksRequest) -> Tuple[Dict[str, Any], Optional[SyncError]]:
    """Return the record, and the error if the time of the checks is unknown."""
    marker = _waiting(found, request)
    waiting, error = marker.waiting, None
    if waiting is None:
        raise AssertionError("the marker waits for no checks")
    passed = round((time.monotonic() - waiting.at) * 1000)
    if waiting.host != LockHolder.here("").host or passed < 0:
        error, passed = RunEnded("the host was started again before the checks ended"), 0
    phases = {**marker.fields["phases"], CHECKS: passed}
    return finished({**marker.fields, "phases": phases}, error, request.checks), error
