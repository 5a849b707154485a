# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""transfer_report as a user runs it; its page in Chromium, judged by axe-core."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event import line_of
from support.judges.browser import Browser
from support.running.play import Play
from support.scenes.transfer_events import HOSTILE, four_weeks

TASK = "secure.ftp_synchronize.transfer_report"


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A play that wrote the report of a log with a rotated file, twice."""
    directory = tmp_path_factory.mktemp("report")
    lines = [line_of(event) for event in four_weeks()]
    (directory / "events.jsonl").write_bytes(b"".join(lines[::2]))
    (directory / "events.jsonl.1.gz").write_bytes(gzip.compress(b"".join(lines[1::2])))
    options = {
        "path": str(directory / "events.jsonl"),
        "dest": str(directory / "report.html"),
        "json_dest": str(directory / "report.json"),
        "last_day": "2026-01-28",
    }
    played = Play(directory).run([{TASK: options}, {TASK: options}])
    assert played.status == 0, played.output
    first, second = played.results
    assert (first["changed"], second["changed"]) == (True, False)
    assert json.loads((directory / "report.json").read_text()) == first["report"] == second["report"]
    return directory


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as browser:
        yield browser


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 380])
def test_the_page_meets_all_rules_of_accessibility(directory: Path, browser: Browser, width: int, dark: bool) -> None:
    shown = browser.show((directory / "report.html").as_uri(), width=width, dark=dark)
    assert shown.violations == []
    assert shown.passes >= 30
    assert shown.overflow == 0
    assert shown.requests == []
    assert shown.messages == []


def test_a_script_in_a_name_is_inert(directory: Path, browser: Browser) -> None:
    address = (directory / "report.html").as_uri()
    title, scripts, text = browser.evaluate(
        address, "[document.title, document.scripts.length, document.body.innerText]"
    )
    assert title.startswith("Transfers of ")
    assert scripts == 0
    assert HOSTILE.replace("\u202e", "\\u202e") in text


def test_the_policy_of_the_page_stops_scripts_that_are_put_into_it(directory: Path, browser: Browser) -> None:
    page = (directory / "report.html").read_text()
    (directory / "forged.html").write_text(page.replace("</main>", "<script>document.title='taken'</script></main>"))
    shown = browser.show((directory / "forged.html").as_uri(), width=1280)
    assert any("Content Security Policy" in message for message in shown.messages)
    assert browser.evaluate((directory / "forged.html").as_uri(), "document.title").startswith("Transfers of ")


def test_the_closed_tables_are_printed(directory: Path, browser: Browser) -> None:
    visible = "[...document.querySelectorAll('details table')].map(each => each.checkVisibility())"
    address = (directory / "report.html").as_uri()
    assert set(browser.evaluate(address, visible, media="print")) == {True}
    assert set(browser.evaluate(address, visible)) == {False}


def test_a_directory_is_no_log_without_alerts(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").mkdir()
    task = {TASK: {"path": str(tmp_path / "events.jsonl"), "dest": str(tmp_path / "report.html")}}
    (result,) = Play(tmp_path).run([task]).results
    assert result["error"]["code"] == "operation_failed"
    assert result["error"]["message"].startswith("the log of events is not a regular file: ")
    assert result["error"]["cure"].startswith("Set path ")
    assert not (tmp_path / "report.html").exists()
