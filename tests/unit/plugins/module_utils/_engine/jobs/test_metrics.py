# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics of a job. tests/integration/test_sync_program.py has promtool as the judge."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import OperationFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.metrics import (
    Limits,
    counted,
    first_metrics_text,
    metrics_text,
    write_metrics,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import DeleteLimit

RECORD: dict[str, Any] = {
    "job": "nightly",
    "began": "2026-11-27T13:21:52Z",
    "ended": "2026-11-27T13:22:00Z",
    "result": "ok",
    "totals": {"store": 3, "remove": 1, "failed_items": 0},
    "stats": {"bytes_sent": 7, "bytes_received": 2, "destination_entries": 40},
}
ENDED = 1795785720
TEXT = f"""
ftp_synchronize_job_deployed_timestamp_seconds{{name="nightly"}} 1795000000
ftp_synchronize_job_late_after_seconds{{name="nightly"}} 3600
ftp_synchronize_job_last_run_timestamp_seconds{{name="nightly"}} {ENDED}
ftp_synchronize_job_last_success_timestamp_seconds{{name="nightly"}} {ENDED}
ftp_synchronize_job_duration_seconds{{name="nightly"}} 8
ftp_synchronize_job_bytes_total{{name="nightly",direction="sent"}} 7
ftp_synchronize_job_bytes_total{{name="nightly",direction="received"}} 2
ftp_synchronize_job_files_total{{name="nightly",action="create_directory"}} 0
ftp_synchronize_job_files_total{{name="nightly",action="store"}} 3
ftp_synchronize_job_files_total{{name="nightly",action="move"}} 0
ftp_synchronize_job_files_total{{name="nightly",action="copy"}} 0
ftp_synchronize_job_files_total{{name="nightly",action="link"}} 0
ftp_synchronize_job_files_total{{name="nightly",action="set_attributes"}} 0
ftp_synchronize_job_files_total{{name="nightly",action="remove"}} 1
ftp_synchronize_job_failed_items{{name="nightly"}} 0
ftp_synchronize_job_state{{name="nightly",state="ok"}} 1
ftp_synchronize_job_state{{name="nightly",state="failed"}} 0
ftp_synchronize_job_state{{name="nightly",state="timeout"}} 0
ftp_synchronize_job_state{{name="nightly",state="killed"}} 0
ftp_synchronize_job_state{{name="nightly",state="not_started"}} 0
ftp_synchronize_job_state{{name="nightly",state="locked"}} 0
ftp_synchronize_job_info{{name="nightly",version="0.2.0"}} 1
ftp_synchronize_job_idle_runs{{name="nightly"}} 0
ftp_synchronize_job_deletions_ratio{{name="nightly"}} 0.25
"""
DEPLOYED = {"deployed": 1795000000}
LIMITS = Limits(3600, DeleteLimit(10, True))


def text(record: dict[str, Any], before: dict[str, Any] | None = None) -> str:
    """Return the metrics after the run of a record."""
    return metrics_text(record, counted(before or {}, record), LIMITS, version="0.2.0")


def samples(of: str) -> list[str]:
    """Return the lines with values."""
    return [line for line in of.splitlines() if line and not line.startswith("#")]


def test_all_metrics() -> None:
    assert samples(text(RECORD, DEPLOYED)) == samples(TEXT)


def test_files_that_the_check_of_content_refused() -> None:
    assert "refused_files" not in text(RECORD)
    stats = {**RECORD["stats"], "files_refused": 2}
    assert '\nftp_synchronize_job_refused_files{name="nightly"} 2\n' in text({**RECORD, "stats": stats})


def test_before_the_first_run_there_is_the_time_of_the_deployment() -> None:
    assert samples(first_metrics_text("nightly", DEPLOYED, LIMITS)) == samples(TEXT)[:2]


def test_a_job_that_the_role_did_not_deploy_counts_from_its_first_run() -> None:
    first = counted({}, {**RECORD, "result": "failed"})
    assert counted(first, {**RECORD, "ended": "2026-11-28T13:22:00Z"})["deployed"] == first["deployed"] == ENDED


def test_counters_grow_and_the_last_success_stays() -> None:
    failed = {**RECORD, "result": "killed", "ended": "2026-11-28T13:22:00Z", "began": None}
    found = samples(text(failed, counted({}, RECORD)))
    assert 'ftp_synchronize_job_bytes_total{name="nightly",direction="sent"} 14' in found
    assert f'ftp_synchronize_job_last_success_timestamp_seconds{{name="nightly"}} {ENDED}' in found
    assert not any("duration" in line for line in found)


def test_successful_runs_without_a_change_are_counted_in_a_row() -> None:
    idle = {**RECORD, "totals": {"failed_items": 0}}
    counters = counted(counted({}, idle), idle)
    assert counters["idle_runs"] == 2
    assert counted(counters, {**idle, "result": "failed"})["idle_runs"] == 2
    assert counted(counters, RECORD)["idle_runs"] == 0


@pytest.mark.parametrize("limit", [None, DeleteLimit(0, False)])
def test_without_deletions_there_is_no_share_of_their_limit(limit: DeleteLimit | None) -> None:
    assert "deletions_ratio" not in metrics_text(RECORD, counted({}, RECORD), Limits(60, limit), version="0.2.0")


def test_before_the_first_success_there_is_no_time_of_it() -> None:
    assert "last_success" not in text({**RECORD, "result": "failed"})


def test_a_clock_that_went_back_gives_no_negative_duration() -> None:
    later = {**RECORD, "began": "2026-11-27T14:00:00Z"}
    assert 'ftp_synchronize_job_duration_seconds{name="nightly"} 0\n' in text(later)


@pytest.mark.parametrize("bad", ["3", True, -1, 1e300, None, [1]])
def test_a_former_value_that_is_no_number_counts_as_nothing(bad: Any) -> None:
    before = dict.fromkeys(("bytes_sent", "store", "last_success", "deployed"), bad)
    assert (counted(before, RECORD)["store"], counted(before, RECORD)["deployed"]) == (3, ENDED)
    assert 'direction="sent"} 7\n' in text(RECORD, before)


def test_a_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    write_metrics(str(tmp_path), "nightly", "a 1\n")
    first = os.stat(tmp_path / "ftp_synchronize_job_nightly.prom")
    write_metrics(str(tmp_path), "nightly", "a 2\n")
    (path,) = tmp_path.iterdir()
    assert path.read_text() == "a 2\n"
    assert path.stat().st_ino != first.st_ino
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_missing_directory(tmp_path: Path) -> None:
    with pytest.raises(OperationFailed, match=r"^metrics: .*missing: No such file") as caught:
        write_metrics(str(tmp_path / "missing"), "nightly", "")
    assert caught.value.cure
