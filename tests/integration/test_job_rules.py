# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped alerts of Prometheus, judged by promtool on the metrics that the recorder writes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.metrics import (
    Limits,
    counted,
    first_metrics_text,
    metrics_text,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import DeleteLimit
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.utc import utc
from support.running.examples import ROOT

RULES = ROOT / "docs/prometheus/jobs.rules.yml"
LIMITS = Limits(late_after=3600, max_delete=DeleteLimit(10, percent=True))
STORED: dict[str, Any] = {"result": "ok", "totals": {"store": 1}, "stats": {"destination_entries": 100}}
IDLE: dict[str, Any] = {**STORED, "totals": {}}


def promtool(*words: str) -> None:
    ran = subprocess.run(["promtool", *words], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def series(runs: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return the metrics after a deployment and runs, all in the first second, as series that stay as they are."""
    counters: dict[str, Any] = {"deployed": 0}
    text = first_metrics_text("nightly", counters, LIMITS)
    for run in runs:
        record = {"job": "nightly", "began": utc(0), "ended": utc(0), **run}
        counters = counted(counters, record)
        text = metrics_text(record, counters, LIMITS, version="0.2.0")
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return [{"series": name, "values": f"{value}+0x300"} for name, _space, value in lines]


def fired(tmp_path: Path, runs: list[dict[str, Any]], minutes: int, alerts: list[str]) -> None:
    """After this time, these alerts are there, and no others."""
    samples = [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in sorted(alerts)]
    query = {"expr": 'count by (alertname) (ALERTS{alertstate="firing"})', "eval_time": f"{minutes}m"}
    test = {"interval": "1m", "input_series": series(runs), "promql_expr_test": [{**query, "exp_samples": samples}]}
    file = tmp_path / "test.yml"
    file.write_text(json.dumps({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [test]}))
    promtool("test", "rules", str(file))


def test_the_rules_are_valid() -> None:
    promtool("check", "rules", "--lint-fatal", str(RULES))


def test_a_good_run_is_silent_until_it_is_late(tmp_path: Path) -> None:
    fired(tmp_path, [STORED], 60, [])
    fired(tmp_path, [STORED], 62, ["FtpSynchronizeJobLate"])


def test_a_job_whose_first_run_never_came_is_late(tmp_path: Path) -> None:
    fired(tmp_path, [], 60, [])
    fired(tmp_path, [], 62, ["FtpSynchronizeJobLate"])


def test_a_job_that_has_never_succeeded_is_late(tmp_path: Path) -> None:
    locked = {**IDLE, "result": "locked"}
    fired(tmp_path, [locked], 60, [])
    fired(tmp_path, [locked], 62, ["FtpSynchronizeJobLate"])


def test_a_success_of_the_future_is_none(tmp_path: Path) -> None:
    """The clock of the host was ahead during the last run, and was set back: a late job would be silent for long."""
    fired(tmp_path, [{**STORED, "began": utc(7200), "ended": utc(7200)}], 2, ["FtpSynchronizeJobLate"])
    fired(tmp_path, [{**STORED, "began": utc(1800), "ended": utc(1800)}], 2, [])


@pytest.mark.parametrize("result", ["failed", "timeout", "killed", "not_started"])
def test_a_failure(tmp_path: Path, result: str) -> None:
    fired(tmp_path, [STORED, {**IDLE, "result": result}], 2, ["FtpSynchronizeJobFailing"])


def test_a_locked_run_is_no_failure_but_the_job_becomes_late(tmp_path: Path) -> None:
    locked = {**IDLE, "result": "locked"}
    fired(tmp_path, [STORED, locked], 2, [])
    fired(tmp_path, [STORED, locked], 62, ["FtpSynchronizeJobLate"])


def test_nothing_moved_for_many_runs(tmp_path: Path) -> None:
    fired(tmp_path, [STORED, *[IDLE] * 6], 2, [])
    fired(tmp_path, [STORED, *[IDLE] * 7], 2, ["FtpSynchronizeJobNothingMoved"])


def test_deletions_near_the_limit(tmp_path: Path) -> None:
    fired(tmp_path, [{**STORED, "totals": {"remove": 4}}], 2, [])
    fired(tmp_path, [{**STORED, "totals": {"remove": 5}}], 2, ["FtpSynchronizeJobDeletionsNearLimit"])
