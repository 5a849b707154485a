# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers as people write them."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from ansible.module_utils.common.text.formatters import human_to_bytes
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge import quantities
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import InvalidRequest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.request import DeleteLimit
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("500K", 512000),
        ("10M", 10485760),
        ("1.5MB", 1572864),
        ("2G", 2147483648),
        ("1048576", 1048576),
        (" 1024 ", 1024),
    ],
)
def test_bandwidth(text: str, value: int) -> None:
    assert quantities.bandwidth("bandwidth_limit", text) == value


NUMBERS = ["0", "7", "1.5", ".5", "1048576", "12345678901", "1.", "-1", "", "1e3"]
UNITS = ["", "b", "B", "k", "K", "KB", "kB", "Kb", "kilobyte", "Megabyte", "MiB", "G", "GB", "T", "P", "PB", "E", "x"]


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("space", ["", " "])
def test_a_size_is_read_as_ansible_reads_it(number: str, space: str, unit: str) -> None:
    assert _read(quantities.byte_count, number + space + unit) == _read(human_to_bytes, number + space + unit)


def _read(reader: Callable[[str], int], text: str) -> int | None:
    try:
        return reader(text)
    except ValueError:
        return None


@pytest.mark.parametrize("text", ["9" * 400, "1\n\n2", "\u0663", "1K 2"])
def test_a_text_that_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(not a number|not a unit|too many) "):
        quantities.byte_count(text)


def test_no_bandwidth_is_no_limit() -> None:
    assert quantities.bandwidth("bandwidth_limit", None) is None


@pytest.mark.parametrize(
    "text", ["", "0", "1023", "-1M", "fast", "10Mb", "10 apples", "1e9", "nan", "inf", "10M/s", "0x10"]
)
def test_bad_bandwidth(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^bandwidth_limit: '") as caught:
        quantities.bandwidth("bandwidth_limit", text)
    assert caught.value.cure


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("10%", DeleteLimit(10, True)),
        ("0%", DeleteLimit(0, True)),
        ("100%", DeleteLimit(100, True)),
        ("12.5%", DeleteLimit(12.5, True)),
        ("50", DeleteLimit(50, False)),
        ("0", DeleteLimit(0, False)),
        (" 7 ", DeleteLimit(7, False)),
    ],
)
def test_delete_limit(text: str, limit: DeleteLimit) -> None:
    assert quantities.delete_limit("max_delete", text) == limit


@pytest.mark.parametrize(
    "text", ["", "%", "101%", "100.1%", "-1", "-5%", "1.5", "ten", "10 %", "10%%", "1e3", "nan", "inf%", "٣"]
)
def test_bad_delete_limit(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^max_delete: '") as caught:
        quantities.delete_limit("max_delete", text)
    assert caught.value.cure


@pytest.mark.parametrize(("text", "number"), [("auto", None), ("1", 1), ("16", 16), (" 4 ", 4)])
def test_connections(text: str, number: int | None) -> None:
    assert quantities.connections("parallel", text) == number


@pytest.mark.parametrize("text", ["", "0", "17", "-1", "1.0", "many", "AUTO", "100", "²"])
def test_bad_connections(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^parallel: '") as caught:
        quantities.connections("parallel", text)
    assert caught.value.cure == 'Write "auto" or a number from 1 to 16.'


def test_count() -> None:
    assert [quantities.count("retries", value, most=100) for value in (0, 3, 100)] == [0, 3, 100]
    for value in (-1, 101):
        with pytest.raises(InvalidRequest, match=f"^retries: {value} is out of range") as caught:
            quantities.count("retries", value, most=100)
        assert caught.value.cure == "Write a number from 0 to 100."
    with pytest.raises(InvalidRequest) as caught:
        quantities.count("max_listed", -1)
    assert caught.value.cure == "Write a number 0 or more."


@pytest.mark.parametrize("value", [0.001, 30.0, 86400.0])
def test_seconds(value: float) -> None:
    assert quantities.seconds("connect_timeout", value) == value


@pytest.mark.parametrize("value", [0.0, -1.0, 86400.1, math.nan, math.inf, -math.inf])
def test_bad_seconds(value: float) -> None:
    with pytest.raises(InvalidRequest, match=r"^connect_timeout: .* is not a valid time$"):
        quantities.seconds("connect_timeout", value)


@pytest.mark.parametrize("value", [0.0, 0.5, 86400.0])
def test_a_pause_may_be_nothing(value: float) -> None:
    assert quantities.pause("progress", value) == value


@pytest.mark.parametrize("value", [-0.1, 86400.1, math.nan, math.inf])
def test_a_bad_pause(value: float) -> None:
    with pytest.raises(InvalidRequest, match=r"^progress: .* is not a valid time$") as caught:
        quantities.pause("progress", value)
    assert caught.value.cure == "Write seconds, at least 0 and at most 86400."


@given(st.text(max_size=12))
def test_any_text_is_a_number_or_a_clear_error(text: str) -> None:
    errors = []
    for parse in (quantities.bandwidth, quantities.delete_limit, quantities.connections):
        try:
            parse("option", text)
        except InvalidRequest as error:
            errors.append(error)
    assert [error.message for error in errors if not error.message.startswith("option: ")] == []
    assert [error for error in errors if not error.message.isprintable()] == []


@pytest.mark.parametrize(
    ("text", "value"), [("60s", 60), ("15m", 900), ("12h", 43200), ("14d", 1209600), (" 2w ", 1209600)]
)
def test_durations(text: str, value: int) -> None:
    assert quantities.duration("valid_for", text) == value


@pytest.mark.parametrize("text", ["", "14", "d", "1.5h", "-1d", "59s", "3651d", "14 d", "14D", "1d1h"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^valid_for: .* is not a valid duration$"):
        quantities.duration("valid_for", text)


@pytest.mark.parametrize(("text", "value"), [("1d", 1), (" 30d ", 30), ("4w", 28), ("48h", 2), ("3650d", 3650)])
def test_days(text: str, value: int) -> None:
    found = quantities.days("trash_max_age", text)
    assert (found, type(found)) == (value, int)


@pytest.mark.parametrize("text", ["30", "0d", "36h", "1s", "3651d", "-1d", "1.5d", "month", ""])
def test_what_is_no_number_of_days(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^trash_max_age: .* is not a number of days$") as caught:
        quantities.days("trash_max_age", text)
    assert caught.value.cure == "Write a number with d or w, from 1d to 3650d, for example 30d."


@pytest.mark.parametrize(("days", "value"), [(0, 0), (0.5, 43200), (36500, 3153600000)])
def test_seconds_of_days(days: float, value: float) -> None:
    assert quantities.seconds_of_days("max_age", days) == value


@pytest.mark.parametrize("days", [-0.1, 36500.1, math.nan, math.inf])
def test_what_is_no_time_in_days(days: float) -> None:
    with pytest.raises(InvalidRequest, match=r"^max_age: .* is not a number of days$"):
        quantities.seconds_of_days("max_age", days)


@pytest.mark.parametrize(("text", "value"), [("0", 0), ("500K", 512000), ("1", 1)])
def test_a_size(text: str, value: int) -> None:
    assert quantities.size("max_size", text) == value


@pytest.mark.parametrize("text", ["-1", "many", ""])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^max_size: .* is not a size$"):
        quantities.size("max_size", text)
