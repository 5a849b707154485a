# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The time of a suite: what begins, in which order, and that what did not is named, with one process and with two."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

CONFTEST = """
from support.time_budget import *
from support.time_budget import report_left_out

def pytest_terminal_summary(terminalreporter):
    report_left_out(terminalreporter)
"""
TESTS = {
    "test_a.py": "Play = object\ndef test_with_a_play():\n    pass\n",
    "test_b.py": "def test_one():\n    pass\n\ndef test_two():\n    pass\n",
}


@pytest.fixture(params=[(), ("-n", "2", "--dist=loadfile")], ids=["one", "two"])
def processes(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """Give the options that say how many processes share the tests."""
    return request.param


def run(directory: Path, *options: str) -> tuple[list[str], str]:
    """Give the names of the tests that began, in their order, and all that was printed."""
    (directory / "conftest.py").write_text(CONFTEST)
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
    return re.findall(r"^(?:\[gw\d\] \[.*?\] PASSED )?(\S+::\w+)(?: PASSED.*)?$", done.stdout, re.M), done.stdout


def test_without_a_time_all_begin_in_the_order_of_the_files(tmp_path: Path) -> None:
    begun, told = run(tmp_path)
    assert begun == ["test_a.py::test_with_a_play", "test_b.py::test_one", "test_b.py::test_two"]
    assert "out of time" not in told


def test_with_time_enough_plays_come_last(tmp_path: Path) -> None:
    begun, told = run(tmp_path, f"--until={time.time() + 600}")
    assert begun == ["test_b.py::test_one", "test_b.py::test_two", "test_a.py::test_with_a_play"]
    assert "out of time" not in told


def test_with_time_enough_all_begin(tmp_path: Path, processes: tuple[str, ...]) -> None:
    _begun, told = run(tmp_path, f"--until={time.time() + 600}", *processes)
    assert "3 passed" in told
    assert "out of time" not in told


def test_what_did_not_begin_in_time_is_named(tmp_path: Path, processes: tuple[str, ...]) -> None:
    _begun, told = run(tmp_path, "--until=0", *processes)
    assert "passed" not in told
    assert "3 of 3 tests did not begin in time:\ntest_a.py, test_b.py\n" in told
