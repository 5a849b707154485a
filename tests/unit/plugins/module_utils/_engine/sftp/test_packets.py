# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packets of SFTP version 3."""

from __future__ import annotations

import contextlib
import stat
import struct

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ProtocolViolation
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    LINK,
    SPECIAL,
    Attributes,
    Entry,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.packets import (
    attributes_field,
    entry_of,
    facts_of,
    listed,
    parse_attributes,
    parse_strings,
    special_bits,
    string,
    times_field,
)
from hypothesis import given
from hypothesis import strategies as st
from support.scripted import sftp_wire

SECOND = 10**9


def name_body(*entries: tuple[bytes, bytes]) -> bytes:
    return struct.pack(">I", len(entries)) + b"".join(
        string(name) + string(b"long " + name) + field for name, field in entries
    )


def full(mode: int, size: int = 7, mtime: int = 1_700_000_000) -> bytes:
    return sftp_wire.Attributes(size=size, owner=(1, 2), mode=mode, times=(5, mtime)).pack()


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        (stat.S_IFREG | 0o644, FILE),
        (stat.S_IFDIR | 0o755, DIRECTORY),
        (stat.S_IFLNK | 0o777, LINK),
        (stat.S_IFIFO | 0o600, SPECIAL),
        (stat.S_IFSOCK | 0o600, SPECIAL),
        (stat.S_IFBLK | 0o600, SPECIAL),
    ],
)
def test_kind_and_permissions_come_from_the_mode(mode: int, kind: str) -> None:
    entry = entry_of(mode, 9, 3)
    assert entry is not None
    assert (entry.kind, entry.mode, entry.mtime) == (kind, mode & 0o777, 3 * SECOND)
    assert entry.size == (9 if kind == FILE else 0)


def test_no_entry_without_a_type() -> None:
    assert entry_of(0o644, 1, 1) is None


def test_special_bits_stay_out_of_the_entry_and_can_be_asked_for() -> None:
    field = full(stat.S_IFREG | 0o6755)
    entry, _end = parse_attributes(field, 0)
    assert entry is not None
    assert entry.mode == 0o755
    assert special_bits(field) == 0o6000
    assert facts_of(field)[:2] == (1, stat.S_IFREG | 0o6755)
    assert facts_of(sftp_wire.Attributes(size=3).pack()) == (None, 0, None)
    assert facts_of(times_field(1, 2)) == (None, 0, 1)
    assert special_bits(sftp_wire.Attributes(size=3).pack()) == special_bits(b"\0\0\0\0") == 0
    with pytest.raises(ProtocolViolation):
        special_bits(b"\0\0\0")


@given(
    st.builds(
        sftp_wire.Attributes,
        size=st.none() | st.integers(0, 2**64 - 1),
        owner=st.none() | st.just((1, 2)),
        mode=st.none() | st.integers(0, 0o177777),
        times=st.none() | st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)),
    ),
    st.binary(max_size=9),
)
def test_every_set_of_attributes_is_read_to_its_end(attributes: sftp_wire.Attributes, rest: bytes) -> None:
    field = attributes.pack()
    entry, end = parse_attributes(field + rest, 0)
    assert end == len(field)
    if entry is not None and attributes.times is not None:
        assert entry.mtime == attributes.times[1] * SECOND


def test_extended_attributes_are_passed_over() -> None:
    field = struct.pack(">III", 0x80000004, stat.S_IFREG | 0o600, 1) + string(b"name") + string(b"value")
    entry, end = parse_attributes(field + b"rest", 0)
    assert entry is not None
    assert end == len(field)


@pytest.mark.parametrize("size", range(32))
def test_attributes_cut_short_are_a_violation(size: int) -> None:
    with pytest.raises(ProtocolViolation):
        parse_attributes(full(stat.S_IFREG | 0o644)[:size], 0)


def test_listing_gives_names_in_order_whatever_attributes_they_have() -> None:
    body = name_body(
        (b"a", full(stat.S_IFREG | 0o640, size=2**40)),
        (b"\xff\n", sftp_wire.Attributes(mode=stat.S_IFDIR | 0o700).pack()),
        (b"bare", sftp_wire.Attributes().pack()),
    )
    names, (file, directory, bare) = zip(*listed(body), strict=True)
    assert names == (b"a", b"\xff\n", b"bare")
    assert file == entry_of(stat.S_IFREG | 0o640, 2**40, 1_700_000_000)
    assert isinstance(file, Entry)
    assert directory is not None
    assert directory.kind == DIRECTORY
    assert bare is None


@given(st.data())
def test_a_listing_cut_anywhere_is_a_violation(data: st.DataObject) -> None:
    body = name_body((b"one", full(stat.S_IFREG | 0o640)), (b"two", full(stat.S_IFDIR | 0o755)))
    cut = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(ProtocolViolation):
        list(listed(body[:cut]))


@pytest.mark.parametrize("stated", [0, 1])
def test_names_that_the_number_leaves_out_are_a_violation(stated: int) -> None:
    """Without them a destination would seem to be empty."""
    body = name_body((b"one", full(stat.S_IFREG | 0o640)), (b"two", full(stat.S_IFDIR | 0o755)))
    with pytest.raises(ProtocolViolation, match="more than the number"):
        list(listed(struct.pack(">I", stated) + body[4:]))


@given(st.binary(max_size=200))
def test_no_bytes_break_the_parsers_otherwise(body: bytes) -> None:
    for parse in (lambda: list(listed(body)), lambda: parse_attributes(body, 0), lambda: list(parse_strings(body))):
        with contextlib.suppress(ProtocolViolation):
            assert parse() is not None


@pytest.mark.parametrize(
    ("mtime", "seconds"), [(0, 0), (-5 * SECOND, 0), (3 * SECOND + 999, 3), (2**40 * SECOND, 2**32 - 1)]
)
def test_times_are_whole_seconds_within_32_bits(mtime: int, seconds: int) -> None:
    assert attributes_field(Attributes(mtime=mtime)) == struct.pack(">III", 8, seconds, seconds)


def test_attributes_field_sets_only_what_is_given() -> None:
    assert attributes_field(Attributes()) == struct.pack(">I", 0)
    assert attributes_field(Attributes(mode=0o640)) == struct.pack(">II", 4, 0o640)
