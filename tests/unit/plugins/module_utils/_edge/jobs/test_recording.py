# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of runs, by the program itself and by the unit."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jobs.job_run import (
    JobRun,
    run_job,
    status_of,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jobs.recording import (
    Recording,
    check_records,
    record_end,
    record_result,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import secure_sync
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    InvalidRequest,
    OperationFailed,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs import ping
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.utc import utc

RESULT: dict[str, Any] = {
    **secure_sync.blank(),
    "run": "8f3a",
    "check": False,
    "began": 1795785712.5,
    "failed": False,
    "totals": {"store": 3},
}


class Place:
    """A job file, a program, and the directories of the job."""

    def __init__(self, directory: Path) -> None:
        self.file, self.program = directory / "job.json", directory / "sync.pyz"
        self.records, self.metrics, self.runtime = (directory / name for name in ("records", "metrics", "runtime"))
        for each in (self.metrics, self.runtime):
            each.mkdir()
        self.credentials = directory / "credentials"
        self.warnings: list[str] = []
        self.program.write_bytes(b"the program")
        self.write(records=str(self.records), metrics=str(self.metrics))

    def write(self, **fields: Any) -> None:
        """Write the job file."""
        self.file.write_text(json.dumps({"schema": 1, "job": "nightly", "options": {}, **fields}))

    def ended(self, **systemd: str) -> dict[str, Any]:
        """Record the end of a unit, and return the record."""
        unit = {"RUNTIME_DIRECTORY": str(self.runtime), "INVOCATION_ID": "8f3a"}
        record_end(self.recording(), {**unit, **systemd})
        return self.last()

    def recording(self) -> Recording:
        """Return the arguments of a recorder."""
        credentials = str(self.credentials) if self.credentials.exists() else None
        return Recording(str(self.file), str(self.program), self.warnings.append, credentials)

    def last(self) -> dict[str, Any]:
        """Return the newest record."""
        found: dict[str, Any] = json.loads((self.records / "last.json").read_text())
        return found


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Return the place of a job."""
    return Place(tmp_path)


def test_a_result_is_recorded(place: Place) -> None:
    record_result(place.recording(), RESULT)
    last = place.last()
    assert (last["result"], last["run"], last["totals"], last["error"]) == ("ok", "8f3a", {"store": 3}, None)
    assert last["program_sha256"] == hashlib.sha256(b"the program").hexdigest()
    assert last["options_sha256"] == hashlib.sha256(place.file.read_bytes()).hexdigest()
    assert "_state" in (place.metrics / "ftp_synchronize_job_nightly.prom").read_text()


def test_a_failed_result_is_recorded(place: Place) -> None:
    error = {"code": "locked", "path": None, "message": "another run works on this tree", "cure": ""}
    record_result(place.recording(), {**RESULT, "failed": True, "error": error})
    assert (place.last()["result"], place.last()["error"]["code"]) == ("locked", "locked")


def test_check_mode_leaves_no_record(place: Place) -> None:
    record_result(place.recording(), {**RESULT, "check": True})
    (place.runtime / "result.json").write_text(json.dumps({**RESULT, "check": True}))
    with pytest.raises(FileNotFoundError):
        place.ended(SERVICE_RESULT="success", EXIT_CODE="exited", EXIT_STATUS="0")


def test_the_end_of_a_unit(place: Place) -> None:
    (place.runtime / "result.json").write_text(json.dumps(RESULT))
    last = place.ended(SERVICE_RESULT="timeout", EXIT_CODE="killed", EXIT_STATUS="KILL")
    assert (last["result"], last["began"], last["error"]["code"]) == ("timeout", "2026-11-27T13:21:52Z", "timeout")


def test_a_run_is_recorded_as_it_left_itself(place: Place) -> None:
    """It ends early, because the job file has no options."""
    unit = {"RUNTIME_DIRECTORY": str(place.runtime), "INVOCATION_ID": "8f3a"}
    result = run_job(JobRun(str(place.file), unit))
    last = place.ended(SERVICE_RESULT="exit-code", EXIT_CODE="exited", EXIT_STATUS=str(status_of(result)))
    assert (last["result"], last["run"], last["began"]) == ("failed", "8f3a", utc(result["began"]))
    assert last["error"]["code"] == result["error"]["code"] == "invalid_request"
    record_result(place.recording(), result)
    assert {**place.last(), **{name: last[name] for name in ("ended", "previous_sha256")}} == last
    run_job(JobRun(str(place.file), unit, check=True))
    before = place.last()
    assert place.ended(SERVICE_RESULT="exit-code", EXIT_STATUS="2") == before


def test_a_unit_that_did_not_start(place: Place) -> None:
    last = place.ended(SERVICE_RESULT="exit-code", EXIT_CODE="exited", EXIT_STATUS="243")
    assert (last["result"], last["began"], last["run"]) == ("not_started", None, "8f3a")


def test_a_missing_program_is_recorded_too(place: Place) -> None:
    place.program.unlink()
    assert place.ended(SERVICE_RESULT="exit-code", EXIT_STATUS="203")["program_sha256"] == ""


def test_without_a_directory_of_metrics(place: Place) -> None:
    place.write(records=str(place.records))
    record_result(place.recording(), RESULT)
    assert list(place.metrics.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "share"),
    [
        ({"delete": True, "max_delete": "50%"}, "0.4"),
        ({"delete": True}, "2"),
        ({"delete": True, "max_delete": "many"}, None),
        ({"delete": False, "max_delete": "50%"}, None),
    ],
)
def test_the_share_of_the_limit_of_deletions(place: Place, options: dict[str, Any], share: str | None) -> None:
    place.write(records=str(place.records), metrics=str(place.metrics), options=options, late_after=3600)
    record_result(place.recording(), {**RESULT, "totals": {"remove": 2}, "stats": {"destination_entries": 10}})
    text = (place.metrics / "ftp_synchronize_job_nightly.prom").read_text()
    found = [line.split()[1] for line in text.splitlines() if line.startswith("ftp_synchronize_job_deletions_ratio{")]
    assert found == ([share] if share else [])
    assert 'ftp_synchronize_job_late_after_seconds{name="nightly"} 3600\n' in text


def test_without_a_directory_of_records(place: Place) -> None:
    place.write()
    with pytest.raises(InvalidRequest, match="records: is not set"):
        record_result(place.recording(), RESULT)


def test_records_are_checked(place: Place) -> None:
    for _run in range(3):
        record_result(place.recording(), RESULT)
    assert check_records(str(place.file)) == 3
    history = place.records / "runs.jsonl"
    history.write_text(history.read_text().replace('"ok"', '"OK"', 1))
    with pytest.raises(OperationFailed, match=r"^records: line 2 of runs.jsonl does not follow"):
        check_records(str(place.file))


def test_records_that_are_not_there_cannot_be_checked(place: Place) -> None:
    with pytest.raises(OperationFailed, match=r"^records: .*No such file"):
        check_records(str(place.file))


def test_metrics_that_cannot_be_written_leave_the_record(place: Place) -> None:
    place.write(records=str(place.records), metrics=str(place.metrics / "missing"))
    with pytest.raises(OperationFailed, match=r"^metrics: "):
        record_result(place.recording(), RESULT)
    assert place.last()["result"] == "ok"


@pytest.fixture
def pings(place: Place, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Store a URL for pings, and return the pings that are sent."""
    place.credentials.mkdir()
    (place.credentials / "ping_url").write_text("https://ping.example.com/canary\n")
    (place.credentials / "ping_url").chmod(0o600)
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(ping, "ping", lambda url, record, log: sent.append((url, record["result"])))
    return sent


def test_each_run_that_records_itself_is_pinged(place: Place, pings: list[tuple[str, str]]) -> None:
    record_result(place.recording(), RESULT)
    record_result(place.recording(), {**RESULT, "check": True})
    place.ended(SERVICE_RESULT="oom-kill")
    assert pings == [("https://ping.example.com/canary", "ok")]
    assert place.warnings == []


def test_a_run_that_cannot_be_recorded_is_pinged_too(place: Place, pings: list[tuple[str, str]]) -> None:
    place.records.write_text("no directory")
    with pytest.raises(OperationFailed):
        record_result(place.recording(), RESULT)
    assert len(pings) == 1


def test_a_dead_monitoring_service_fails_nothing(
    place: Place, pings: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ping, "ping", lambda _url, _record, log: "Connection refused")
    record_result(place.recording(), RESULT)
    assert place.warnings == ["ping_url: Connection refused"]
    assert (place.last()["result"], pings) == ("ok", [])
