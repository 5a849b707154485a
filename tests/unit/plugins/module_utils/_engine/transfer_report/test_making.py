# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import UnsafePath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event import line_of
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event_log import Period
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transfer_report.data import report_data
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transfer_report.making import (
    ReportRequest,
    make_report,
)
from support.scenes.transfer_events import SINCE, UNTIL, four_weeks


@pytest.fixture
def request_for(tmp_path: Path) -> ReportRequest:
    log = tmp_path / "events.jsonl"
    log.write_bytes(b"".join(line_of(event) for event in four_weeks()))
    (tmp_path / "out").mkdir(mode=0o755)
    return ReportRequest(
        os.fsencode(log),
        Period(SINCE, UNTIL),
        "files.example.com",
        html=str(tmp_path / "out/report.html"),
        json=str(tmp_path / "out/report.json"),
    )


def test_both_files_are_written_and_a_second_run_changes_nothing(request_for: ReportRequest) -> None:
    made = make_report(request_for)
    assert made.written == (request_for.html, request_for.json)
    page, data = Path(request_for.html or ""), Path(request_for.json or "")
    assert json.loads(data.read_text()) == json.loads(json.dumps(report_data(made.report)))
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert stat.S_IMODE(page.stat().st_mode) == 0o640
    assert make_report(request_for).written == ()


def test_check_mode_writes_nothing_and_reports_the_same(request_for: ReportRequest) -> None:
    planned = make_report(request_for._replace(check_mode=True))
    assert not Path(request_for.html or "").exists()
    assert planned.written == make_report(request_for).written
    assert make_report(request_for._replace(check_mode=True)).written == ()


def test_without_paths_nothing_is_written(request_for: ReportRequest) -> None:
    assert make_report(request_for._replace(html=None, json=None)).written == ()


def test_other_permissions_are_a_change(request_for: ReportRequest) -> None:
    make_report(request_for)
    assert make_report(request_for._replace(mode=0o644)).written == (request_for.html, request_for.json)
    assert stat.S_IMODE(os.stat(request_for.html or "").st_mode) == 0o644


def test_a_directory_that_others_can_write_is_refused(request_for: ReportRequest) -> None:
    Path(request_for.html or "").parent.chmod(0o777)
    with pytest.raises(UnsafePath):
        make_report(request_for)


def test_a_link_is_not_followed(request_for: ReportRequest, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("text")
    Path(request_for.html or "").symlink_to(victim)
    with pytest.raises(UnsafePath):
        make_report(request_for)
    assert victim.read_text() == "text"
