# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The time of a run: the tests that begin, and the names of the tests that did not, with one process and with two."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[2] / "conftest.py"
pytestmark = pytest.mark.timeout(180)  # a run of pytest in a test, on a machine that is busy
TESTS = {
    "test_a.py": "def test_alone():\n    pass\n",
    "test_b.py": "def test_one():\n    pass\n\ndef test_two():\n    pass\n",
}


@pytest.fixture(params=[(), ("-n", "2", "--pool")], ids=["one", "two"])
def processes(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """Return the options for the number of processes that share the tests."""
    return request.param


def run(directory: Path, *options: str) -> tuple[int, str]:
    """Return the exit status of a run, and all that it printed."""
    (directory / "conftest.py").write_text(CONFTEST.read_text())
    for name, text in TESTS.items():
        (directory / name).write_text(text)
    support = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-p", "xdist", f"--override-ini=pythonpath={support}", *options, "."],
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout


def test_with_time_enough_all_begin(tmp_path: Path, processes: tuple[str, ...]) -> None:
    status, printed = run(tmp_path, f"--until={time.time() + 600}", *processes)
    assert "3 passed" in printed
    assert "out of time" not in printed
    assert status == 0


def test_a_run_whose_time_ends_in_the_middle_fails(tmp_path: Path) -> None:
    slow = "import time\n\ndef test_slow():\n    while time.time() < float({until!r}):\n        time.sleep(0.1)\n"
    until = time.time() + 15
    (tmp_path / "test_0.py").write_text(slow.format(until=str(until)))
    status, printed = run(tmp_path, f"--until={until}")
    assert "1 passed" in printed
    assert "3 of 4 tests did not begin in time:\ntest_a.py, test_b.py\n" in printed
    assert status == 1


def test_a_run_whose_time_is_over_names_its_tests_and_fails(tmp_path: Path, processes: tuple[str, ...]) -> None:
    status, printed = run(tmp_path, "--until=0", *processes)
    assert "passed" not in printed
    assert "3 of 3 tests did not begin in time:\ntest_a.py, test_b.py\n" in printed
    assert status != 0
