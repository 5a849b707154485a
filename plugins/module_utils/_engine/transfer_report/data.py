# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as plain data, for JSON and for the result of a task."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple

from ..events.event import Event
from ..events.event_log import Period
from ..model.display import display, display_text
from ..model.utc import utc
from .tally import DAY, AccountWork, Failures, Tally, Work

SCHEMA = 1


class Report(NamedTuple):
    """host: name of the server
    files: number of files of the log
    skipped: lines of the log that are no events
    most: accounts, alerts and sources that are listed
    """

    host: str
    period: Period
    tally: Tally
    files: int
    skipped: int
    most: int


def report_data(report: Report) -> Dict[str, Any]:
    """Return the whole report. Lists have at most `most` entries; the totals count everything."""
    tally, most = report.tally, report.most
    return {
        "schema": SCHEMA,
        "host": display_text(report.host),
        "since": utc(report.period.since),
        "until": utc(report.period.until),
        "newest_event": None if tally.newest is None else utc(tally.newest),
        "log": {"files": report.files, "lines_skipped": report.skipped},
        "totals": {
            "accounts": len(tally.accounts),
            "failed_logins": tally.failed_logins(),
            "alerts": len(tally.alerts),
            **_work(tally.total()),
        },
        "accounts": [_account(name, work, tally) for name, work in tally.by_volume()[:most]],
        "failed_logins": [_failures(each) for each in tally.failures(most)],
        "alerts": [_alert(each) for each in _latest(tally.alerts, most)],
    }


def _work(work: Work) -> Dict[str, int]:
    return {
        "sessions": work.sessions,
        "bytes_uploaded": work.received,
        "bytes_downloaded": work.sent,
        "bytes_read_back": work.read_back,
        "files_uploaded": work.uploads,
        "files_downloaded": work.downloads,
        "files_deleted": work.deletes,
        "files_renamed": work.renames,
        "requests_denied": work.denied,
    }


def _account(name: str, account: AccountWork, tally: Tally) -> Dict[str, Any]:
    return {
        "account": display_text(name),
        "protocols": sorted(account.protocols),
        **_work(account.total()),
        "logins": account.logins,
        "last_seen": None if account.last is None else utc(account.last),
        "alerts": tally.alerts_of(name),
        "sources": sorted(display_text(each) for each in account.sources),
        "fingerprints": sorted(display_text(each) for each in account.keys),
        "days": [{"day": day_text(day), **_work(work)} for day, work in sorted(account.days.items())],
        "weeks": [{"monday": day_text(week), **_work(work)} for week, work in sorted(account.weeks().items())],
        "largest": [
            {"bytes": size, "direction": direction, "path": display(path)}
            for size, direction, path in account.largest()
        ],
    }


def _failures(failures: Failures) -> Dict[str, Any]:
    accounts = [display_text(each) for each in failures.accounts]
    return {"source": display_text(failures.source), "count": failures.number, "accounts": accounts}


def _latest(alerts: List[Event], most: int) -> List[Event]:
    return sorted(alerts, key=lambda each: each.moment, reverse=True)[:most]


def _alert(event: Event) -> Dict[str, Any]:
    fields = {} if event.alert is None else {key: _printable(value) for key, value in event.alert._asdict().items()}
    return {
        "time": utc(event.moment),
        "account": display_text(event.account),
        "source": display_text(event.address),
        **fields,
    }


def _printable(value: Any) -> Any:
    return display_text(value) if isinstance(value, str) else value


def day_text(day: int) -> str:
    """Return a day since 1970 as 2026-11-27."""
    return utc(day * DAY)[:10]
