# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The metrics of a job before its first run. tests/hosts/test_sync_job.py has the role."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.deployment.deploy import (
    write_first_metrics,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.job_file import Job
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.metrics import counted
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.records import Records

NAME = "ftp_synchronize_job_nightly.prom"


@pytest.fixture(name="job")
def _job(tmp_path: Path) -> Job:
    """Return a job with metrics, whose records are in `records`."""
    return Job("nightly", {}, "", str(tmp_path / "records"), metrics=str(tmp_path), late_after=3600)


def deployed(job: Job, *, fresh: bool = False) -> str:
    """Deploy the job, and return the time in its metrics."""
    write_first_metrics(job, fresh=fresh)
    (line,) = [each for each in text(job).splitlines() if each.startswith("ftp_synchronize_job_deployed")]
    return line.rpartition(" ")[2]


def text(job: Job) -> str:
    """Return the text of the metrics."""
    return (Path(str(job.metrics)) / NAME).read_text()


def run(job: Job, result: str = "failed") -> None:
    """Record a run of the job."""
    record = {"ended": "2026-11-27T13:22:00Z", "result": result, "totals": {}, "stats": {}}
    Records(str(job.records), 3).append(record, counted)


def test_a_change_before_the_first_run_keeps_the_time(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1000.5)
    assert deployed(job, fresh=True) == "1000"
    monkeypatch.setattr(time, "time", lambda: 2000.5)
    assert deployed(job._replace(late_after=60)) == "1000"
    assert 'late_after_seconds{name="nightly"} 60\n' in text(job)


def test_the_metrics_of_a_run_stay(job: Job) -> None:
    run(job)
    (Path(str(job.metrics)) / NAME).write_text("of the run")
    write_first_metrics(job, fresh=False)
    assert text(job) == "of the run"


@pytest.mark.parametrize(("result", "successes"), [("failed", 0), ("ok", 1)])
def test_a_job_with_runs_and_without_metrics(job: Job, result: str, successes: int) -> None:
    """Its metrics have another place now, or went with the former job of its name. The last success counts."""
    run(job, result)
    at = "1795785720"
    assert deployed(job) == at
    assert text(job).count(f'last_success_timestamp_seconds{{name="nightly"}} {at}\n') == successes


def test_a_job_whose_counters_have_no_time_of_deployment(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    Records(str(job.records), 3).begin(lambda: {"bytes_sent": 7}, fresh=True)
    monkeypatch.setattr(time, "time", lambda: 4000.5)
    assert deployed(job) == "4000"
    found = Records(str(job.records), 3).begin(dict, fresh=False)
    assert found == {"bytes_sent": 7, "deployed": 4000}


def test_a_job_of_the_name_of_a_removed_job_has_not_run(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    run(job)
    monkeypatch.setattr(time, "time", lambda: 3000.0)
    assert deployed(job, fresh=True) == "3000"


@pytest.mark.parametrize("missing", ["metrics", "records"])
def test_a_job_without_metrics(job: Job, missing: str, tmp_path: Path) -> None:
    write_first_metrics(job._replace(**{missing: None}), fresh=True)
    assert not list(tmp_path.iterdir())
