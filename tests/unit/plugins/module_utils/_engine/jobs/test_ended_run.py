# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a job as the units after it see it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.ended_run import ended_run
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.records import Sources, record

RUN = "8f3ad915dac5f1694e2298139028d7dd"
ERROR = {"code": "no_space", "path": "a", "message": "no space left", "cure": "Make room."}
RECORD = record("nightly", {"error": ERROR}, run=RUN, state="failed", facts="", ended=0.0, sources=Sources("", ""))
TIMEOUT = {"SERVICE_RESULT": "timeout", "EXIT_CODE": "killed", "EXIT_STATUS": "TERM"}


def seen(directory: Path, record: Any, run: str = RUN, systemd: dict[str, str] | None = None) -> dict[str, Any]:
    """Return the end of a run that reached its time limit."""
    text = record if isinstance(record, str) else json.dumps(record)
    (directory / "record").write_text(text)
    found = {"INVOCATION_ID": run, **(TIMEOUT if systemd is None else systemd)}
    return ended_run({"CREDENTIALS_DIRECTORY": str(directory), **{f"MONITOR_{name}": found[name] for name in found}})


def test_the_record_of_the_run(tmp_path: Path) -> None:
    assert seen(tmp_path, RECORD) == {"run": RUN, "result": "failed", "error": ERROR}


def test_a_record_of_another_run_is_not_of_this_run(tmp_path: Path) -> None:
    found = seen(tmp_path, RECORD, run="0" * 32)
    assert (found["run"], found["result"], found["error"]["code"]) == ("0" * 32, "timeout", "timeout")


def test_an_older_systemd_without_variables(tmp_path: Path) -> None:
    assert seen(tmp_path, RECORD, run="", systemd={})["error"] == ERROR


@pytest.mark.parametrize(
    "record", ["{}", "", "[]", "no JSON", {**RECORD, "result": "hostile"}, {**RECORD, "result": ["ok"]}]
)
def test_a_damaged_record_is_no_record(tmp_path: Path, record: Any) -> None:
    assert seen(tmp_path, record)["result"] == "timeout"


def test_values_of_a_wrong_kind_are_left_out(tmp_path: Path) -> None:
    found = seen(tmp_path, {**RECORD, "run": RUN, "error": {"code": "x", "message": ["y"], "more": "z"}})
    assert found["error"] == {"code": "x", "path": None, "message": None, "cure": None}


def test_without_credentials() -> None:
    systemd = {"MONITOR_INVOCATION_ID": "no id", "MONITOR_SERVICE_RESULT": "signal"}
    assert (ended_run(systemd)["run"], ended_run(systemd)["result"]) == ("", "killed")


def test_a_good_run_without_a_record_is_a_failure(tmp_path: Path) -> None:
    systemd = {"SERVICE_RESULT": "exit-code", "EXIT_CODE": "exited", "EXIT_STATUS": "0"}
    for run in ("0" * 32, RUN):
        found = seen(tmp_path, {**RECORD, "result": "ok", "error": None}, run=run, systemd=systemd)
        assert (found["result"], found["error"]["code"], found["run"]) == ("failed", "not_recorded", run)
    systemd["SERVICE_RESULT"] = "success"
    assert seen(tmp_path, "{}", systemd=systemd)["result"] == "ok"
