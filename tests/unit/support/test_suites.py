# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""scripts/suites in small repositories: each landing, shard and check is a real run of pytest with its processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from support.check import ledger
from support.check.ledger import LONG, SHORT, Ledger, Passed

# Several runs of pytest in a test, on a machine that is busy.
pytestmark = pytest.mark.timeout(300)
ROOT = Path(__file__).parents[3]
PASSES = "def test_it():\n    pass\n"
FAILS = "def test_it():\n    assert False\n"
ON_SYSTEMS = """
import pytest

@pytest.mark.parametrize("system", ["debian13", "debian12", "ubuntu2404"])
def test_it(system):
    pass
"""
BY_CHANCE = """
from pathlib import Path

SEEN = Path(__file__).parents[2] / "seen"

def test_before():
    pass

def test_it():
    first = not SEEN.exists()
    SEEN.touch()
    assert not first
"""
HANGS = """
import time
import pytest

@pytest.mark.timeout(2)
def test_it():
    time.sleep(250)
"""
TAKES_LONG = """
import time
from pathlib import Path

def test_it():
    if Path("quick").exists():
        return
    try:
        Path("begun").touch()
        time.sleep(200)
    finally:
        Path("cleaned").touch()
"""
SLOW = """
import time
from pathlib import Path

def test_it():
    until = float(Path("until").read_text())
    while time.time() < until:
        time.sleep(0.1)
"""
LEAVES_A_PROCESS = """
import subprocess

def test_it(tmp_path_factory):
    with open("pid", "w") as file:
        file.write(str(subprocess.Popen(["sleep", "100"]).pid))
"""
FOR_LONG = """
import pytest

@pytest.mark.long
def test_it():
    pass
"""
SETTINGS = """
[tool.pytest.ini_options]
addopts = ["--import-mode=importlib", "-p", "no:cacheprovider"]
markers = ["long: x"]
"""
IGNORED = "__pycache__\nseen\nbegun\ncleaned\nquick\nuntil\npid\n"


class Clone:
    """A repository with tests of its own, and the files of scripts/suites from here."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.ledger_file = root / ledger.FILE
        self.git("init", "--quiet", "--initial-branch=main")
        conftest = (ROOT / "tests/conftest.py").read_text()
        self.commit({"conftest.py": conftest, ".gitignore": IGNORED, "pyproject.toml": SETTINGS})

    def git(self, *words: str) -> str:
        """Run git, and return its output."""
        identity = ("-c", "user.name=x", "-c", "user.email=x@example.com")
        return subprocess.run(
            ["git", *identity, *words], cwd=self.root, check=True, capture_output=True, text=True
        ).stdout

    def write(self, files: Mapping[str, str]) -> None:
        """Write files."""
        for name, text in files.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text)

    def commit(self, files: Mapping[str, str]) -> str:
        """Write files, commit everything, and return the short name of the commit."""
        self.write(files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=x")
        return self.git("rev-parse", "--short=12", "HEAD").strip()

    def ledger(self) -> Ledger:
        """Return the ledger."""
        return ledger.read(self.ledger_file)

    def given(self, lines: Mapping[str, Passed]) -> None:
        """Commit a ledger with these lines of the short form."""
        ledger.write(self.ledger_file, Ledger({(group, SHORT): line for group, line in lines.items()}))
        self.commit({})

    def begin(self, *words: str) -> subprocess.Popen[str]:
        """Start scripts/suites."""
        options = f"-p xdist -p pytest_timeout --override-ini=pythonpath={ROOT / 'tests'}"
        return subprocess.Popen(
            [sys.executable, ROOT / "scripts/suites", *words],
            env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": options},
            cwd=self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *words: str) -> tuple[int, str]:
        """Return the exit status and the output of scripts/suites."""
        with self.begin(*words) as process:
            printed, _none = process.communicate(timeout=250)
        return process.returncode, printed

    def land(self, seconds: float = 200.0) -> tuple[int, str]:
        """Run a landing."""
        return self.run("land", str(time.time() + seconds))


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Clone]:
    yield Clone(tmp_path)
    if (tmp_path / "pid").exists():
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)


def old(commit: str, *groups: str, landing: int = 1, seconds: float = 1.0) -> dict[str, Passed]:
    """Return lines of a ledger."""
    return {group: Passed(landing, commit, seconds, seconds) for group in groups}


def test_a_landing_records_what_passed_and_the_next_commit_runs_what_changed(clone: Clone) -> None:
    first = clone.commit({"tests/hosts/test_a.py": ON_SYSTEMS, "tests/faults/test_b.py": PASSES})
    status, printed = clone.land()
    assert status == 0, printed
    groups = {"tests/faults/test_b.py", *(f"tests/hosts/test_a.py::{name}" for name in ledger.SYSTEMS)}
    assert {(group, form) for group, form in clone.ledger().lines} == {(group, SHORT) for group in groups}
    assert {(line.landing, line.commit) for line in clone.ledger().lines.values()} == {(1, first)}
    assert "Every group ran within the last 10 landings; the oldest: " in printed
    clone.commit({})
    assert "Landing 1: " in clone.land()[1], "the ledger alone is no other landing"
    second = clone.commit({"tests/faults/test_b.py": PASSES + "\n"})
    status, printed = clone.land()
    assert (status, clone.ledger().last("tests/faults/test_b.py").commit) == (0, second), printed
    assert clone.ledger().landing == 2


def test_a_run_with_changed_files_is_not_recorded(clone: Clone) -> None:
    clone.commit({"tests/faults/test_b.py": PASSES})
    clone.write({"tests/faults/test_b.py": PASSES + "\n"})
    status, printed = clone.land()
    assert (status, clone.ledger_file.exists()) == (0, False), printed
    assert "this run is not recorded" in printed


def test_a_failure_is_red_named_and_due_again(clone: Clone) -> None:
    clone.commit({"tests/faults/test_a.py": PASSES, "tests/faults/test_b.py": FAILS})
    status, printed = clone.land()
    assert status == 1
    assert "Failed: tests/faults/test_b.py." in printed
    assert clone.ledger().last("tests/faults/test_b.py") == Passed()
    assert clone.ledger().last("tests/faults/test_a.py").landing == 1


def test_a_group_that_passes_at_the_second_try_is_noted_and_fails_the_next_time(clone: Clone) -> None:
    commit = clone.commit({"tests/hosts/test_a.py": BY_CHANCE, "tests/hosts/test_b.py": PASSES})
    clone.given(old(commit, "tests/hosts/test_a.py", "tests/hosts/test_b.py"))
    status, printed = clone.land()
    assert status == 0, printed
    assert "Second try of the groups that failed: tests/hosts/test_a.py\n" in printed
    assert "Second try: passed; find the cause of the first failure" in printed
    assert clone.ledger().last("tests/hosts/test_a.py").second_tries == (1,)
    (clone.root / "seen").unlink()
    clone.commit({"README": "another landing"})
    status, printed = clone.land()
    assert clone.ledger().last("tests/hosts/test_a.py").second_tries == (1, 2), printed
    assert status == 1
    assert "Second tries more than once in 20 landings: tests/hosts/test_a.py." in printed


@pytest.mark.parametrize(
    "files",
    [
        {"tests/faults/test_a.py": BY_CHANCE},
        {f"tests/hosts/test_{name}.py": FAILS for name in "abc"},
        {"tests/hosts/test_a.py": LEAVES_A_PROCESS},
    ],
    ids=["a fault", "too many", "a process that stays"],
)
def test_others_fail_at_once(clone: Clone, files: dict[str, str]) -> None:
    clone.given(old(clone.commit(files), *files))
    status, printed = clone.land()
    assert status == 1, printed
    assert "Second try" not in printed


@pytest.mark.parametrize(("others", "again"), [("bc", False), ("", True)])
def test_a_group_that_a_change_reaches_has_no_second_try(clone: Clone, others: str, again: bool) -> None:
    """Unless the changes reach most groups."""
    files = [f"tests/hosts/test_{name}.py" for name in f"a{others}"]
    clone.given(old(clone.commit(dict.fromkeys(files, PASSES)), *files))
    clone.commit({"tests/hosts/test_a.py": BY_CHANCE})
    status, printed = clone.land()
    assert (status == 0, "Second try" in printed) == (again, again), printed


def test_a_hang_is_red_and_ends(clone: Clone) -> None:
    clone.commit({"tests/hosts/test_a.py": HANGS, "tests/hosts/test_b.py": PASSES})
    began = time.monotonic()
    status, printed = clone.land()
    assert status == 1
    assert "Failed: tests/hosts/test_a.py." in printed
    assert "Timeout" in printed
    assert time.monotonic() - began < 150


def test_a_slow_group_costs_the_rest_and_the_run_is_red(clone: Clone) -> None:
    files = {f"tests/hosts/test_{number:02}.py": PASSES for number in range(12)}
    files |= {f"tests/hosts/test_slow_{number}.py": SLOW for number in range(2 * len(os.sched_getaffinity(0)))}
    commit = clone.commit(files)
    slow = {f: Passed(1, commit, 300.0, 1.0) for f in files if "slow" in f}
    clone.given({**old(commit, *files, seconds=5.0), **slow})
    until = time.time() + 25
    (clone.root / "until").write_text(str(until))
    status, printed = clone.run("land", str(until))
    assert status == 1
    assert "Out of time: tests/hosts/test_00.py, " in printed


def test_a_landing_in_which_no_test_could_begin_is_red(clone: Clone) -> None:
    clone.commit({"tests/faults/test_b.py": PASSES})
    status, printed = clone.land(-1)
    assert (status, clone.ledger().last("tests/faults/test_b.py")) == (1, Passed())
    assert "Out of time: tests/faults/test_b.py." in printed


def test_groups_that_no_landing_could_take_for_eleven_landings_are_red(clone: Clone) -> None:
    names = [f"tests/hosts/test_{name}.py" for name in "abcdefgh"]
    commit = clone.commit(dict.fromkeys([*names, "tests/hosts/test_z.py"], PASSES))
    too_long = 500.0 * 2 * len(os.sched_getaffinity(0))
    clone.given({**old(commit, *names, seconds=too_long), **old(commit, "tests/hosts/test_z.py", landing=12)})
    status, printed = clone.land()
    assert status == 1
    assert "Failed" not in printed
    assert "7 of 9 groups did not pass within the last 10 landings: tests/hosts/test_" in printed


def test_parts_of_the_long_form_in_any_order_make_it_whole(clone: Clone) -> None:
    clone.commit(
        {"tests/hosts/test_a.py": ON_SYSTEMS, "tests/faults/test_b.py": PASSES, "tests/trust/test_c.py": FOR_LONG}
    )
    assert clone.run("tested")[0] == 1
    for part in ("2/2", "1/2"):
        status, printed = clone.run("shard", part)
        assert status == 0, printed
        assert (clone.run("tested")[0] == 0) == (part == "1/2"), clone.run("tested")[1]
    assert {form for _group, form in clone.ledger().lines} == {LONG}
    clone.commit({"galaxy.yml": "version: 2", "changelogs/changelog.yaml": "", "CHANGELOG.rst": ""})
    assert clone.run("tested")[0] == 0, "what a release itself writes"
    clone.commit({"README": "another tree"})
    status, printed = clone.run("tested")
    assert status == 1
    assert "5 groups did not pass in the long form on these files: " in printed


def test_a_part_that_was_interrupted_goes_on(clone: Clone) -> None:
    clone.commit({"tests/faults/test_a.py": PASSES, "tests/faults/test_b.py": TAKES_LONG})
    with clone.begin("shard", "1/1") as process:
        while not (clone.root / "begun").exists() or not clone.ledger().last("tests/faults/test_a.py").landing:
            assert process.poll() is None
            time.sleep(0.05)
        process.terminate()
        printed, _none = process.communicate(timeout=200)
    assert process.returncode
    assert (clone.root / "cleaned").exists(), printed
    assert clone.ledger().last("tests/faults/test_b.py").landing == 0
    (clone.root / "quick").touch()
    status, printed = clone.run("shard", "1/1")
    assert status == 0, printed
    assert "Shard 1/1: 2 groups, 1 of them passed already on these files." in printed
    assert clone.run("tested")[0] == 0


@pytest.mark.parametrize("part", ["0/2", "3/2", "2", "x"])
def test_a_part_that_does_not_exist_is_refused(clone: Clone, part: str) -> None:
    status, printed = clone.run("shard", part)
    assert status == 1
    assert f"SHARD: must be K/N with K from 1 to N: {part}" in printed


def test_a_check_runs_what_is_near_and_records_nothing(clone: Clone) -> None:
    clone.commit({"tests/faults/test_a.py": PASSES, "tests/faults/test_b.py": FAILS})
    clone.git("switch", "--quiet", "--create=own")
    clone.commit({"tests/faults/test_a.py": PASSES + "\n"})
    status, printed = clone.run("check", str(time.time() + 100))
    assert status == 0, printed
    assert "1 files differ from main; 1 of 2 groups are near to them." in printed
    assert not clone.ledger_file.exists()
    clone.write({"tests/faults/test_b.py": FAILS + "\n"})
    status, printed = clone.run("check", str(time.time() - 1))
    assert status == 0, printed
    assert "Near to a change, but no time: tests/faults/test_a.py, tests/faults/test_b.py." in printed
    assert clone.run("check", str(time.time() + 100))[0] == 1


def test_a_check_begins_with_the_nearest(clone: Clone) -> None:
    note = "def test_it():\n    with open('seen', 'a') as file:\n        file.write(__name__[-1])\n"
    others = {f"tests/faults/test_{name}.py": PASSES for name in "bcdefg"}
    clone.commit({"tests/faults/test_a.py": f"PLAY = 'far'\n{note}", "tests/faults/test_z.py": note, **others})
    clone.commit({"playbooks/far.yml": "- hosts: all\n"})
    clone.git("switch", "--quiet", "--create=own")
    clone.commit({"playbooks/far.yml": "- hosts: one\n", "tests/faults/test_z.py": note + "\n"})
    status, printed = clone.run("check", str(time.time() + 100))
    assert status == 0, printed
    assert "2 of 8 groups are near" in printed
    assert (clone.root / "seen").read_text() == "za"


def test_a_test_that_cannot_be_collected_fails_the_run(clone: Clone) -> None:
    clone.commit({"tests/hosts/test_a.py": "import does_not_exist\n"})
    status, printed = clone.land()
    assert status == 1
    assert "the tests cannot be collected" in printed


def test_git_merges_two_ledgers(clone: Clone) -> None:
    commit = clone.commit({".gitattributes": (ROOT / ".gitattributes").read_text()})
    clone.given(old(commit, "tests/hosts/test_a.py", "tests/hosts/test_b.py"))
    for branch, landing in (("one", 2), ("two", 3)):
        clone.git("switch", "--quiet", f"--create={branch}", "main")
        clone.given(old(commit, "tests/hosts/test_a.py", "tests/hosts/test_b.py", landing=landing))
    clone.git("merge", "--quiet", "--no-edit", "one")
    assert clone.ledger().lines == {
        (f"tests/hosts/test_{name}.py", SHORT): Passed(3, commit, 1.0, 1.0) for name in "ab"
    }
