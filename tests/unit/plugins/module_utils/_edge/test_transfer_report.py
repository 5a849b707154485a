# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import transfer_report
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.event import line_of
from support.running.tasks import run_task
from support.scenes.transfer_events import four_weeks


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"".join(line_of(event) for event in four_weeks()))
    return path


def run(log: Path, **options: Any) -> dict[str, Any]:
    return run_task(transfer_report, path=str(log), **{"last_day": "2026-01-28", **options})


def test_the_report_is_the_result(log: Path) -> None:
    result = run(log)
    assert result["changed"] is False
    assert result["written"] == []
    assert result["msg"].startswith("5 accounts uploaded ")
    assert result["msg"].endswith("; 3 alerts, 400 failed logins")
    assert (result["report"]["since"], result["report"]["until"]) == ("2026-01-01T00:00:00Z", "2026-01-29T00:00:00Z")


def test_files_are_written_once(log: Path, tmp_path: Path) -> None:
    options = {"dest": str(tmp_path / "r.html"), "json_dest": str(tmp_path / "r.json")}
    assert run(log, **options)["written"] == list(options.values())
    assert run(log, **options)["changed"] is False
    assert json.loads((tmp_path / "r.json").read_text()) == run(log)["report"]


def test_a_period_has_whole_days(log: Path) -> None:
    result = run(log, days=1, last_day="2026-01-05")
    assert (result["report"]["since"], result["report"]["until"]) == ("2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z")
    assert run_task(transfer_report, path=str(log))["report"]["totals"]["sessions"] == 0, "until today"


def test_accounts_may_be_selected(log: Path) -> None:
    assert [each["account"] for each in run(log, accounts=["sensor-feed"])["report"]["accounts"]] == ["sensor-feed"]


def test_check_mode_writes_nothing(log: Path, tmp_path: Path) -> None:
    options = {"path": str(log), "dest": str(tmp_path / "r.html"), "last_day": "2026-01-28"}
    assert run_task(transfer_report, check=True, **options)["changed"] is True
    assert not (tmp_path / "r.html").exists()


def test_a_missing_log_is_an_error_with_a_cure(tmp_path: Path) -> None:
    result = run(tmp_path / "none.jsonl")
    assert result["failed"]
    assert result["error"]["code"] == "not_found"
    assert result["error"]["cure"] == "Set path to the log of events, or run the role transfer_monitoring on this host."


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("days", 0, "days: 0 is no period"),
        ("days", 401, "days: "),
        ("last_day", "27.11.2026", "last_day: '27.11.2026' is not a day"),
        ("mode", "rw", "mode: 'rw' is not octal"),
        ("max_listed", -1, "max_listed: "),
    ],
)
def test_values_are_validated(log: Path, option: str, value: object, message: str) -> None:
    error = run(log, **{option: value})["error"]
    assert error["code"] == "invalid_request"
    assert error["message"].startswith(message)
    assert error["cure"]
