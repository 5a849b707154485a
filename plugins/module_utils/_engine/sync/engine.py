# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sync engine: one run from a SyncRequest to a SyncReport.

The algorithm, with the file of each step:

1. Check the request and the filters, before any contact (`selection`). Start the login and list this host's tree
   meanwhile (`sessions`, `scan`).
2. Find both roots, and lock the destination (`roots`, `lock`).
3. List both trees; read the record of proven digests; hash the files that are still in doubt (`scan`, `contents`).
4. Make the plan (`prepare`, planning/planner). Check mode ends here.
5. Carry the plan out: directories, files, attributes, then removals if everything before succeeded (`execution`). Each
   file is written under a temporary name, proven, and renamed (`store`, `proof`).
6. Write the digests to the record, remove temporary files, release the lock (`remember`, `run`). With `receipts`, write
   a signed receipt of the run (`receipts`).

After a lost session, `retry` repeats the operations in a new session. An error of one entry is an outcome of that
entry; the run continues with the others.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from functools import partial
from typing import Callable, Optional

from ..errors import failure_of
from ..model.report import SyncReport
from ..model.request import SyncRequest
from ..transport import connect
from ..transport.base import LocalSide, PeerTransport
from .backoff import Backoff
from .collector import collector_as_before
from .progress import Progress
from .selection import SideSelection
from .sessions import Openers, Sessions


def sync(
    request: SyncRequest,
    *,
    open_local: Callable[[SyncRequest], LocalSide] = connect.open_local,
    open_peer: Callable[[SyncRequest], PeerTransport] = connect.open_peer,
    sleep: Callable[[float], None] = time.sleep,
    progress: Optional[Progress] = None,
) -> SyncReport:
    """Carry out one run. Every SyncError becomes part of the report: as the outcome of an action, as a problem, or as
    `error` where it ended the run, as does a KeyboardInterrupt. In check mode nothing is written at either end.
    progress: is kept up to date."""
    run = partial(_run, request, Openers(open_local, open_peer), sleep, progress or Progress())
    if request.receipts is None:
        return run()
    from .receipts import (
        SyncReceipt,
        with_receipt,  # pylint: disable=import-outside-toplevel
    )

    return with_receipt(request.receipts, SyncReceipt(request), run, check_mode=request.check_mode)


def _run(request: SyncRequest, openers: Openers, sleep: Callable[[float], None], progress: Progress) -> SyncReport:
    started = time.monotonic()
    backoff = Backoff(request.retries, sleep=sleep)
    with ExitStack() as after_report:
        with collector_as_before(), ExitStack() as stack:
            sessions = Sessions(request, openers, backoff, stack, progress)
            failure = failure_of(partial(_begin, request, sessions))
            # The modules for the steps after the login are loaded during the login.
            from .run import Run  # pylint: disable=import-outside-toplevel

            run = Run(request, sessions, stack)
            after_report.callback(run.close)
            failure = failure or failure_of(run.carry_out)
            unfinished = failure_of(stack.close)
        seconds = time.monotonic() - started
        report = run.report(failure or unfinished)
    return report._replace(seconds=seconds, transfer_seconds=progress.transfer_seconds)


def _begin(request: SyncRequest, sessions: Sessions) -> None:
    SideSelection.of(request)  # an invalid request is refused before any contact with a server
    sessions.begin()
