# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of sync.pyz."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.contract import Task
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.jobs import job_run, program
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.sync import secure_sync

PAGE = (Path(__file__).parents[6] / "docs/jobs.md").read_text()


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file of a job with records, whose runs succeed."""
    for name in ("RUNTIME_DIRECTORY", "INVOCATION_ID", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(job_run.secure_sync, "counted", lambda _task, _progress: secure_sync.blank())
    path = tmp_path / "job.json"
    options = {"host": "files.example.com", "src": "/srv/a", "dest": "b"}
    fields = {"schema": 1, "job": "nightly", "options": options, "records": str(tmp_path / "records")}
    path.write_text(json.dumps(fields))
    return path


def results(directory: Path) -> list[str]:
    """Return the results of the recorded runs."""
    history = directory / "records/runs.jsonl"
    return [json.loads(line)["result"] for line in history.read_text().splitlines()] if history.exists() else []


def test_one_json_object_is_printed(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["--job", str(file), "--check"]) == 0
    output = capsys.readouterr()
    assert output.err == ""
    assert output.out.count("\n") == 1
    assert json.loads(output.out)["check"] is True
    assert results(tmp_path) == []


def test_record(file: Path, tmp_path: Path) -> None:
    assert program.main(["--job", str(file), "--record"]) == 0
    assert results(tmp_path) == ["ok"]


def test_the_status_of_a_failed_run_wins_over_its_record(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), "options": {}}))
    assert program.main(["--job", str(file), "--record"]) == 2
    assert results(tmp_path) == ["failed"]
    (tmp_path / "records/last.json").unlink()
    (tmp_path / "records/runs.jsonl").unlink()
    (tmp_path / "records/runs.jsonl").mkdir()
    assert program.main(["--job", str(file), "--record"]) == 2
    assert "records: " in capsys.readouterr().err


def test_a_record_that_cannot_be_written_fails_a_good_run(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "records").write_text("no directory")
    assert program.main(["--job", str(file), "--record"]) == 1
    output = capsys.readouterr()
    assert json.loads(output.out)["failed"] is False
    assert output.err.startswith("records: ")


def test_the_recorder_of_a_unit(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE_RESULT", "oom-kill")
    assert program.main(["record", "--job", str(file)]) == 0
    assert results(tmp_path) == ["killed"]


def test_the_check_of_records(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for found in ("1 record\n", "2 records\n"):
        program.main(["--job", str(file), "--record"])
        capsys.readouterr()
        assert program.main(["check-records", "--job", str(file)]) == 0
        assert capsys.readouterr().out == found
    history = tmp_path / "records/runs.jsonl"
    history.write_text(history.read_text().replace("nightly", "NIGHTLY", 1))
    assert program.main(["check-records", "--job", str(file)]) == 1
    assert capsys.readouterr().err.startswith("records: line 2 ")


def test_without_a_directory_of_records_a_recorded_run_does_not_begin(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fields = json.loads(file.read_text())
    del fields["records"]
    file.write_text(json.dumps(fields))
    begun: list[Any] = []
    monkeypatch.setattr(job_run.secure_sync, "counted", lambda *given: begun.append(given))
    assert program.main(["--job", str(file), "--record"]) == 2
    assert begun == []
    assert json.loads(capsys.readouterr().out)["error"]["message"] == "job file: records: is not set"


def test_a_recorded_run_pings_at_its_start(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr(job_run, "ping_started", lambda _directory, _job, run, _warn: started.append(run))
    program.main(["--job", str(file)])
    program.main(["--job", str(file), "--record", "--check"])
    assert started == []
    program.main(["--job", str(file), "--record"])
    assert started == [json.loads((tmp_path / "records/last.json").read_text())["run"]]


def test_pings_of_units(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(program, "ping_unit", lambda _name, _environment, _warn, *, start: asked.append(start))
    assert (program.main(["ping", "--name", "a", "--start"]), program.main(["ping", "--name", "a"])) == (0, 0)
    assert asked == [True, False]


def test_a_notification(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mail = str(tmp_path / "mail")
    assert program.main(["notify", "--name", "nightly", "--", "/usr/bin/tee", mail]) == 0
    assert Path(mail).read_text().startswith("Subject: sync job nightly on ")
    assert program.main(["notify", "--name", "nightly", "--", "/bin/false", "-x"]) == 1
    assert capsys.readouterr().err.startswith("notify: /bin/false: ended with status 1")


def test_the_recorder_without_a_job_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["record", "--job", str(tmp_path / "missing")]) == 2
    assert capsys.readouterr().err.startswith("job file: ")


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("words", "stderr", "lines"),
    [((), io.StringIO(), False), (("--progress",), io.StringIO(), True), ((), _Terminal(), True)],
)
def test_progress(
    words: tuple[str, ...], stderr: io.StringIO, lines: bool, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(program, "run_job", lambda run: asked.append(run) or {"failed": False, "msg": ""})
    monkeypatch.setattr(sys, "stderr", stderr)
    assert program.main(["--job", str(file), *words]) == 0
    assert (asked[0].lines is not None) == lines


class Terminal:
    """A job on a terminal. result: of its run"""

    def __init__(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.file, self.result = file, {"changed": True, "msg": "pushed 1 file", "diff": {"prepared": "+ a\n+ b\n"}}
        self._monkeypatch = monkeypatch
        monkeypatch.setattr(job_run.secure_sync, "counted", self._counted)

    def _counted(self, task: Task, _progress: Any) -> dict[str, Any]:
        return {
            **secure_sync.blank(),
            **{name: self.result[name] for name in self.result if name != "diff" or task.diff},
        }

    def shows(self, *words: str, stdout: io.StringIO | None = None) -> tuple[int, str, str]:
        """Return the exit status and both outputs."""
        streams = {"stdout": stdout or _Terminal(), "stderr": _Terminal()}
        for name, stream in streams.items():
            self._monkeypatch.setattr(sys, name, stream)
        status = program.main([str(self.file) if word == "FILE" else word for word in words])
        return status, streams["stdout"].getvalue(), streams["stderr"].getvalue()


@pytest.fixture
def terminal(file: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    return Terminal(file, monkeypatch)


def test_people_see_the_outcome_and_changes_if_they_ask(terminal: Terminal) -> None:
    assert terminal.shows("job", "FILE") == (0, "nightly: pushed 1 file\n", "")
    assert terminal.shows("job", "FILE", "--diff") == (0, "+ a\n+ b\nnightly: pushed 1 file\n", "")
    tree = ["/srv/a", "sftp://files.example.com/b"]
    assert terminal.shows("push", *tree) == (0, "push: pushed 1 file\n", "")
    assert terminal.shows("check", *tree) == (0, "+ a\n+ b\ncheck: pushed 1 file\n", "")


def test_programs_see_json_and_people_beside_them_the_outcome(terminal: Terminal) -> None:
    status, out, err = terminal.shows("job", "FILE", stdout=io.StringIO())
    assert (status, json.loads(out)["msg"], err) == (0, "pushed 1 file", "nightly: pushed 1 file\n")
    _status, out, err = terminal.shows("job", "FILE", "--json")
    assert (json.loads(out)["changed"], err) == (True, "")


def test_people_see_a_failure_and_the_changes_that_were_refused(terminal: Terminal) -> None:
    error = {"code": "too_many_deletions", "path": None, "message": "2 deletions", "cure": "Raise max_delete."}
    terminal.result.update(failed=True, msg="2 deletions. Raise max_delete.", error=error)
    status, out, err = terminal.shows("job", "FILE", "--diff")
    assert (status, out) == (6, "+ a\n+ b\n")
    assert err == "nightly: too_many_deletions: 2 deletions. Raise max_delete.\n"


def test_a_secret_of_a_push_is_never_shown(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("canary-7731\n")
    (tmp_path / "password").chmod(0o600)
    terminal.result["msg"] = "refused: canary-7731"
    words = ("push", "/srv/a", "sftp://files.example.com/b", "--password_file", str(tmp_path / "password"))
    assert terminal.shows(*words) == (0, "push: refused: ********\n", "")


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--job"],
        ["--jo", "x"],
        ["--job", "x", "--force"],
        ["record"],
        ["check-records"],
        ["run"],
        ["notify"],
        ["ping", "x"],
    ],
)
def test_a_bad_command_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        program.main(words)
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("usage: sync.pyz")


@pytest.mark.parametrize("words", [[], ["psuh"]])
def test_the_first_word_is_a_command(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        program.main(words)
    shown = capsys.readouterr().err
    assert re.findall(r"sync\.pyz (\w+) [A-Zs]", shown) == ["push", "pull", "check", "job", "completion"]
    assert shown.endswith("sync.pyz: error: the first word must be one of push, pull, check, job, completion\n")


def test_the_page_has_each_option() -> None:
    table = PAGE.partition("## The command line\n")[2].partition("\n## ")[0]
    offered = {words for action in program._runner()._actions for words in action.option_strings}
    assert set(re.findall(r"^\| `(--[a-z]+)", table, re.MULTILINE)) == offered - {"-h", "--help", "--version"}
    for subcommand in (program.RECORD, program.CHECK_RECORDS):
        assert f"`sync.pyz {subcommand} --job FILE`" in PAGE
