# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a report: read the events of a period, write the files that differ.

    event_log (log, rotated files) -> tally (sums by account and day) -> data (JSON) and report_html (page) -> files

- Lines are read singly, and only sums are kept: memory depends on the accounts, not on the events.
- Bytes come from the summaries of sessions, so the report is the same whether the log has events of files or not.
- A report follows from its events and its period alone. Without new events, a second run writes nothing.
- The directories of the files belong to root or to the user, and no other user can write to them.
- In check mode everything is read and nothing is written.

The page has first the alerts, then the picture of the days, the accounts, and the failed logins.
"""

from __future__ import annotations

import json
import os
from typing import Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ..events.event import Event
from ..events.event_log import EventLog, Period
from ..model.display import display
from ..model.human import counted, human_size
from ..model.utc import utc
from ..report_page.chart import Bar, chart, legend, spark
from ..report_page.markup import Markup, element, join
from ..report_page.page import Column, page, section, table, tile, tiles
from ..system.changes import Changes
from ..system.entries import Attributes, keep_file
from ..system.root_owned_path import Walker, closing
from .data import Report, day_text, report_data
from .tally import DAY, AccountWork, Tally, Work

_WORK_COLUMNS = (
    *(Column("Uploaded", "number"), Column("Files up", "number"), Column("Downloaded", "number")),
    *(Column("Files down", "number"), Column("Deleted", "number"), Column("Sessions", "number")),
)


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


def report_html(report: Report, title: str = "") -> str:
    accounts = report.tally.by_volume()[: report.most]
    transfers = [_days(report), _accounts(report)] if accounts else [_none()]
    each = [section("Account by account", *(_account(report, *account) for account in accounts))] if accounts else []
    return page(
        title or f"Transfers of {report.host}",
        *(_tiles(report.tally), _alerts(report), *transfers, _failures(report), *each, _footer(report)),
        subtitle=f"{_minute(report.period.since)} to {_minute(report.period.until)}, UTC",
    )


def _tiles(tally: Tally) -> Markup:
    work, alerts, failed = tally.total(), len(tally.alerts), tally.failed_logins()
    return tiles(
        tile("Alerts", f"{alerts}" if alerts else "none", state="bad" if alerts else "good"),
        tile("Uploaded", human_size(work.received), counted(work.uploads, "file")),
        tile("Downloaded", human_size(work.sent), counted(work.downloads, "file")),
        tile("Sessions", _number(work.sessions), "of " + counted(len(tally.accounts), "account")),
        tile("Failed logins", _number(failed), "from " + counted(len(tally.failures(10**6)), "source")),
        tile("Deleted", _number(work.deletes), "files"),
    )


def _none() -> Markup:
    return section("Transfers", element("p", "No session ended in this period.", class_="card"))


def _alerts(report: Report) -> Markup:
    if not report.tally.alerts:
        return element("p", element("span", "✓ No alert in this period.", class_="good-word"))
    latest = sorted(report.tally.alerts, key=lambda each: each.moment, reverse=True)[: report.most]
    columns = [
        Column("Time (UTC)", "time"),
        Column("Rule", "fixed"),
        Column("Account"),
        Column("Observed"),
        Column("Expected"),
        Column("Before", "note"),
    ]
    rows = table("The latest alerts first", columns, (_alert(each) for each in latest))
    return section("⚠ Alerts", rows, _left_out(len(report.tally.alerts), report.most, "alerts"))


def _alert(event: Event) -> Sequence[Markup]:
    alert = event.alert
    if alert is None:
        return []
    about = [element("span", event.account or "-")]
    if event.address:
        about.append(element("span", f" from {event.address}", class_="soft"))
    return [
        _time(event.moment),
        element("span", alert.rule, class_="bad-word"),
        element("span", *about),
        join([alert.observed]),
        join([alert.expected]),
        join([_history(alert.history_days, alert.would_have_fired)]),
    ]


def _history(days: int, fired: object) -> str:
    if fired is None:
        return "no history"
    return "%s in %s" % (counted(int(str(fired)), "time") if fired else "never", counted(days, "day"))


def _days(report: Report) -> Markup:
    days, tally = _days_of(report), report.tally
    works = [_on_day(tally, day) for day in days]
    return section("Days", element("div", legend(), _chart(days, works, "All accounts"), class_="card"))


def _on_day(tally: Tally, day: int) -> Work:
    return Work().add_all(each.days[day] for each in tally.accounts.values() if day in each.days)


def _days_of(report: Report) -> range:
    return range(int(report.period.since // DAY), int(-(-report.period.until // DAY)))


def _chart(days: range, works: Sequence[Work], name: str, *, small: bool = False) -> Markup:
    words = (
        human_size(max((work.received for work in works), default=0)),
        human_size(max((work.sent for work in works), default=0)),
    )
    labels = [day_text(days[index]) for index in sorted({0, len(days) // 2, len(days) - 1})]
    return chart(_bars(days, works), f"{name}: bytes by day", words, labels=labels, small=small)


def _bars(days: range, works: Sequence[Work]) -> List[Bar]:
    return [Bar(work.received, work.sent, (day + 3) % 7 >= 5) for day, work in zip(days, works)]


def _accounts(report: Report) -> Markup:
    columns = [
        *(Column("Account"), Column("Days"), Column("Uploaded", "number"), Column("Downloaded", "number")),
        *(Column("Files", "number"), Column("Sessions", "number"), Column("Last seen (UTC)", "time"), Column("Alerts")),
    ]
    accounts, days = report.tally.by_volume(), _days_of(report)
    rows = table("The largest volume first", columns, (_line(report, days, *each) for each in accounts[: report.most]))
    return section("Accounts", rows, _left_out(len(accounts), report.most, "accounts"))


def _line(report: Report, days: range, name: str, account: AccountWork) -> Sequence[Markup]:
    total, alerts = account.total(), report.tally.alerts_of(name)
    works = [account.days.get(day, Work()) for day in days]
    return [
        join([name]),
        spark(_bars(days, works), f"{name}: bytes by day"),
        join([human_size(total.received)]),
        join([human_size(total.sent)]),
        join([_number(total.uploads + total.downloads)]),
        join([_number(total.sessions)]),
        _time(account.last),
        element("span", f"⚠ {alerts}", class_="bad-word") if alerts else join(["none"]),
    ]


def _account(report: Report, name: str, account: AccountWork) -> Markup:
    days = _days_of(report)
    works = [account.days.get(day, Work()) for day in days]
    picture = _chart(days, works, name, small=True)
    parts = [picture, _weeks(name, account), _each_day(name, account), *_largest(name, account)]
    return section(name, element("dl", *_facts(account), class_="facts"), *parts, level=3, class_="card")


def _facts(account: AccountWork) -> Iterator[Markup]:
    total = account.total()
    facts = {
        "Protocols": ", ".join(sorted(account.protocols)),
        "Sources": _some(sorted(account.sources)),
        "Keys": _some(sorted(account.keys)),
        "Deleted": counted(total.deletes, "file") if total.deletes else "",
        "Refused": counted(total.denied, "request") if total.denied else "",
        "Read back as proof": human_size(total.read_back) if total.read_back else "",
    }
    for label, value in facts.items():
        if value:
            yield element("dt", label)
            yield element("dd", value)


def _some(values: Sequence[str]) -> str:
    more = len(values) - 8
    return ", ".join(values[:8]) + (f" and {more} more" if more > 0 else "")


def _weeks(name: str, account: AccountWork) -> Markup:
    rows = ([join(["from " + day_text(week)]), *_numbers(work)] for week, work in sorted(account.weeks().items()))
    return element(
        "details",
        element("summary", f"Weeks of {name}"),
        table("Each week begins on Monday", [Column("Week", "fixed"), *_WORK_COLUMNS], rows),
    )


def _each_day(name: str, account: AccountWork) -> Markup:
    rows = ([join([day_text(day)]), *_numbers(work)] for day, work in sorted(account.days.items()))
    return element(
        "details",
        element("summary", f"Days of {name}"),
        table("Days with sessions", [Column("Day", "fixed"), *_WORK_COLUMNS], rows),
    )


def _numbers(work: Work) -> List[Markup]:
    values = (
        *(human_size(work.received), work.uploads, human_size(work.sent)),
        *(work.downloads, work.deletes, work.sessions),
    )
    return [join([value if isinstance(value, str) else _number(value)]) for value in values]


def _largest(name: str, account: AccountWork) -> Iterator[Markup]:
    if account.largest():
        rows = (
            [element("code", display(path)), join([direction]), join([human_size(size)])]
            for size, direction, path in account.largest()
        )
        columns = [Column("File"), Column("Direction"), Column("Size", "number")]
        yield element(
            "details", element("summary", f"Largest files of {name}"), table("As the log names them", columns, rows)
        )


def _failures(report: Report) -> Markup:
    failures = report.tally.failures(report.most)
    if not failures:
        return element("p", "No failed login in this period.")
    columns = [Column("Source"), Column("Failed logins", "number"), Column("Names that were tried")]
    rows = (
        [join([each.source or "unknown"]), join([_number(each.number)]), join([_some(each.accounts)])]
        for each in failures
    )
    return section("Failed logins", table("The most failed logins first", columns, rows))


def _footer(report: Report) -> Markup:
    newest = "no event" if report.tally.newest is None else f"newest event {utc(report.tally.newest)}"
    skipped = f"; {counted(report.skipped, 'line')} left out, because they are no events" if report.skipped else ""
    return element(
        "footer",
        element("p", f"From {counted(report.files, 'file')} of the log of events; {newest}{skipped}."),
        element("p", "A session counts on the day on which it ended. Downloads do not contain proofs by reading back."),
    )


def _left_out(number: int, most: int, word: str) -> Markup:
    return element("p", f"{number - most} more {word} are not listed.", class_="note") if number > most else Markup("")


def _time(moment: object) -> Markup:
    if not isinstance(moment, (int, float)):
        return join(["-"])
    return element("time", _minute(moment), datetime=utc(moment))


def _minute(moment: float) -> str:
    return utc(moment)[:16].replace("T", " ")


def _number(number: int) -> str:
    return f"{number:,}"
