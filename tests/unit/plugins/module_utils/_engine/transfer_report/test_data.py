# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event_log import Period
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transfer_report.data import (
    Report,
    day_text,
    report_data,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transfer_report.tally import Tally
from support.scenes.transfer_accounts import history
from support.scenes.transfer_events import FAILED, SINCE, UNTIL, four_weeks


def report(most: int = 100) -> Report:
    tally = Tally()
    for event in four_weeks():
        tally.add(event)
    return Report("files.example.com", Period(SINCE, UNTIL), tally, 3, 2, most)


def test_the_data_are_the_sums_of_the_events() -> None:
    data = json.loads(json.dumps(report_data(report())))
    assert data["totals"]["bytes_uploaded"] == 99 + sum(
        sum(history(kind, 28, 3)) for kind in ("nightly", "people", "feed", "rare")
    )
    assert data["totals"]["failed_logins"] == FAILED == sum(each["count"] for each in data["failed_logins"])
    assert (data["since"], data["until"]) == ("2026-01-01T00:00:00Z", "2026-01-29T00:00:00Z")
    assert data["log"] == {"files": 3, "lines_skipped": 2}
    for account in data["accounts"]:
        for name in ("bytes_uploaded", "bytes_downloaded", "files_uploaded", "sessions"):
            assert account[name] == sum(day[name] for day in account["days"])
            assert account[name] == sum(week[name] for week in account["weeks"])


def test_every_text_is_printable() -> None:
    assert json.dumps(report_data(report()), ensure_ascii=False).isprintable()


def test_lists_are_bounded_and_totals_are_not() -> None:
    data = report_data(report(most=2))
    assert [each["account"] for each in data["accounts"]] == ["sensor-feed", "acme-nightly"]
    assert (len(data["alerts"]), len(data["failed_logins"])) == (2, 2)
    assert (data["totals"]["accounts"], data["totals"]["alerts"]) == (5, 3)


def test_an_alert_has_its_reasons() -> None:
    alert = report_data(report())["alerts"][0]
    assert alert == {
        "time": "2026-01-26T16:26:40Z",
        "account": "acme-nightly",
        "source": "",
        "rule": "volume_hour",
        "observed": "20.4 GiB of uploads in this hour",
        "expected": "at most 2.3 GiB (machine)",
        "history_days": 28,
        "would_have_fired": 0,
    }


def test_a_period_without_events_has_a_report() -> None:
    data = report_data(Report("h", Period(SINCE, UNTIL), Tally(), 1, 0, 10))
    assert (data["newest_event"], data["accounts"], data["totals"]["sessions"]) == (None, [], 0)


def test_days_are_written_as_dates() -> None:
    assert day_text(20_454) == "2026-01-01"
