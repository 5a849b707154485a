# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event import (
    DOWNLOAD,
    FAILURE,
    LOGIN,
    LOGIN_FAILED,
    SESSION_SUMMARY,
    UPLOAD,
    Alert,
    Event,
    Summary,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transfer_report import tally as module
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transfer_report.tally import (
    DAY,
    Tally,
    week_of,
)

MONDAY = 20_458
NOON = MONDAY * DAY + 43200.0


def session(moment: float, account: str = "partner", received: int = 10, sent: int = 0, uploads: int = 1) -> Event:
    return Event(
        moment, SESSION_SUMMARY, account=account, received=received, sent=sent, summary=Summary(moment - 60, uploads)
    )


def tallied(*events: Event, only: tuple[str, ...] = ()) -> Tally:
    tally = Tally(only)
    for event in events:
        tally.add(event)
    return tally


def test_sessions_are_summed_by_day_and_week() -> None:
    tally = tallied(session(NOON), session(NOON + 1, sent=5), session(NOON + DAY), session(NOON + 7 * DAY))
    account = tally.accounts["partner"]
    assert {day - MONDAY: (work.sessions, work.received) for day, work in account.days.items()} == {
        0: (2, 20),
        1: (1, 10),
        7: (1, 10),
    }
    assert {week - MONDAY: work.sessions for week, work in account.weeks().items()} == {0: 3, 7: 1}
    total = tally.total()
    assert (total.received, total.sent, total.uploads, total.sessions) == (40, 5, 4, 4)


def test_bytes_of_single_files_are_not_counted_twice() -> None:
    upload = Event(NOON, UPLOAD, account="partner", path=b"/a", received=10)
    assert tallied(upload, session(NOON)).total().received == 10


def test_the_largest_files_are_named() -> None:
    uploads = [Event(NOON, UPLOAD, account="partner", path=b"/%d" % size, received=size) for size in range(20)]
    download = Event(NOON, DOWNLOAD, account="partner", path=b"/down", sent=18)
    largest = tallied(*uploads, download, *uploads).accounts["partner"].largest()
    assert largest == [
        (19, "upload", b"/19"),
        (18, "upload", b"/18"),
        (18, "download", b"/down"),
        (17, "upload", b"/17"),
        (16, "upload", b"/16"),
    ]


def test_failed_logins_make_no_account() -> None:
    tally = tallied(*(Event(NOON, LOGIN_FAILED, FAILURE, f"name{number}", "203.0.113.9") for number in range(9)))
    assert tally.accounts == {}
    assert tally.failed_logins() == 9
    ((source, number, accounts),) = tally.failures(10)
    assert (source, number, len(accounts)) == ("203.0.113.9", 9, module.LARGEST)


def test_the_number_of_sources_is_bounded() -> None:
    events = [Event(NOON, LOGIN_FAILED, FAILURE, "root", str(number)) for number in range(10_050)]
    tally = tallied(*events)
    assert tally.failed_logins() == 10_050
    assert tally.failures(1)[0][:2] == ("others", 50)
    assert len(tally.failures(10**6)) == 10_001


def test_accounts_are_ordered_by_volume_and_may_be_selected() -> None:
    events = [session(NOON, "a", 1), session(NOON, "b", 0, sent=9), session(NOON, "c", 5)]
    assert [name for name, _work in tallied(*events).by_volume()] == ["b", "c", "a"]
    assert [name for name, _work in tallied(*events, only=("a", "c")).by_volume()] == ["c", "a"]
    failed = Event(NOON, LOGIN_FAILED, FAILURE, "root", "203.0.113.9")
    assert tallied(failed, only=("a",)).failed_logins() == 0


def test_alerts_are_no_logins() -> None:
    alert = Event(NOON, LOGIN, account="partner", alert=Alert("first_seen_key", "x", "y"))
    tally = tallied(alert, Event(NOON, LOGIN, account="partner", address="192.0.2.7", key="SHA256:x"))
    assert (len(tally.alerts), tally.alerts_of("partner"), tally.alerts_of("other")) == (1, 1, 0)
    account = tally.accounts["partner"]
    assert (account.logins, account.sources, account.keys) == (1, {"192.0.2.7"}, {"SHA256:x"})


def test_the_week_of_a_day_is_its_monday() -> None:
    assert [week_of(MONDAY + each) for each in (-1, 0, 6, 7)] == [MONDAY - 7, MONDAY, MONDAY, MONDAY + 7]
