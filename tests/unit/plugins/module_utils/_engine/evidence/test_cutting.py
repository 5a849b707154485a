# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs without room: shares of each, and the first and the newest part of each."""

from __future__ import annotations

import io
from functools import partial

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.evidence.cutting import (
    Ends,
    Part,
    Ranged,
    ReadAt,
    parts,
    shares,
)


def in_memory(content: bytes, count: int, offset: int) -> bytes:
    return content[offset : offset + min(count, 7)]  # fewer bytes than asked for, as pread may return


def reader(content: bytes) -> ReadAt:
    return partial(in_memory, content)


@pytest.mark.parametrize(
    ("sizes", "room", "found"),
    [
        ({}, 10, {}),
        ({"a": 5, "b": 3}, 10, {"a": 5, "b": 3}),
        ({"filled": 1000, "b": 3}, 10, {"filled": 7, "b": 3}),
        ({"filled": 1000, "b": 3, "full": 900}, 11, {"filled": 4, "b": 3, "full": 4}),
        ({"a": 5, "b": 5}, 0, {"a": 0, "b": 0}),
        ({"a": 5}, -3, {"a": 0}),
    ],
)
def test_shares(sizes: dict[str, int], room: int, found: dict[str, int]) -> None:
    assert shares(sizes, room) == found


def test_a_source_that_fits_stays_whole() -> None:
    assert parts(10, 10, reader(b"")) == [Part("", 0, 10)]
    assert parts(0, 0, reader(b"")) == [Part("", 0, 0)]


def test_both_ends_of_a_source() -> None:
    assert parts(100, 11, reader(b"")) == [Part(".first", 0, 5), Part(".newest", 95, 100)]
    assert parts(100, 0, reader(b"")) == [Part(".first", 0, 0), Part(".newest", 100, 100)]


def test_whole_records_of_logins() -> None:
    first, newest = parts(384 * 10000, 1 << 20, reader(b""))
    assert (first.end % 384, newest.start % 384, first.end % 292, newest.start % 292) == (0, 0, 0, 0)
    assert first.end + newest.end - newest.start <= 1 << 20


def test_whole_entries() -> None:
    content = b"".join(b"KEY=%d\nX\n\n" % number for number in range(100))
    for room in range(50, 500):
        for each in parts(len(content), room, reader(content), b"KEY="):
            kept = Ranged(reader(content), each.start, each.end).read(1 << 20)
            assert kept.startswith(b"KEY=") or not kept
            assert kept.endswith(b"\n\n")
            assert len(kept) <= room // 2


def test_an_entry_without_end() -> None:
    content = b"KEY=1\n" + b"x" * 1000
    assert [each[1:] for each in parts(len(content), 100, reader(content), b"KEY=")] == [(0, 50), (956, 1006)]


@pytest.mark.parametrize("room", [0, 1, 2, 7, 10, 11, 64, 99, 100, 101, 1000])
@pytest.mark.parametrize("block", [1, 3, 50, 100])
def test_the_ends_of_a_stream(room: int, block: int) -> None:
    """Any bytes that `parts` may ask for are there, and the file is never larger than its room."""
    content, file = bytes(range(100)), io.BytesIO()
    ends = Ends(file, room)
    for start in range(0, 100, block):
        ends.write(content[start : start + block])
        assert len(file.getvalue()) <= room
    assert ends.size == 100
    for smaller in range(ends.room + 1):
        for each in parts(ends.size, smaller, ends.read_at):
            assert Ranged(ends.read_at, each.start, each.end).read(1000) == content[each.start : each.end]


def test_a_source_that_became_shorter() -> None:
    assert Ranged(reader(b"abc"), 1, 10).read(20) == b"bc"
