# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs: sync.pyz in turns with ansible-playbook on a tree with nothing to do, and a job in its real unit."""

from __future__ import annotations

__all__ = ["report"]

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ...plugins.module_utils._engine.jobs.unit_text import service_text
from ..support.scenes.job_scene import built_program
from .contender import Command, Job
from .job_host import RECORDS, JobHost, job_unit
from .measure import prepare_idle
from .ours import module_peer, play_command
from .place import Place
from .process_cost import used_by_children
from .table import markdown
from .timed import timed
from .workloads import IDLE, PUSH, Workload, make_tree

_KIB = 1 << 10
_FILES = 10_000
_WORK = Workload("jobs", "nothing to do, 10,000 files", _FILES, 4 * _KIB, IDLE)
_TARGET = 0.5
_INTERPRETER = [sys.executable, "-I"]
_AHEAD = 5
"""Seconds from the start of a timer to its moment."""
_PEAK = """
import runpy, sys
sys.argv = sys.argv[1:]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
finally:
    with open("/proc/self/status") as file:
        print(next(line.split()[1] for line in file if line.startswith("VmHWM")), file=sys.stderr)
"""
Say = Callable[[str], None]


@dataclass
class _Series:
    """Wall and processor seconds of the runs of a command."""

    name: str
    command: Command
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


def report(rounds: int, say: Say) -> str:
    """Measure everything, and return the tables."""
    with Place() as place:
        compared, peak = _compared(place, rounds, say)
    exposure, delays = _in_its_unit(rounds, say)
    facts = [
        ("peak memory of the program", f"{peak / _KIB:.0f} MiB"),
        ("exposure of the unit (systemd-analyze security)", exposure),
        ("from the scheduled time to the record, median", f"{statistics.median(delays):.1f} s"),
    ]
    return f"{_WORK.title}, {rounds} rounds in turns, medians:\n\n{compared}\n{markdown(('job', ''), facts)}"


def _compared(place: Place, rounds: int, say: Say) -> tuple[str, int]:
    prepare_idle(place, _WORK)
    job, *_trees = place.idle(_WORK, PUSH)
    pyz = _job_command(job)
    series = [_Series("sync.pyz --record", pyz), _Series("ansible-playbook", play_command(job))]
    for number in range(-1, rounds):
        for each in series[:: 1 if number % 2 else -1]:
            wall, cpu = _run(each.command, job.directory)
            if number >= 0:  # the first run may set attributes
                each.wall.append(wall)
                each.cpu.append(cpu)
                say(f"  {each.name} {number + 1}: {wall:.2f} s")
    return _table(*series), _peak(pyz, job.directory)


def _table(ours: _Series, play: _Series) -> str:
    rows = []
    for what, mine, theirs in (("wall", ours.wall, play.wall), ("processor", ours.cpu, play.cpu)):
        left, right = statistics.median(mine), statistics.median(theirs)
        rows.append([f"{what} seconds", f"{left:.2f}", f"{right:.2f}", f"{left / right:.2f}", f"{_TARGET:.2f}"])
    return markdown(("", ours.name, play.name, "ratio", "target (at most)"), rows)


def _run(command: Command, directory: Path) -> tuple[float, float]:
    before = used_by_children()
    seconds, _output = timed(command, directory)
    return seconds, used_by_children() - before


def _job_command(job: Job) -> Command:
    """The whole job as a scheduler runs it: with the options of the playbook, and its record."""
    program, file = job.directory / "sync.pyz", job.directory / "job.json"
    program.write_bytes(built_program())
    options = {**module_peer(job), "src": str(job.near), "dest": job.far, "state_dir": str(job.directory / "state")}
    records = str(job.directory / "records")
    file.write_text(json.dumps({"schema": 1, "job": "nightly", "options": options, "records": records}))
    file.chmod(0o640)
    return Command([*_INTERPRETER, str(program), "--job", str(file), "--record"])


def _peak(command: Command, directory: Path) -> int:
    """Return the peak memory of the program in KiB."""
    words = [*_INTERPRETER, "-c", _PEAK, *command.argv[len(_INTERPRETER) :]]
    environment = {"PATH": os.environ["PATH"], "HOME": str(directory)}
    ran = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
    return int(ran.stderr.split()[-1])


def _in_its_unit(rounds: int, say: Say) -> tuple[str, list[float]]:
    """Return the exposure of the unit, and the seconds from the time in the timer to the record, for each round."""
    with JobHost("debian13") as host:
        _fill(host)
        name = "nightly"
        host.deploy(job_unit(name), {"src": "/srv/out", "dest": "inbox"})
        host.enter("systemctl", "start", f"secure-sync-{name}", timeout=300)
        delays = []
        for number in range(rounds):
            delays.append(_delay(host, name))
            say(f"  unit {number + 1}: {delays[-1]:.2f} s from the scheduled time to the record")
        return _exposure(name), delays


def _fill(host: JobHost) -> None:
    with tempfile.TemporaryDirectory() as place:
        make_tree(Path(place, "tree"), _FILES, _WORK.size)
        packed = subprocess.run(["tar", "-C", f"{place}/tree", "-c", "."], capture_output=True, check=True).stdout
    host.enter("tar", "-C", "/srv/out", "-x", input=packed, text=False)


def _delay(host: JobHost, name: str) -> float:
    moment = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=_AHEAD)
    schedule = f"OnCalendar={moment:%Y-%m-%d %H:%M:%S} UTC\\n"
    before = _written(host, name)
    drop_in = f"/run/systemd/system/secure-sync-{name}.timer.d"
    text = f"[Timer]\\nOnCalendar=\\n{schedule}"
    host.enter("sh", "-c", f"mkdir -p {drop_in}; printf '{text}' >{drop_in}/moment.conf; systemctl daemon-reload")
    host.enter("systemctl", "restart", f"secure-sync-{name}.timer")
    while _written(host, name) == before:
        time.sleep(0.2)
    assert host.last(name)["totals"]["store"] == 0
    return _written(host, name) - moment.timestamp()


def _written(host: JobHost, name: str) -> float:
    return float(host.enter("stat", "-c", "%.Y", f"{RECORDS % name}/last.json").stdout)


def _exposure(name: str) -> str:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place, f"secure-sync-{name}.service")
        path.write_text(service_text(job_unit(name)))
        words = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(path)]
        ran = subprocess.run(words, capture_output=True, text=True, check=False)
    return ran.stdout.strip().splitlines()[-1].split(":")[1].split()[0]
