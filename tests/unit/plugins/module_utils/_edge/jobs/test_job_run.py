# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run of a job in this process: a result in every case, and no secret in it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jobs import ansible_run, job_run
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jobs.job_certificate import Certified
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jobs.job_run import (
    JobRun,
    run_job,
    status_of,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import secure_sync
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import NoSpace
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sync.progress import Progress
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Carried = dict[str, Any]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a job file."""
    path = tmp_path / "job.json"
    options = {"host": "files.example.com", "src": "/srv/a", "dest": "b", "progress": 0}
    path.write_text(json.dumps({"schema": 1, "job": "nightly", "options": options}))
    return path


@pytest.fixture
def credentials(tmp_path: Path) -> Path:
    """Return a directory with a password."""
    directory = tmp_path / "credentials"
    directory.mkdir()
    (directory / "password").write_text("canary")
    (directory / "password").chmod(0o600)
    return directory


def carried_out(monkeypatch: pytest.MonkeyPatch, **result: Any) -> list[Task]:
    """Let every run have this result; return the tasks that are carried out."""
    tasks: list[Task] = []

    def counted(task: Task, _progress: Progress) -> Carried:
        tasks.append(task)
        task.warn("a warning with canary")
        return {**secure_sync.blank(), **result}

    monkeypatch.setattr(job_run.secure_sync, "counted", counted)
    return tasks


def test_a_run_by_ansible(file: Path, credentials: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gets the options of the file and the secrets, without defaults; its warnings are without secrets."""
    asked: list[tuple[Any, bool, bool]] = []

    def by_ansible(options: Carried, *, check: bool, diff: bool, warn: Any) -> Carried:
        asked.append((options, check, diff))
        warn("a warning with canary")
        return {"failed": False, "changed": True, "msg": "pushed"}

    monkeypatch.setattr(ansible_run, "by_ansible", by_ansible)
    result = run_job(JobRun(str(file), {}, str(credentials), check=True, by_ansible=True, diff=True))
    options = {"host": "files.example.com", "src": "/srv/a", "dest": "b", "progress": 0, "password": "canary"}
    assert asked == [(options, True, True)]
    assert (result["changed"], result["warnings"]) == (True, ["a warning with ********"])


def test_a_result(file: Path, credentials: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = carried_out(monkeypatch, changed=True, msg="pushed")
    unit = {"INVOCATION_ID": "8f3a"}
    result = run_job(JobRun(str(file), unit, str(credentials), check=True, lines=io.StringIO()))
    (task,) = tasks
    assert task.check_mode is True
    assert (task.params["password"], task.params["src"], task.params["retries"]) == ("canary", "/srv/a", 3)
    head = {name: result[name] for name in ("schema", "job", "run", "check", "failed", "changed", "msg")}
    assert head == {
        "schema": 1,
        "job": "nightly",
        "run": "8f3a",
        "check": True,
        "failed": False,
        "changed": True,
        "msg": "pushed",
    }
    assert 0 < result["began"] <= result["ended"]
    assert result["warnings"] == ["a warning with ********"]
    assert status_of(result) == 0


def test_secrets_that_the_run_reads_are_hidden(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_run.secure_sync, "counted", lambda task, _progress: _read(task))
    result = run_job(JobRun(str(file), {}))
    assert result["msg"] == "read ********"


def test_the_key_of_an_issued_certificate_is_hidden(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The issuer stands for OpenBao, which is in the tests of integration."""
    carried_out(monkeypatch, msg="refused: canary-of-an-issuer")
    issued = Certified(json.loads(file.read_text())["options"], {"private_key": "canary-of-an-issuer"})
    monkeypatch.setattr(job_run, "certified", lambda *_asked: issued)
    assert run_job(JobRun(str(file), {}))["msg"] == "refused: ********"


def _read(task: Task) -> Carried:
    task.hide("canary-of-a-source")
    return {**secure_sync.blank(), "msg": "read canary-of-a-source"}


def test_each_run_has_an_id(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    carried_out(monkeypatch)
    assert run_job(JobRun(str(file), {}))["run"] != run_job(JobRun(str(file), {}))["run"]


def test_a_failure(file: Path, credentials: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_task: Task, _progress: Progress) -> Carried:
        raise NoSpace("no space left for canary")

    monkeypatch.setattr(job_run.secure_sync, "counted", fail)
    result = run_job(JobRun(str(file), {}, str(credentials)))
    assert (result["failed"], result["job"]) == (True, "nightly")
    assert result["error"]["message"] == "no space left for ********"
    assert result["totals"]["store"] == 0
    assert status_of(result) == 1


def test_a_defect(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_task: Task, _progress: Progress) -> Carried:
        raise KeyError("missing")

    monkeypatch.setattr(job_run.secure_sync, "counted", fail)
    result = run_job(JobRun(str(file), {}))
    assert (result["error"]["code"], status_of(result)) == ("internal", 1)


def test_a_bad_file(tmp_path: Path) -> None:
    result = run_job(JobRun(str(tmp_path / "missing"), {}))
    assert (result["job"], result["error"]["code"], status_of(result)) == (None, "invalid_request", 2)


def test_the_result_is_left_for_the_recorder(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Carried] = []

    def counted(_task: Task, _progress: Progress) -> Carried:
        seen.append(json.loads((tmp_path / "result.json").read_text()))
        return secure_sync.blank()

    monkeypatch.setattr(job_run.secure_sync, "counted", counted)
    result = run_job(JobRun(str(file), {"RUNTIME_DIRECTORY": str(tmp_path), "INVOCATION_ID": "8f3a"}))
    assert seen[0]["began"] == result["began"]
    assert json.loads((tmp_path / "result.json").read_text()) == result


GOOD = b'{"schema": 1, "job": "nightly", "options": {"host": "a", "src": "/srv/a", "dest": "b"}}'


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, len(GOOD)), st.binary(max_size=4)), max_size=3))
def test_any_file_gives_a_result_and_a_status(
    file: Path, monkeypatch: pytest.MonkeyPatch, places: list[tuple[int, bytes]]
) -> None:
    carried_out(monkeypatch)
    content = GOOD
    for place, inserted in places:
        content = content[:place] + inserted + content[place + 1 :]
    file.write_bytes(content)
    result = run_job(JobRun(str(file), {}, check=True))
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert status_of(result) == (2 if result["failed"] else 0), result["msg"]
