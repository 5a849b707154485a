# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.events.volumes.series import (
    Series,
    hour_of,
)
from hypothesis import given
from hypothesis import strategies as st

START = 489_000


def filled(sizes: dict[int, int]) -> Series:
    series = Series()
    for hour, size in sizes.items():
        series.add(hour, size)
    return series


def test_bytes_are_counted_by_hour_and_by_day() -> None:
    series = filled({START: 5, START + 1: 7, START + 25: 1})
    series.add(START, 2)
    assert [series.in_hour(START + each) for each in (-1, 0, 1, 2)] == [0, 7, 7, 0]
    assert series.in_day(START // 24) == 14
    assert series.in_day(START // 24 + 1) == 1
    assert hour_of(START * 3600 + 3599.9) == START


def test_the_history_has_whole_days() -> None:
    series = filled({START: 5})
    assert series.past_hours(START + 23) == []
    assert series.past_hours(START + 25) == [0] * 24, "the oldest hour is not 24 hours before"
    assert series.past_hours(START + 24) == [5] + [0] * 23
    assert series.history_days(START + 24 * 400) == 28
    assert len(series.past_hours(START + 24 * 400)) == 28 * 24
    assert Series().past_hours(START) == Series().past_days(START // 24) == []


def test_the_first_day_is_in_the_history_of_days_only_if_it_is_whole() -> None:
    midnight = START // 24 * 24
    assert filled({midnight: 5}).past_days(midnight // 24 + 2) == [5, 0]
    assert filled({midnight + 1: 5}).past_days(midnight // 24 + 2) == [0]


def test_old_hours_and_days_are_forgotten_and_the_beginning_is_not() -> None:
    series = filled({START + 24 * day: 1 for day in range(100)})
    series.forget(START + 24 * 99)
    assert len(series.active_hours()) == 29
    assert sum(series.in_day(START // 24 + day) for day in range(100)) == 57
    assert series.first == START


@given(st.dictionaries(st.integers(0, 10**6), st.integers(1, 10**18)))
def test_any_series_is_read_back(sizes: dict[int, int]) -> None:
    series = filled(sizes)
    again = Series.read(json.loads(json.dumps(series.written())))
    assert again.written() == series.written()
    assert [again.in_hour(hour) for hour in sizes] == list(sizes.values())


def test_the_text_is_short() -> None:
    series = filled({START + hour: 10**9 for hour in range(28 * 24)})
    assert len(json.dumps(series.written())) < 11_000


@pytest.mark.parametrize("text", ["x", "1", "1:x"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"invalid literal|not enough values"):
        Series.read({"first": 1, "hours": text, "days": ""})
