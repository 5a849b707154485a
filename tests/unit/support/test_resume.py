# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An interrupted run goes on: groups that passed are left out, all others run again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.running import resume

# Two runs of pytest in a test, on a machine that is busy.
pytestmark = [pytest.mark.timeout(180), pytest.mark.one_in(3, 1)]
ROOT = Path(__file__).parents[3]
GROUP = """
from pathlib import Path

def test_first():
    pass

def test_second():
    assert not Path("broken").exists()
"""
SINGLE = "def test_it():\n    pass\n"
TEARDOWN = """
import pytest

@pytest.fixture
def thing():
    yield
    assert False

def test_it(thing):
    pass
"""


@pytest.fixture
def tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of tests in a repository of its own, to which `resume` looks as its commit."""
    (tmp_path / "tests" / "hosts").mkdir(parents=True)
    (tmp_path / "tests" / "hosts" / "test_group.py").write_text(GROUP)
    (tmp_path / "tests" / "test_single.py").write_text(SINGLE)
    text = (ROOT / "tests" / "conftest.py").read_text()
    (tmp_path / "conftest.py").write_text(
        f"{text}\nresume._ROOT = Path(__file__).parent\n",
    )
    (tmp_path / ".gitignore").write_text("passed\nbroken\n__pycache__\n.pytest_cache\n")
    monkeypatch.chdir(tmp_path)
    git("init", "--quiet")
    commit()
    return tmp_path


def git(*words: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *identity, *words], check=True)


def commit() -> None:
    git("add", "--all")
    git("commit", "--quiet", "--allow-empty", "--message", "a")


def run(*options: str) -> str:
    """Return the last line of pytest, and the lines about tests that were left out."""
    fixed = ["-p", "xdist", f"--override-ini=pythonpath={ROOT / 'tests'}", "--pool", "--resume", "passed"]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *fixed, *options, "tests"],
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [" ".join(line.split()) for line in ran.stdout.splitlines()]
    return "\n".join([*(line for line in lines if "earlier run" in line), lines[-1]])


def test_only_the_groups_that_did_not_pass_run_again(tests: Path) -> None:
    (tests / "broken").touch()
    assert "1 failed, 2 passed" in run("-n", "2")
    (tests / "broken").unlink()
    again = run("-n", "2")
    assert "1 that passed in an earlier run of this commit" in again
    assert "2 passed" in again
    assert "1 passed" in run(), "a single group, as all have passed"


def test_a_test_whose_teardown_fails_has_not_passed(tests: Path) -> None:
    (tests / "tests" / "test_teardown.py").write_text(TEARDOWN)
    commit()
    assert "4 passed, 1 error" in run()
    assert "test_teardown" not in (tests / "passed").read_text()


def test_another_commit_begins_from_the_start(tests: Path) -> None:
    assert "3 passed" in run()
    (tests / "tests" / "test_single.py").write_text(SINGLE + "\n")
    assert "3 passed" in run(), "a changed file"
    commit()
    assert "3 passed" in run()


def test_the_durations_that_a_run_writes_are_no_change(tests: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resume, "_ROOT", tests)
    before = resume._tree()
    (tests / "tests" / "durations.json").write_text("{}")
    assert resume._tree() == before != ""
