# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program sync.pyz as a scheduler runs it: a process without Ansible, a real sshd, records and metrics."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pty
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.utc import parse_utc
from support.judges.canaries import Sampler
from support.running.patience import HANG_SECONDS
from support.running.playbook_process import Outcome, controller, done, finished, playbook_process
from support.running.processes import mark
from support.scenes.job_scene import JobScene, built_program
from support.scenes.module_tasks import own_directory, remote, small_tree
from support.servers.served import served
from support.servers.ssh_keys import key
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd

server = served(Sshd)
ftps_server = served(Vsftpd)

DAY = 86400
UNPROVEN, NO_LOGIN, REFUSED, LOCKED, INTERRUPTED = 3, 4, 6, 7, 143


@pytest.fixture
def far(server: Sshd, request: pytest.FixtureRequest) -> Path:
    """Return a directory of this test's own at the server."""
    return own_directory(server, request.node.name)


@pytest.fixture
def near(tmp_path: Path) -> Path:
    """Return a small local tree, old enough for the record."""
    root = small_tree(tmp_path / "near")
    for path in (*root.rglob("*"), root):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    return root


@pytest.fixture
def job(server: Sshd, far: Path, near: Path, tmp_path: Path) -> JobScene:
    """Return a job that pushes the tree, with its key as a credential."""
    options: dict[str, Any] = {
        "host": server.host,
        "port": server.port,
        "username": server.user,
        "known_hosts_file": str(server.known_hosts),
        "ssh_config_file": "none",
        "ssh_agent": False,
        "state_dir": str(tmp_path / "state"),
        "src": str(near),
        "dest": remote(server, far) + "/tree",
    }
    scene = JobScene(tmp_path, options)
    scene.credential("private_key", server.key.path.read_text())
    return scene


def test_a_job_runs_again_and_again(job: JobScene, far: Path) -> None:
    preview = job.run("--check", "--record")
    assert (preview.status, preview.result["changed"], preview.result["check"]) == (0, True, True)
    assert list(far.iterdir()) == []
    assert not job.records.exists()

    first = job.run("--record")
    assert (first.status, first.result["changed"]) == (0, True), first.result["msg"]
    assert (far / "tree/a.txt").read_bytes() == b"first\n"
    assert first.stderr == ""
    second = job.run("--record")
    assert (second.status, second.result["changed"]) == (0, False)

    kept = job.history
    assert [each["result"] for each in kept] == ["ok", "ok"]
    assert kept[0]["totals"]["store"] == 2
    assert kept[1]["proofs"]["recorded"] == 2
    assert kept[1]["peer"]["host_key_fingerprint"].startswith("SHA256:")
    assert 'ftp_synchronize_job_files_total{name="nightly",action="store"} 2\n' in job.metrics_text
    assert faults(job.metrics_text) == ""


@pytest.mark.parametrize(
    ("result", "status", "state"),
    [
        ("success", "0", "ok"),
        ("exit-code", "1", "failed"),
        ("timeout", "143", "timeout"),
        ("oom-kill", "KILL", "killed"),
        ("exit-code", "243", "not_started"),
        ("success", "7", "locked"),
    ],
)
def test_each_end_of_a_unit_is_recorded(result: str, status: str, state: str, job: JobScene) -> None:
    assert job.record(result, "exited", status, run="third").status == 0
    (record,) = job.history
    assert (record["result"], record["began"]) == (state, None)
    assert f'ftp_synchronize_job_state{{name="nightly",state="{state}"}} 1\n' in job.metrics_text
    assert faults(job.metrics_text) == ""


def faults(metrics: str) -> str:
    """Return the faults that promtool finds in a text of metrics."""
    ran = subprocess.run(["promtool", "check", "metrics"], input=metrics, text=True, capture_output=True, check=False)
    return ran.stdout + ran.stderr


def test_a_job_over_ftps(ftps_server: Vsftpd, near: Path, tmp_path: Path) -> None:
    far = own_directory(ftps_server, "program")
    options = {
        "protocol": "ftps",
        "host": ftps_server.host,
        "port": ftps_server.port,
        "username": ftps_server.user,
        "ca_file": str(ftps_server.authority.file),
        "state_dir": str(tmp_path / "state"),
        "src": str(near),
        "dest": remote(ftps_server, far) + "/tree",
    }
    job = JobScene(tmp_path, options)
    job.credential("password", ftps_server.password + "\n")
    first, second = job.run("--record"), job.run("--record")
    assert (first.status, first.result["changed"]) == (0, True), first.result["msg"]
    assert (second.status, second.result["changed"]) == (0, False)
    assert (far / "tree/a.txt").read_bytes() == b"first\n"
    assert job.history[0]["peer"]["certificate_fingerprint"].startswith("SHA256:")


def test_no_secret_is_in_the_process_or_in_what_it_leaves(job: JobScene, server: Sshd) -> None:
    secret = server.key.path.read_text().splitlines()[1]
    marked = mark()
    job.environment.update(marked)
    with Sampler(marked, [secret]) as sampler:
        ran = job.run("--record", "--progress")
    assert ran.status == 0
    assert sampler.seen
    assert sampler.found == set()
    left = [path.read_text() for path in (*job.records.iterdir(), *job.metrics.iterdir())]
    assert not any(secret in text for text in (*left, ran.stderr, str(ran.result)))


@pytest.mark.parametrize("terminal", [True, False], ids=["on a terminal", "when asked"])
def test_progress_is_apart_from_the_result(terminal: bool, job: JobScene, near: Path) -> None:
    _enlarge(near, 1 << 20)
    job.write(bandwidth_limit="256K", progress=0.2)
    ours, theirs = pty.openpty() if terminal else os.pipe()
    with open(ours, "rb") as read, job.start(*([] if terminal else ["--progress"]), stderr=theirs) as process:
        os.close(theirs)
        lines = _all(read.fileno()).decode("ascii").splitlines()
        result = json.loads(process.stdout.read() if process.stdout else "")
        assert process.wait(HANG_SECONDS) == 0
    assert [each for each in lines if re.match(r"nightly: \d of 3 files, .* MiB", each)], lines[-5:]
    assert all(each.startswith("nightly: ") for each in lines), lines
    assert result["changed"]


def _all(descriptor: int) -> bytes:
    """Return everything up to the end, at which a terminal has an error."""
    found = b""
    with contextlib.suppress(OSError):
        while more := os.read(descriptor, 1 << 16):
            found += more
    return found


def test_each_kind_of_failure_has_its_status(job: JobScene, server: Sshd, tmp_path: Path) -> None:
    stranger = tmp_path / "known_hosts"
    stranger.write_text(f"[{server.host}]:{server.port} {key('stranger').public}\n")
    job.write(known_hosts_file=str(stranger))
    unproven = job.run("--record")
    job.write(known_hosts_file=str(server.known_hosts))
    job.credential("private_key", key("stranger").path.read_text())
    no_login = job.run("--record")
    job.credential("private_key", server.key.path.read_text())
    job.write(src=str(tmp_path / "missing"))
    missing = job.run("--record")
    assert [ran.status for ran in (unproven, no_login, missing)] == [UNPROVEN, NO_LOGIN, REFUSED]
    assert [each["error"]["code"] for each in job.history] == [
        "host_key_changed",
        "authentication_failed",
        "source_missing",
    ]
    assert {each["result"] for each in job.history} == {"failed"}
    assert "_last_success_timestamp_seconds{" not in job.metrics_text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_signal_ends_the_job_and_releases_its_lock(
    number: signal.Signals, job: JobScene, near: Path, far: Path
) -> None:
    _enlarge(near)
    job.write(bandwidth_limit="256K")
    job.environment.update(job.unit("first"))
    with job.start() as process:
        _wait_for_data(far)
        locked = job.run()
        os.kill(process.pid, number)
        assert process.wait(HANG_SECONDS) == INTERRUPTED
        assert '"code": "interrupted"' in str(process.stdout and process.stdout.read())
    assert locked.status == LOCKED
    assert list(far.rglob(".secure_sync*")) == []
    (near / "large").unlink()
    assert job.run().status == 0


def test_a_killed_job_is_recorded_by_its_unit(job: JobScene, near: Path, far: Path) -> None:
    _enlarge(near)
    job.write(bandwidth_limit="256K")
    job.environment.update(job.unit("second"))
    with job.start() as process:
        _wait_for_data(far)
        process.kill()
    assert job.record("signal", "killed", "KILL", run="second").status == 0
    (record,) = job.history
    assert (record["result"], record["run"], record["error"]["code"]) == ("killed", "second", "killed")
    assert record["began"] is not None
    assert 'ftp_synchronize_job_state{name="nightly",state="killed"} 1\n' in job.metrics_text


def test_a_changed_program_shows_in_the_record(job: JobScene) -> None:
    assert job.run("--record").status == 0
    changed = built_program().replace(b"Bytes of all runs.", b"Bytes of some run.")
    assert changed != built_program()
    job.program.write_bytes(changed)
    assert job.run("--record").status == 0
    assert "Bytes of some run." in job.metrics_text
    first, second = (each["program_sha256"] for each in job.history)
    assert first == hashlib.sha256(built_program()).hexdigest()
    assert second == hashlib.sha256(changed).hexdigest()


def test_a_clock_that_was_set_back_between_runs(job: JobScene, near: Path, far: Path) -> None:
    assert job.run("--record").status == 0
    (near / "new").write_text("new\n")
    real, job.environment = job.environment, {**job.environment, **_clock("-2d")}
    back, again = job.run("--record"), job.run("--record")
    assert [(ran.status, ran.result["changed"]) for ran in (back, again)] == [(0, True), (0, False)]
    job.environment = real
    last = job.run("--record")
    assert (last.status, last.result["changed"]) == (0, False)
    times = [parse_utc(each["ended"]) for each in job.history]
    assert times[1] < times[0] - DAY, "the records have the time that the clock showed"
    assert [each["result"] for each in job.history] == ["ok"] * 4
    assert job.check_records().startswith("4")
    assert faults(job.metrics_text) == ""


def test_a_clock_that_is_set_back_in_the_middle_of_a_run(job: JobScene, near: Path, far: Path, tmp_path: Path) -> None:
    setting = tmp_path / "clock"
    setting.write_text("+0")
    _enlarge(near, 1 << 20)
    job.write(bandwidth_limit="128K")
    job.environment.update(_clock(None), FAKETIME_TIMESTAMP_FILE=str(setting), FAKETIME_NO_CACHE="1")
    with job.start("--record") as process:
        _wait_for_data(far)
        process.send_signal(signal.SIGSTOP)
        setting.write_text("-2d")
        try:
            assert job.run().status == LOCKED, "by either clock, this run still works"
        finally:
            process.send_signal(signal.SIGCONT)
        assert process.wait(HANG_SECONDS) == 0
    (record,) = job.history
    assert record["result"] == "ok"
    assert parse_utc(record["ended"]) < parse_utc(record["began"]) - DAY
    assert 'ftp_synchronize_job_duration_seconds{name="nightly"} 0\n' in job.metrics_text
    assert faults(job.metrics_text) == ""
    assert (far / "tree/large").read_bytes() == (near / "large").read_bytes()


def _clock(offset: str | None) -> dict[str, str]:
    """Return the variables that change the clock of a process, as the operator of a host sets it."""
    words = ("faketime", "-f", offset or "+0", "env")
    shown = dict(line.split("=", 1) for line in subprocess.check_output(words, text=True).splitlines() if "=" in line)
    given = {name: shown[name] for name in ("LD_PRELOAD", *(["FAKETIME"] if offset else []))}
    return {**given, "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}


def _enlarge(near: Path, size: int = 64 << 20) -> None:
    with open(near / "large", "wb") as file:
        file.truncate(size)


def _wait_for_data(far: Path) -> None:
    deadline = time.monotonic() + HANG_SECONDS
    while not any(path.stat().st_size for path in far.rglob(".secure_sync-*") if path.exists()):
        assert time.monotonic() < deadline, "no data flows"
        time.sleep(0.05)


def test_the_playbook_that_builds_it(tmp_path: Path) -> None:
    """The program that another account put there may have the same bytes, for now."""
    place = tmp_path / "bin"
    place.mkdir()
    path = place / "sync.pyz"

    def built(dest: Path) -> Outcome:
        environment = controller(tmp_path / "home", ANSIBLE_NOCOLOR="1")
        words = ("secure.ftp_synchronize.build_sync_program", "-e", f"dest={dest}")
        with playbook_process(tmp_path, *words, environment=environment) as process:
            return finished(process)

    assert (
        f"dest: {tmp_path}/missing/sync.pyz: No such file or directory. Set dest"
        in built(tmp_path / "missing/sync.pyz").output
    )
    assert done(built(path)).total("changed") == 1
    assert done(built(path)).total("changed") == 0
    path.rename(tmp_path / "of another")
    path.symlink_to("../of another")
    os.chown(place / "sync.pyz.1", 65534, -1)
    assert done(built(path)).total("changed") == 1
    assert (path.is_symlink(), path.stat().st_nlink) == (False, 1)
    assert {each.lstat().st_uid for each in place.iterdir()} == {os.getuid()}
