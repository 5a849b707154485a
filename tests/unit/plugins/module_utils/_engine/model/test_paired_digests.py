# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Digests that are recorded for two sides behave like two dictionaries."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    RecordedSide,
    by_directory,
    known_alike,
    paired_digests,
)
from hypothesis import given
from hypothesis import strategies as st

PATHS = [b"a", b"b", b"c", b"d"]
RECORDED = st.dictionaries(st.sampled_from(PATHS), st.sampled_from([b"1", b"2"]))
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["set", "remove", "pop"]),
        st.integers(0, 1),
        st.sampled_from(PATHS),
        st.sampled_from([b"1", b"3"]),
    )
)


def side(recorded: dict[bytes, bytes]) -> RecordedSide:
    return RecordedSide(set(recorded), recorded.get)


def pair(one: dict[bytes, bytes], other: dict[bytes, bytes]) -> tuple:
    differing = {path for path in one if other.get(path, one[path]) != one[path]}
    return paired_digests(side(one), side(other), differing)


def change(sides: tuple, changes: list[tuple[str, int, bytes, bytes]]) -> None:
    for kind, which, path, digest in changes:
        if kind == "set":
            sides[which][path] = digest
        elif kind == "pop":
            sides[which].pop(path, None)
        elif path in sides[which]:
            del sides[which][path]


def same(found: tuple, expected: tuple) -> None:
    for one, plain in zip(found, expected, strict=True):
        assert dict(one) == plain
        assert len(one) == len(plain)
        assert bool(one) == bool(plain)
        assert {path: one.get(path) for path in PATHS} == {path: plain.get(path) for path in PATHS}
        assert [path in one for path in PATHS] == [path in plain for path in PATHS]
    for path in known_alike(*found):
        assert expected[0][path] == expected[1][path]


@given(RECORDED, RECORDED, CHANGES)
def test_like_two_dictionaries(one: dict, other: dict, changes: list) -> None:
    found, expected = pair(one, other), (dict(one), dict(other))
    same(found, expected)
    change(found, changes)
    change(expected, changes)
    same(found, expected)


def test_equal_files_need_no_look() -> None:
    def refused(path: bytes) -> bytes:
        raise AssertionError(path)

    look: Callable[[bytes], bytes | None] = refused
    found = paired_digests(RecordedSide({b"a", b"b"}, look), RecordedSide({b"a", b"b", b"c"}, look), {b"b"})
    assert known_alike(*found) == {b"a"}
    assert all(b"a" in one for one in found)


def test_other_dictionaries_are_not_known_to_be_alike() -> None:
    one, other = {b"a": b"1"}, {b"a": b"1"}
    assert known_alike(one, other) == set()
    assert known_alike(pair(one, other)[0], pair(one, other)[1]) == set(), "of two pairs"


def test_paths_come_directory_by_directory() -> None:
    assert by_directory([b"a/x", b"a/b/y", b"a/z", b"r", b"a/b/w"]) == [b"a/x", b"a/z", b"a/b/y", b"a/b/w", b"r"]


def test_a_record_that_cannot_be_read_any_more() -> None:
    one, other = paired_digests(RecordedSide({b"a"}, lambda path: None), RecordedSide({b"a"}, lambda path: None), set())
    assert one.get(b"a") is None
    assert other.get(b"a") is None
