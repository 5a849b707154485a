# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.running import slices

TESTS = Path(__file__).parents[2]
CASES = ("a", "b", "c")
FILE = """
import pytest

pytestmark = pytest.mark.sliced("debian13", "debian12")

@pytest.mark.parametrize("system", ["debian13", "debian12"])
@pytest.mark.parametrize("number", [1, 2])
def test_life(system, number):
    pass

def test_of_no_slice():
    pass
"""
PARTS = """
import pytest

@pytest.mark.one_in(2)
@pytest.mark.parametrize("kill", ["begin", "end"])
@pytest.mark.parametrize("step", range(3))
def test_kill(step, kill):
    pass

@pytest.mark.one_in(2, 1)
class TestServer:
    @pytest.mark.parametrize("name", "ab")
    def test_of_it(self, name):
        pass
"""

LONG = """
import pytest

class TestServer:
    pytestmark = pytest.mark.long

    def test_of_it(self):
        pass

    def test_more_of_it(self):
        pass

def test_of_each_run():
    pass
"""


@pytest.fixture(autouse=True)
def _forgetful(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    monkeypatch.delenv("SLICE", raising=False)
    slices._number.cache_clear()
    yield
    slices._number.cache_clear()
    capsys.readouterr()  # this output is no figure of the run


def test_each_number_gives_one_case(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = []
    for number in range(4):
        monkeypatch.setenv("SLICE", str(number))
        slices._number.cache_clear()
        chosen += slices.slice_of(CASES, long_run=False)
    assert chosen == ["a", "b", "c", "a"]


def test_the_last_commit_gives_the_same_case_each_time() -> None:
    first = slices.slice_of(CASES, long_run=False)
    slices._number.cache_clear()
    assert len(first) == 1
    assert slices.slice_of(CASES, long_run=False) == first


def test_a_long_run_and_a_run_of_all_slices_take_every_case(monkeypatch: pytest.MonkeyPatch) -> None:
    assert slices.slice_of(CASES, long_run=True) == CASES
    monkeypatch.setenv("SLICE", "all")
    assert slices.slice_of(CASES, long_run=False) == CASES


def test_a_third_of_the_cases_of_one_test_and_all_after_three_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = []
    for number in (0, 6, 12):
        monkeypatch.setenv("SLICE", str(number))
        slices._number.cache_clear()
        chosen.append(slices.slice_of("abcdefg", 3, long_run=False))
    assert chosen == [["a", "d", "g"], ["b", "e"], ["c", "f"]]
    assert slices.slice_of("abcdefg", 3, long_run=True) == list("abcdefg")


@pytest.mark.parametrize("number", [0, 6, 12])
def test_a_square_has_each_row_and_each_column(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLICE", str(number))
    pairs = slices.square("abc", range(5), long_run=False)
    assert len(pairs) == 5
    assert {row for row, _column in pairs} == set("abc")
    assert {column for _row, column in pairs} == set(range(5))
    assert len(slices.square("abc", range(5), long_run=True)) == 15


def test_all_slices_have_each_pair_of_a_square(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLICE", "all")
    slices._number.cache_clear()
    assert len(slices.square("abc", range(5), long_run=False)) == 15


@pytest.mark.parametrize(
    ("number", "options", "passed"),
    [("0", [], "3 passed, 2 deselected"), ("1", [], "3 passed, 2 deselected"), ("0", ["--long"], "5 passed")],
)
def test_a_run_leaves_out_the_other_slices_and_counts_them(
    tmp_path: Path, number: str, options: list[str], passed: str
) -> None:
    printed = run(tmp_path, FILE, number, *options)
    assert passed in printed
    if not options:
        assert f"test_life[1-{('debian13', 'debian12')[int(number)]}] PASSED" in printed


def test_parts_of_a_test_have_each_value_and_are_all_cases_together(tmp_path: Path) -> None:
    parts = [set(re.findall(r"test_kill\[(.*)\] PASSED", run(tmp_path, PARTS, number))) for number in ("0", "6")]
    assert [len(part) for part in parts] == [3, 3]
    assert len(parts[0] | parts[1]) == 6
    for part in parts:
        assert {name.split("-")[0] for name in part} == {"0", "1", "2"}
        assert {name.split("-")[1] for name in part} == {"begin", "end"}
    assert "8 passed" in run(tmp_path, PARTS, "all")


def test_a_class_has_a_place_of_its_own(tmp_path: Path) -> None:
    assert [run(tmp_path, PARTS, number).count("PASSED") for number in ("0", "6", "12")] == [3, 3 + 2, 3]


def test_files_alternate_unless_the_command_names_them(tmp_path: Path) -> None:
    text = FILE.replace('pytest.mark.sliced("debian13", "debian12")', "pytest.mark.one_in(2, 1)")
    assert ["5 passed" in run(tmp_path, text, number) for number in ("0", "6", "360", "720")] == [
        False,
        False,
        True,
        False,
    ]
    assert "5 passed" in run(tmp_path, text, "0", what="test_life.py")


def test_a_part_of_the_tests_of_a_file_that_alternates(tmp_path: Path) -> None:
    text = PARTS.replace("import pytest", "import pytest\npytestmark = pytest.mark.one_in(2, 1)")
    passed = [run(tmp_path, text, number).count("PASSED") for number in ("0", "6", "360", "366")]
    assert passed == [0, 0, 3, 3 + 2]


def test_a_test_of_the_long_run_alone(tmp_path: Path) -> None:
    assert "1 passed, 2 deselected" in run(tmp_path, LONG, "0")
    assert "3 passed" in run(tmp_path, LONG, "all")
    assert "3 passed" in run(tmp_path, LONG, "0", "--long")
    assert "1 passed" in run(tmp_path, LONG, "0", what="test_life.py::TestServer::test_of_it")


def test_a_test_that_the_command_names_runs_in_each_slice(tmp_path: Path) -> None:
    for number in ("0", "6"):
        assert "1 passed" in run(tmp_path, PARTS, number, what="test_life.py::test_kill[0-begin]")


def run(directory: Path, text: str, number: str, *options: str, what: str = ".") -> str:
    """Run a file of tests with the project's hooks, and return its output."""
    (directory / "test_life.py").write_text(text)
    (directory / "conftest.py").write_text((TESTS / "conftest.py").read_text())
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", f"--override-ini=pythonpath={TESTS}", *options, what],
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "SLICE": number},
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.stdout
