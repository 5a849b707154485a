# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stamps in columns behave like a dictionary."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any, Callable

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import STAMP, StampColumns
from hypothesis import given
from hypothesis import strategies as st

PATHS = [b"a", b"b", b"d/a", b"d/b", b"d/c", b"d/e/a"]
STAMPS = st.dictionaries(st.sampled_from(PATHS), st.sampled_from([STAMP.pack(number, 7) for number in range(3)]))
CHANGES = st.lists(st.tuples(st.sampled_from(["take", "add", "forget"]), STAMPS))


def directory(path: bytes) -> bytes:
    return path.rpartition(b"/")[0]


def change(columns: StampColumns, plain: dict[bytes, bytes], kind: str, found: dict[bytes, bytes]) -> None:
    if kind == "take":
        columns.take(found)
        plain.update(found)
    for path, stamp in found.items():
        if kind == "add":
            columns.add(directory(path), {path: stamp})
            plain[path] = stamp
        elif kind == "forget":
            columns.forget(directory(path), {path, b"other"})
            plain.pop(path, None)


@given(CHANGES, st.permutations(PATHS))
def test_like_a_dictionary(changes: list[tuple[str, dict[bytes, bytes]]], order: list[bytes]) -> None:
    columns, plain = StampColumns(), {}
    for kind, found in changes:
        change(columns, plain, kind, found)
        assert dict(columns) == plain
        assert len(columns) == len(plain)
        assert bool(columns) == bool(plain)
        assert [columns.get(path) for path in order] == [plain.get(path) for path in order]
        assert [path in columns for path in order] == [path in plain for path in order]


def test_a_file_without_a_stamp() -> None:
    columns = StampColumns()
    columns.add(b"d", {b"d/a": STAMP.pack(1, 1)})
    with pytest.raises(KeyError):
        columns[b"d/b"]
    assert columns.get(b"d/b", b"none") == b"none"
    assert None not in columns


def test_the_last_page_of_a_directory_wins() -> None:
    columns = StampColumns()
    columns.add(b"", {b"b": STAMP.pack(1, 1), b"a": STAMP.pack(2, 2)})
    columns.add(b"", {b"b": STAMP.pack(3, 3)})
    assert dict(columns) == {b"a": STAMP.pack(2, 2), b"b": STAMP.pack(3, 3)}


def test_an_interrupt_leaves_each_stamp_at_its_file() -> None:
    names = [b"c", b"a", b"b"]
    plain = {name: STAMP.pack(number, 7) for number, name in enumerate(names)}
    interrupts = 0
    for lines in range(1, 100):
        columns = StampColumns()
        columns.add(b"", plain)
        (column,) = columns._columns.values()
        interrupts += interrupted(column.sorted_paths, lines)
        assert dict(columns) == plain
    assert 3 < interrupts < 99


def interrupted(call: Callable[[], object], lines: int) -> bool:
    """Return whether the call was interrupted: before this line of those that it runs."""
    left = [lines]

    def trace(_frame: FrameType, event: str, _argument: object) -> Any:
        left[0] -= event == "line"
        if not left[0]:
            raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


def test_a_file_takes_its_stamp_and_a_reference() -> None:
    paths = [b"%06d" % number for number in range(10_000)]
    columns = StampColumns()
    columns.add(b"", {path: STAMP.pack(number, number) for number, path in enumerate(paths)})
    assert columns[paths[-1]] == STAMP.pack(9_999, 9_999)
    (column,) = columns._columns.values()
    assert sys.getsizeof(column._paths) + sys.getsizeof(column._stamps) < 30 * len(paths)
