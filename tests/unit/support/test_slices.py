# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import slices

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


@pytest.fixture(autouse=True)
def _forgetful(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    monkeypatch.delenv("SLICE", raising=False)
    slices._number.cache_clear()
    yield
    slices._number.cache_clear()
    capsys.readouterr()  # what is printed is no figure of the run


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


@pytest.mark.parametrize(
    ("number", "options", "passed"),
    [("0", [], "3 passed, 2 deselected"), ("1", [], "3 passed, 2 deselected"), ("0", ["--long"], "5 passed")],
)
def test_a_run_leaves_out_the_other_slices_and_counts_them(
    tmp_path: Path, number: str, options: list[str], passed: str
) -> None:
    (tmp_path / "test_life.py").write_text(FILE)
    (tmp_path / "conftest.py").write_text((TESTS / "conftest.py").read_text())
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", f"--override-ini=pythonpath={TESTS}", *options, "."],
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "SLICE": number},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert passed in done.stdout
    if not options:
        assert f"test_life[1-{('debian13', 'debian12')[int(number)]}] PASSED" in done.stdout
