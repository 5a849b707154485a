# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
from html.parser import HTMLParser

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event_log import Period
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transfer_report.data import Report
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transfer_report.making import (
    report_html,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transfer_report.tally import Tally
from support.scenes.transfer_events import SINCE, UNTIL, four_weeks

VOID = {"meta", "br"}


class Outline(HTMLParser):
    """The elements of a page, whose ends are checked."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page(most: int = 100, *, title: str = "") -> str:
    tally = Tally()
    for event in four_weeks():
        tally.add(event)
    return report_html(Report("files.example.com", Period(SINCE, UNTIL), tally, 3, 2, most), title)


def test_the_page_is_whole_and_has_no_element_of_a_name() -> None:
    outline = Outline(page())
    assert outline.open == []
    assert {"script", "img", "link", "iframe", "form", "a"} & set(outline.seen) == set()
    assert outline.seen.count("h1") == 1
    assert outline.seen.count("table") == 3 + 3 * 5
    assert re.findall(r"(?:src|href|style)=", page()) == []


def test_the_alerts_come_first() -> None:
    text = page()
    places = [
        text.index(word) for word in ("⚠ Alerts", "<h2>Days", "<h2>Accounts", "<h2>Failed logins", "<h2>Account by")
    ]
    assert places == sorted(places)
    assert text.index("20.4 GiB of uploads") < text.index("source 203.0.113.77"), "the latest first"
    assert "never in 28 days" in text
    assert "no history" in text


def test_hostile_names_are_text() -> None:
    text = page()
    assert "&lt;script&gt;document.title=&#x27;taken&#x27;&lt;/script&gt;&quot;" in text
    assert "<script" not in text
    assert "\u202e" not in text


def test_the_same_events_make_the_same_page() -> None:
    assert page() == page()


def test_what_is_left_out_is_counted() -> None:
    text = page(2)
    assert "3 more accounts are not listed." in text
    assert "1 more alerts are not listed." in text
    assert text.count("<h3>") == 2


def test_a_period_without_events_has_a_page() -> None:
    text = report_html(Report("h", Period(SINCE, UNTIL), Tally(), 1, 0, 10))
    assert Outline(text).open == []
    assert "No alert in this period." in text
    assert "No session ended in this period." in text
    assert "No failed login in this period." in text


def test_the_title_may_be_given() -> None:
    assert "<h1>Transfers of files.example.com</h1>" in page()
    assert "<title>A &lt; B</title>" in page(title="A < B")
