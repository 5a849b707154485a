# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.running import slices

CASES = ("a", "b", "c")


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    monkeypatch.delenv("LANDING", raising=False)
    yield
    capsys.readouterr()  # this output is no figure of the run


def test_each_landing_takes_another_case(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = [*slices.slice_of(CASES, long_run=False)]
    for number in range(1, 4):
        monkeypatch.setenv("LANDING", str(number))
        chosen += slices.slice_of(CASES, long_run=False)
    assert chosen == ["a", "b", "c", "a"]


def test_a_long_run_takes_every_case() -> None:
    assert slices.slice_of(CASES, long_run=True) == [*CASES]


def test_a_third_of_the_cases_of_one_test_and_all_after_three_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = []
    for number in range(3):
        monkeypatch.setenv("LANDING", str(number))
        chosen.append(slices.slice_of("abcdefg", 3, long_run=False))
    assert chosen == [["a", "d", "g"], ["b", "e"], ["c", "f"]]
