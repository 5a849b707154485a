# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The second try: a defect fails twice, a failure by chance is named, and the rest of a broken run fails at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.running.second_try import MOST_GROUPS, may_run_again

# Two runs of pytest in a test, on a machine that is busy.
pytestmark = [pytest.mark.timeout(180), pytest.mark.one_in(3, 0)]
ROOT = Path(__file__).parents[3]
PASSES = "def test_it():\n    pass\n"
FAILS = "def test_it():\n    assert False\n"
BY_CHANCE = """
from pathlib import Path

SEEN = Path(__file__).with_name("seen")

def test_before():
    pass

def test_it():
    first = not SEEN.exists()
    SEEN.touch()
    assert not first
"""
TAKES_LONG = """
import time
from pathlib import Path

def test_it():
    try:
        Path("begun").touch()
        time.sleep(170)
    finally:
        Path("cleaned").touch()
"""
LEAVES_A_PROCESS = """
import subprocess

def test_it(tmp_path_factory):
    with open("pid", "w") as file:
        file.write(str(subprocess.Popen(["sleep", "100"]).pid))
"""


def begin(directory: Path, files: dict[str, str], *options: str) -> subprocess.Popen[str]:
    """Start scripts/suites on files of tests."""
    for name, text in files.items():
        path = directory / "tests" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (directory / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    fixed = ["-p", "xdist", f"--override-ini=pythonpath={ROOT / 'tests'}"]
    return subprocess.Popen(
        [sys.executable, ROOT / "scripts" / "suites", *fixed, *options, "tests"],
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        cwd=directory,
        stdout=subprocess.PIPE,
        text=True,
    )


def run(directory: Path, files: dict[str, str], *options: str) -> tuple[int, str]:
    """Return the exit status and the output of scripts/suites."""
    with begin(directory, files, *options) as process:
        printed, _none = process.communicate(timeout=120)
    return process.returncode, printed


def test_a_failure_by_chance_is_named_and_its_whole_group_runs_again(tmp_path: Path) -> None:
    status, printed = run(tmp_path, {"hosts/test_a.py": BY_CHANCE, "hosts/test_b.py": PASSES}, "-n", "2")
    assert status == 0, printed
    first, _line, second = printed.partition("Second try of the groups that failed: tests/hosts/test_a.py\n")
    assert "1 failed, 2 passed" in first
    assert "2 passed" in second
    assert printed.splitlines()[-1] == "Second try: passed; find the cause of the first failure"


def test_the_second_try_has_no_limit_of_time(tmp_path: Path) -> None:
    seconds = BY_CHANCE.replace("first = not", "import time; time.sleep(4); first = not")
    status, printed = run(tmp_path, {"hosts/test_a.py": seconds}, f"--until={time.time() + 4}")
    assert status == 0, printed
    assert "1 failed, 1 passed" in printed
    assert "\n2 passed" in printed or " 2 passed" in printed


def test_a_defect_fails_twice(tmp_path: Path) -> None:
    status, printed = run(tmp_path, {"hosts/test_a.py": FAILS, "hosts/test_b.py": PASSES})
    assert status == 1, printed
    assert printed.count("1 failed") == 2
    assert printed.splitlines()[-1] == "Second try: failed"


@pytest.mark.parametrize(
    ("files", "options"),
    [
        ({"faults/test_a.py": BY_CHANCE}, ()),
        ({"hosts/test_a.py": BY_CHANCE}, ("--long",)),
        ({f"hosts/test_{number}.py": FAILS for number in range(MOST_GROUPS + 1)}, ()),
    ],
    ids=["a fault", "the long run", "too many"],
)
def test_everything_else_fails_at_once(tmp_path: Path, files: dict[str, str], options: tuple[str, ...]) -> None:
    status, printed = run(tmp_path, files, *options)
    assert status != 0, printed
    assert "Second try" not in printed


def test_a_process_that_stays_fails_at_once(tmp_path: Path) -> None:
    try:
        status, printed = run(tmp_path, {"hosts/test_a.py": LEAVES_A_PROCESS})
    finally:
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
    assert status != 0, printed
    assert "still running" in printed
    assert "Second try" not in printed


def test_a_run_without_failures_has_no_second_try(tmp_path: Path) -> None:
    status, printed = run(tmp_path, {"hosts/test_a.py": PASSES})
    assert status == 0, printed
    assert "Second try" not in printed
    assert not may_run_again([])


def test_sigterm_ends_the_tests_in_order(tmp_path: Path) -> None:
    with begin(tmp_path, {"faults/test_a.py": TAKES_LONG}, "-n", "0") as process:
        while not (tmp_path / "begun").exists():
            assert process.poll() is None
            time.sleep(0.05)
        process.terminate()
        printed, _none = process.communicate(timeout=120)
    assert process.returncode
    assert (tmp_path / "cleaned").exists(), printed
    assert "Second try" not in printed
