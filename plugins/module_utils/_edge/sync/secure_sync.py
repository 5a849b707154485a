# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module secure_sync: a directory tree made like another, over SFTP or FTPS."""

from __future__ import annotations

from typing import Any, Dict, List

from ..._engine.errors import SyncError
from ..._engine.model.display import plain
from ..._engine.model.plan import VANISHED
from ..._engine.model.report import Fallback, SyncReport
from ..._engine.model.request import PUSH, SyncRequest
from ..._engine.sync.engine import sync
from ..._engine.sync.progress import Progress
from .. import argspec, quantities
from ..contract import Result, Task
from ..words import failure, path_words
from . import params
from .results import blank_result, sync_result


def spec() -> Dict[str, Any]:
    return {
        "argument_spec": {
            **argspec.endpoint(),
            **argspec.trust(),
            **argspec.tls(),
            **params.spec(),
            **argspec.signing(),
            **argspec.verify(),
            **argspec.receipts(),
            **argspec.sealing(),
            **argspec.content_check(),
            **argspec.progress(),
        },
        "mutually_exclusive": argspec.EXCLUSIVE,
    }


def request(task: Task) -> SyncRequest:
    """Secrets of `secrets_from` are not read; they have stand-ins."""
    params.max_listed(task.params)
    for option in ("progress", "start_spread"):
        quantities.pause(option, task.params[option])
    if task.params[argspec.SECRETS_FROM]:
        from ..secret_sources import sourced  # pylint: disable=import-outside-toplevel

        task = sourced(spec(), task, read=False)
    return params.sync_request(task.params, check_mode=task.check_mode)


def run(task: Task) -> Result:
    progress = Progress()
    if not task.progress_file:
        return counted(task, progress)
    from ..._engine.sync.progress_file import written  # pylint: disable=import-outside-toplevel

    with written(progress, task.progress_file):
        return counted(task, progress)


def counted(task: Task, progress: Progress) -> Result:
    """Carry out a task that counts in `progress`; return the whole result. Raises SyncError."""
    if not task.params[argspec.SECRETS_FROM]:
        return result(sync(request(task), progress=progress), task)
    from ..secret_sources import renewal_failure, sourced  # pylint: disable=import-outside-toplevel

    request(task)  # for a wrong task, no secret is read
    failed = renewal_failure(spec(), task)
    done = result(sync(request(sourced(spec(), task, read=True)), progress=progress), task)
    return done if failed is None else failed_after(done, failed)


def failed_after(done: Result, error: SyncError) -> Result:
    """Return the result of a sync whose run has an error of its own. The error of the sync comes first."""
    return done if done.get("failed") else {**done, **failure(error, finished=done["msg"].rstrip("."))}


def result(report: SyncReport, task: Task) -> Result:
    """See `task`. Skipped entries and notes become warnings."""
    if report.plan.skipped or report.notes:
        for text in remarks(report):
            task.warn(text)
    return sync_result(
        report,
        push=task.params["direction"] == PUSH,
        check_mode=task.check_mode,
        max_listed=params.max_listed(task.params),
        diff=task.diff,
    )


def blank() -> Result:
    return blank_result()


def remarks(report: SyncReport) -> List[str]:
    """Return a warning for each reason why entries were skipped, and for each note about a lost function."""
    return _skipped(report) + [plain(note) for note in report.notes if not isinstance(note, Fallback)]


def _skipped(report: SyncReport) -> List[str]:
    """Leave out the reasons that have a note."""
    paths: Dict[str, List[bytes]] = {}
    for item in report.plan.skipped:
        if item.reason != VANISHED and item.reason not in report.notes:
            paths.setdefault(item.reason, []).append(item.path)
    return [f"skipped {_few(found)}: {plain(reason)}" for reason, found in sorted(paths.items())]


def _few(paths: List[bytes]) -> str:
    first = f"'{path_words(paths[0])}'"
    return first if len(paths) == 1 else "%s and %s more" % (first, f"{len(paths) - 1:,}")
