# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a report: read the events of a period, write the files that differ.

    event_log (log, rotated files) -> tally (sums by account and day) -> data (JSON) and report_html (page) -> files

- Lines are read singly, and only sums are kept: memory depends on the accounts, not on the events.
- Bytes come from the summaries of sessions, so the report is the same whether the log has events of files or not.
- A report follows from its events and its period alone. Without new events, a second run writes nothing.
- The directories of the files belong to root or to the user, and no other user can write to them.
- In check mode everything is read and nothing is written.
"""

from __future__ import annotations

import json
import os
from typing import NamedTuple, Optional, Tuple

from ..events.event_log import EventLog, Period
from ..system.changes import Changes
from ..system.entries import Attributes, keep_file
from ..system.root_owned_path import Walker, closing
from .data import Report, report_data
from .report_html import report_html
from .tally import Tally


class ReportRequest(NamedTuple):
    """log: path of the log of events
    accounts: the only accounts of the report; empty for all
    most: accounts, alerts and sources that are listed
    html, json: paths of the files; None for no file
    """

    log: bytes
    period: Period
    host: str
    accounts: Tuple[str, ...] = ()
    title: str = ""
    most: int = 100
    html: Optional[str] = None
    json: Optional[str] = None
    mode: int = 0o640
    check_mode: bool = False


class Made(NamedTuple):
    """written: paths of the files that were written, or would be in check mode."""

    report: Report
    written: Tuple[str, ...]


def make_report(request: ReportRequest) -> Made:
    """Return the report. Raises NotFound, PermissionDenied and UnsafePath."""
    log, tally = EventLog(request.log), Tally(request.accounts)
    for event in log.events(request.period):
        tally.add(event)
    report = Report(request.host, request.period, tally, log.files, log.skipped, request.most)
    changes = Changes(check_mode=request.check_mode)
    if request.html:
        _keep(request.html, report_html(report, request.title), request, changes)
    if request.json:
        _keep(request.json, json.dumps(report_data(report), indent=2) + "\n", request, changes)
    return Made(report, tuple(change.path for change in changes.report().changes))


def _keep(path: str, text: str, request: ReportRequest, changes: Changes) -> None:
    above, _slash, name = path.rpartition("/")
    owner = Attributes(os.geteuid(), os.getegid(), request.mode)
    with closing(Walker(owner=os.geteuid(), shared=True).open(above or "/")) as parent:
        keep_file(name, text.encode("utf-8"), owner, changes, parent=parent, shown=path)
