# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines about the progress of secure_sync, as users meet them: ansible-playbook, a real sshd, a slow transfer."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import resource
import signal
import statistics
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from support.judges.canaries import Canaries
from support.running.ansible_cores import CORES
from support.running.awx_job import RUNNER, AwxJob, container_environment
from support.running.patience import HANG_SECONDS
from support.running.play import Play
from support.running.processes import lingering, mark
from support.running.receptor_mesh import ReceptorMesh
from support.servers.ssh_keys import key
from support.servers.sshd import Sshd

MIB = 1 << 20
SENT = 5 * MIB
"""At 1 MiB a second, five times as long as the time between two states of the run."""
LINE = re.compile(
    r"^(?P<name>.+): (?P<files>\d+) of (?P<total>\d+) files?, (?P<done>[\d.]+) of (?P<all>[\d.]+) MiB"
    r"(, (?P<rate>[\d.]+) (?P<unit>[KM])iB/s(, about [\d:]+ left)?)?$"
)
ANY_LINE = re.compile(r"^\S+( -> \S+)?: (logging in|comparing|hashing|removing|\d[\d,]* of )", re.M)
BUSY = 0.5
"""Part of the allowed rate that even a busy machine reaches."""
TIMES, SHORT = 30, 3
FIRST_LINE = 5.0
PASSPHRASE = "canary-of-the-progress-file"

Task = Callable[..., dict[str, Any]]


class Shown(NamedTuple):
    """A line, and the seconds since the start of the play."""

    at: float
    text: str


@pytest.fixture(scope="module")
def server() -> Iterator[Sshd]:
    with Sshd(authorized=(key("progress", passphrase=PASSPHRASE),)) as running:
        yield running


@pytest.fixture
def near(tmp_path: Path) -> Path:
    """Return a tree whose transfer at 1 MiB a second takes 5 s."""
    root = tmp_path / "near"
    root.mkdir()
    (root / "secret-name").write_bytes(os.urandom(SENT))
    return root


@pytest.fixture
def task(server: Sshd, near: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Task:
    """Return a function that makes a task of 5 s with a line every half second."""
    far = server.root / re.sub(r"\W", "-", request.node.name)
    far.mkdir()
    server.give(far)

    def make(**options: Any) -> dict[str, Any]:
        endpoint = {
            "host": server.host,
            "port": server.port,
            "username": server.user,
            "private_key_file": str(server.key.path),
            "passphrase": PASSPHRASE,
            "known_hosts_file": str(server.known_hosts),
            "ssh_config_file": "none",
            "ssh_agent": False,
            "state_dir": str(tmp_path / "state"),
            "src": str(near),
            "dest": f"{server.remote_root}/{far.name}/tree",
            "proof": "none",
            "bandwidth_limit": "1M",
            "progress": 0.5,
        }
        return {"secure_sync": {**endpoint, **options}}

    return make


@pytest.fixture
def play(tmp_path: Path) -> Play:
    return Play(tmp_path / "play")


def lines(output: str) -> list[str]:
    return [text for text in output.splitlines() if ANY_LINE.match(text)]


def stages(server: Sshd) -> list[Path]:
    return list(server.root.rglob(".secure_sync-*.tmp"))


def begun(server: Sshd) -> bool:
    """Return whether a file arrives; a temporary file may be renamed meanwhile."""
    with suppress(FileNotFoundError):
        return any(path.stat().st_size for path in stages(server))
    return False


def shown(play: Play, *tasks: dict[str, Any]) -> tuple[list[Shown], float, list[dict[str, Any]]]:
    """Run a play through a pipe; return its lines as they came, the seconds it took, and the results."""
    started, found = time.monotonic(), []
    with play.running(tasks) as process:
        for text in process.stdout:
            found.append(Shown(time.monotonic() - started, text.rstrip("\n")))
        results = play.wait(process).results
    return found, time.monotonic() - started, results


@pytest.mark.parametrize("series", CORES)
def test_lines_come_through_a_pipe_while_the_task_runs(series: str, task: Task, tmp_path: Path) -> None:
    found, took, (result,) = shown(Play(tmp_path / "play", core=series), task())
    moving = [each for each in found if LINE.match(each.text)]
    assert result["failed"] is False, result["msg"]
    assert len(moving) >= 3
    assert moving[0].at < took - 1.5
    assert LINE.match(moving[0].text)["rate"] is None
    rates = [float(LINE.match(each.text)["rate"]) for each in moving[1:]]
    units = [LINE.match(each.text)["unit"] for each in moving[1:]]
    per_second = [rate if unit == "M" else rate / 1024 for rate, unit in zip(rates, units, strict=True)]
    assert BUSY < sum(per_second) / len(per_second) < 1.2
    done = [float(LINE.match(each.text)["done"]) for each in moving]
    assert done == sorted(done)
    assert SENT / MIB - 1 < result["elapsed"] < took
    assert BUSY * MIB < result["rates"]["bytes_per_second"] < 1.2 * MIB
    assert result["planned"] == {"files": 1, "bytes": SENT}


def test_whole_lines_in_a_terminal_of_20_columns(task: Task, play: Play) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 20, 0, 0))
    command, place = play.prepare([task()])
    process = subprocess.Popen(command, **place, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    output = b"".join(_until_closed(ours))
    os.close(ours)
    assert process.wait(30) == 0
    assert [text for text in lines(output.decode().replace("\r\n", "\n")) if LINE.match(text)]
    assert b"\r" not in output.replace(b"\r\n", b"\n")


def test_standard_output_has_no_lines(task: Task, play: Play) -> None:
    command, place = play.prepare([task()])
    options = {**place, "stdin": subprocess.DEVNULL, "capture_output": True, "text": True, "timeout": 60}
    done = subprocess.run(command, check=True, **options)
    assert lines(done.stderr)
    assert lines(done.stdout) == []


@pytest.mark.parametrize(
    ("keywords", "options"),
    [({"no_log": True}, {}), ({"async": 60, "poll": 1}, {}), ({}, {"progress": 0})],
    ids=["no_log", "async", "zero"],
)
def test_no_lines(task: Task, play: Play, keywords: dict[str, Any], options: dict[str, Any]) -> None:
    played = play.run([{**task(**options), **keywords}])
    assert played.status == 0, played.output
    assert lines(played.output) == []


def test_no_lines_in_a_short_run_and_a_plan_in_check_mode(task: Task, play: Play) -> None:
    started = time.monotonic()
    played = play.run([task(progress=30)], "--check")
    assert lines(played.output) == [] or time.monotonic() - started > FIRST_LINE
    assert played.results[0]["planned"] == {"files": 1, "bytes": SENT}
    assert played.results[0]["rates"]["bytes_per_second"] == 0


def test_hosts_of_a_free_strategy_and_items_of_a_loop_are_named(task: Task, play: Play) -> None:
    inventory = play.directory.parent / "hosts"
    inventory.write_text("partner[01:03] ansible_connection=local\n")
    play.keywords.update(hosts="all", strategy="free")
    dest = task()["secure_sync"]["dest"]
    played = play.run([task(dest=dest + "-{{ inventory_hostname }}")], "-i", str(inventory), "-f", "3")
    names = {text.partition(":")[0] for text in lines(played.output)}
    assert names == {"partner01", "partner02", "partner03"}
    play.keywords.update(hosts="localhost", strategy="linear")
    played = play.run([{**task(dest=dest + "-{{ item }}"), "loop": ["a"]}])
    assert {text.partition(": ")[0] for text in lines(played.output)} == {
        f"localhost -> {task()['secure_sync']['host']}"
    }


def test_nothing_secret_is_on_disk_or_in_a_line(task: Task, play: Play) -> None:
    play.keywords["vars"] = {"ansible_python_interpreter": sys.executable, "ansible_pipelining": True}
    canaries = Canaries({"passphrase": [PASSPHRASE], "name": ["secret-name"]})
    states = []
    with play.running([task()]) as process:
        while process.poll() is None:
            for path in (play.directory / "home").rglob("progress-*"):
                states += [canaries.in_bytes(file.read_bytes()) for file in _files(path)]
            time.sleep(0.05)
        played = play.wait(process)
    assert states, "no progress file was seen"
    assert set().union(*states) == set()
    assert [text for text in lines(played.output) if canaries.in_text(text)] == []
    assert list((play.directory / "home").rglob("progress-*")) == []


def _until_closed(terminal: int) -> Iterator[bytes]:
    try:
        while True:
            yield os.read(terminal, 65536)
    except OSError:  # EIO: the last process has closed its side
        return


def _files(directory: Path) -> list[Path]:
    try:
        return [path for path in directory.iterdir() if path.name == "state"]
    except OSError:
        return []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_ends_the_playbook_at_once(
    number: signal.Signals, task: Task, play: Play, server: Sshd, long_run: bool
) -> None:
    """The transfer takes longer than a hang. The long run repeats it, also without lines."""
    slow = {"bandwidth_limit": f"{SENT // int(2 * HANG_SECONDS)}"}
    with_lines, without = task(progress=0.2, **slow), task(progress=0, **slow)
    took = [interrupted(play, number, server, with_lines) for _time in range(TIMES if long_run else SHORT)]
    usual = [interrupted(play, number, server, without) for _time in range(SHORT if long_run else 0)]
    print(
        f"{number.name}: {len(took)} plays ended in {min(took):.2f} to {max(took):.2f} s, "
        f"without lines in {max(usual, default=0.0):.2f} s"
    )
    assert max(took) < HANG_SECONDS


def interrupted(play: Play, number: signal.Signals, server: Sshd, task: dict[str, Any]) -> float:
    """Interrupt a play while a file is sent, and after a line if there are any; return how long its end took."""
    marked = mark()
    play.environment.update(marked)
    with play.running([task]) as process:
        if task["secure_sync"]["progress"]:
            next(text for text in process.stdout if LINE.match(text.rstrip("\n")))
        while not begun(server):
            time.sleep(0.02)
        started = time.monotonic()
        os.killpg(process.pid, number)
        process.wait(2 * HANG_SECONDS)
        took = time.monotonic() - started
        assert lingering(marked) == {}
    assert stages(server) == []
    if number == signal.SIGINT:  # after SIGTERM, ansible-playbook may leave its whole directory ansible-local-*
        assert list((play.directory / "home").rglob("progress-*")) == []
    return took


def test_lines_cost_no_time_that_can_be_measured(task: Task, play: Play, long_run: bool) -> None:
    """Tasks with nothing to do, with and without lines in turn; CPU seconds of each play by the kernel's count. The
    short run finds only a large cost, such as the second and more of a job in the background."""
    rounds, tasks, most = (5, 8, 0.1) if long_run else (1, 3, 0.3)
    play.run([task(bandwidth_limit=None)])
    costs: dict[float, list[float]] = {0: [], 30: []}
    for _round in range(rounds):
        for seconds, measured in costs.items():
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            play.run([task(bandwidth_limit=None, progress=seconds)] * tasks)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            measured.append((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / tasks)
    without, with_lines = (statistics.median(measured) for measured in costs.values())
    print(f"CPU s a task: {without:.3f} without lines, {with_lines:.3f} with lines")
    assert with_lines - without < most


def job(task: Task, directory: Path, **options: Any) -> AwxJob:
    """Return a job of AWX with one task, which sends for 5 s."""
    steps = [
        {
            "name": "Send",
            "secure.ftp_synchronize.secure_sync": task()["secure_sync"],
            "vars": {"ansible_pipelining": True},
        }
    ]
    playbook = yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": steps}])
    return AwxJob(directory, playbook, {}, **options)


def test_an_awx_job_shows_lines_before_the_result(task: Task, tmp_path: Path) -> None:
    outcome = job(task, tmp_path / "job").run()
    assert outcome.status == "successful", outcome.output
    events = [json.loads(path.read_text()) for path in (outcome.kept / "artifacts/job_events").iterdir()]
    moments = {event["counter"]: event for event in events}
    line = min(counter for counter, event in moments.items() if LINE.match(event.get("stdout", "")))
    result = min(counter for counter, event in moments.items() if event["event"] == "runner_on_ok")
    assert moments[line]["event"] == "verbose"
    assert line < result
    assert moments[line]["created"] < moments[result]["created"]


def test_lines_come_through_receptor_while_the_job_runs(task: Task, tmp_path: Path) -> None:
    """As from the execution node of a mesh: events arrive live, and not all at the end."""
    home = tmp_path / "home"
    home.mkdir()
    arrived: dict[str, list[float]] = {}
    with (
        ReceptorMesh(tmp_path / "mesh", RUNNER, container_environment(home)) as mesh,
        job(task, tmp_path / "job", mesh=mesh).running() as (packed, worker),
    ):
        worker.stdin.write(packed)
        worker.stdin.close()
        for text in worker.stdout:
            event = _event(text)
            kind = "line" if LINE.match(event.get("stdout", "")) else event.get("event", event.get("status"))
            arrived.setdefault(kind, []).append(time.monotonic())
    assert len(arrived["line"]) >= 3, arrived
    assert arrived["line"][0] < arrived["runner_on_ok"][0] - 1.5
    assert "successful" in arrived


def _event(text: bytes) -> dict[str, Any]:
    """Return one event of the stream; the archive at its end is no event."""
    try:
        return json.loads(text)
    except ValueError:
        return {}


def test_bytes_and_rate_agree_with_rclone(task: Task, play: Play, server: Sshd, near: Path) -> None:
    """rclone, an independent program, sends the same tree to the same server at the same limit."""
    (near / "more").write_bytes(os.urandom(SENT))
    (ours,) = play.run([task()]).results
    remote = f":sftp,host={server.host},port={server.port},user={server.user},known_hosts_file={server.known_hosts}"
    login = f",key_file={server.key.path},key_file_pass={_obscured(PASSPHRASE)},shell_type=none"
    there = f"{remote}{login}:{task()['secure_sync']['dest']}-rclone"
    limits = ["--bwlimit", "1M", "--stats", "1s", "--use-json-log", "-v", "--ignore-checksum"]
    command = ["rclone", "--config", "/dev/null", "copy", str(near), there, *limits]
    started = time.monotonic()
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=4 * HANG_SECONDS)
    took = time.monotonic() - started
    theirs = [json.loads(text)["stats"] for text in done.stderr.splitlines() if '"stats"' in text][-1]
    print(f"rclone: {theirs['bytes']} bytes, {theirs['speed']:.0f} a second, {took:.1f} s; ours: {ours['rates']}")
    assert theirs["bytes"] == ours["planned"]["bytes"] == ours["stats"]["bytes_sent"] == 2 * SENT
    assert BUSY * MIB < ours["rates"]["bytes_per_second"] < 1.05 * MIB
    assert BUSY * MIB < theirs["speed"] < 1.2 * MIB, "rclone may send more at first"


def _obscured(word: str) -> str:
    return subprocess.run(["rclone", "obscure", word], check=True, capture_output=True, text=True).stdout.strip()
