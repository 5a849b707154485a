# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of LIST: real lines of several servers, invented lines, and arbitrary bytes."""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ProtocolViolation,
    SyncError,
    UnsafeName,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.listing import (
    SECOND,
    Listed,
    list_entry,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import check_name
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import (
    DIRECTORY,
    FILE,
    LINK,
    SPECIAL,
)
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    return int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp()) * SECOND


def entry(line: bytes, now: datetime = NOW) -> Listed | None:
    return list_entry(line, now=now.timestamp())


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            b"-rw-r--r--    1 20001    20001           1 Nov 24 20:17  lead",
            Listed(b" lead", FILE, 1, at(2026, 11, 24, 20, 17), 0o644),
        ),
        (
            b"drwxr-xr-x   3 mirror   mirror       4096 Jan  1  2020 d",
            Listed(b"d", DIRECTORY, 4096, at(2020, 1, 1), 0o755),
        ),
        (
            b"-rwsr-Sr-T   1 o g 5 Dec 31 23:59 x y ",
            Listed(b"x y ", FILE, 5, at(2025, 12, 31, 23, 59), 0o744),
        ),
        (
            b"-rw-rw-r--+  1 domain users 12 domain admins 77 Feb 29 10:00 five 5 Mar 3 10:00 x",
            Listed(b"five 5 Mar 3 10:00 x", FILE, 77, at(2024, 2, 29, 10), 0o664),
        ),
        (
            b"crw-rw-rw-    1 0        0          1,   3 Nov 24 10:00 null",
            Listed(b"null", SPECIAL, 0, at(2026, 11, 24, 10), 0o666),
        ),
        (
            b"prw-------    1 0        0             0 Nov 24 10:00 p",
            Listed(b"p", SPECIAL, 0, at(2026, 11, 24, 10), 0o600),
        ),
        (
            b"-rw-r--r-- 1 u g 9 2026-01-31 12:00 iso",
            Listed(b"iso", FILE, 9, at(2026, 1, 31, 12), 0o644),
        ),
        (b"-rw-r--r-- 1 u g 9 24. Okt 09:05 tag", Listed(b"tag", FILE, 9, at(2026, 10, 24, 9, 5), 0o644)),
        ("-rw-r--r-- 1 u g 9 août 24 2019 x".encode(), Listed(b"x", FILE, 9, at(2019, 8, 24), 0o644)),
        ("-rw-r--r-- 1 u g 9 11月 24 20:17 x".encode(), Listed(b"x", FILE, 9, at(2026, 11, 24, 20, 17), 0o644)),
        (b"-rw-r--r-- 1 u g 9 Qqq 24 20:17 x", Listed(b"x", FILE, 9, None, 0o644)),
        (
            b"01-16-02  11:14AM       <DIR>          epsgroup",
            Listed(b"epsgroup", DIRECTORY, 0, at(2002, 1, 16, 11, 14)),
        ),
        (
            b"10-16-2020  12:05AM               123456 a name.txt",
            Listed(b"a name.txt", FILE, 123456, at(2020, 10, 16, 0, 5)),
        ),
        (b"10-16-99  23:14                  1 a", Listed(b"a", FILE, 1, at(1999, 10, 16, 23, 14))),
        (b"10-16-20  11:14PM  <JUNCTION>     a", Listed(b"a", SPECIAL, 0, at(2020, 10, 16, 23, 14))),
    ],
)
def test_lines(line: bytes, expected: Listed) -> None:
    assert entry(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"total 12",
        b"insgesamt 12K",
        b"drwxr-xr-x    3 20001    20001        4096 Nov 24 20:17 .",
        b"drwxr-xr-x    5 0        0             100 Nov 24 20:17 ..",
    ],
)
def test_what_is_no_entry(line: bytes) -> None:
    assert entry(line) is None


@pytest.mark.parametrize(
    ("text", "size", "name", "target"),
    [
        (b"a -> b", 1, b"a", b"b"),
        (b"a -> b -> c", 1, b"a -> b", b"c"),
        (b"a -> b -> c", 6, b"a", b"b -> c"),
        (b"a -> b", 99, b"a", b"b"),
        (b"no target", 3, b"no target", None),
    ],
)
def test_links(text: bytes, size: int, name: bytes, target: bytes | None) -> None:
    listed = entry(b"lrwxrwxrwx 1 u g %d Nov 24 20:17 %s" % (size, text))
    assert listed is not None
    assert (listed.kind, listed.name, listed.target) == (LINK, name, target)


def test_a_file_may_have_an_arrow_in_its_name() -> None:
    listed = entry(b"-rw-r--r-- 1 u g 1 Nov 24 20:17 a -> b")
    assert listed is not None
    assert (listed.name, listed.target) == (b"a -> b", None)


@pytest.mark.parametrize("days", [-363, -100, -1, 0, 1])
def test_a_date_without_year_is_the_last_one(days: int) -> None:
    when = (NOW + timedelta(days=days)).replace(second=0)
    listed = entry(b"-rw-r--r-- 1 u g 1 %s x" % when.strftime("%b %d %H:%M").encode())
    assert listed is not None
    assert listed.mtime == int(when.timestamp()) * SECOND


def test_new_year() -> None:
    now = datetime(2027, 1, 1, 0, 1, tzinfo=UTC)
    assert entry(b"-rw-r--r-- 1 u g 1 Dec 31 23:59 x", now).mtime == at(2026, 12, 31, 23, 59)
    before = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
    assert entry(b"-rw-r--r-- 1 u g 1 Jan 01 00:05 x", before).mtime == at(2027, 1, 1, 0, 5)


@pytest.mark.parametrize("name", [b"/etc/x", b"a/b", b"", b"a\0b"])
def test_names_that_leave_the_directory_are_refused(name: bytes) -> None:
    with pytest.raises(UnsafeName):
        entry(b"-rw-r--r-- 1 u g 1 Nov 24 20:17 " + name)


@pytest.mark.parametrize("name", [b".", b".."])
def test_a_file_of_a_directory_name_is_refused(name: bytes) -> None:
    with pytest.raises(UnsafeName):
        entry(b"-rw-r--r-- 1 u g 1 Nov 24 20:17 " + name)


@pytest.mark.parametrize(
    "line",
    [
        b"this is no entry",
        b"-rw-r--r-- 1 u g 1 Nov 24 20:17",
        b"-rw-r--r-- 1 u g 1 Nov 31 20:17 x",
        b"-rw-r--r-- 1 u g 1 Nov 24 25:17 x",
        b"-rw-r--r-- 1 u g %d Nov 24 20:17 x" % 2**80,
        b"lrwxrwxrwx 1 u g 99 Nov 24 20:17 a -> b -> c",
        b"13-16-02  11:14AM       <DIR>          x",
        b"01-16-02  13:14AM       <DIR>          x",
        b"total",
        b"ls: cannot open directory: Permission denied",
    ],
)
def test_lines_that_cannot_be_understood_are_refused(line: bytes) -> None:
    with pytest.raises(ProtocolViolation, match="cannot be parsed"):
        entry(line)


NAMES = st.binary(min_size=1, max_size=40).filter(
    lambda name: name not in (b".", b"..") and not set(name) & set(b"/\0")
)
OWNERS = st.text("abc xyz-_.", min_size=1, max_size=12).map(str.encode)


@given(NAMES, OWNERS, st.integers(0, 10**17), st.integers(0, 363 * 1440), st.integers(0, 0o777))
def test_what_is_rendered_is_read_again(name: bytes, owner: bytes, size: int, minutes: int, mode: int) -> None:
    when = NOW - timedelta(minutes=minutes)
    letters = "".join(letter if mode >> 8 - place & 1 else "-" for place, letter in enumerate("rwxrwxrwx")).encode()
    line = b"-%s %4d %-8s %-8s %8d %s %s" % (
        letters,
        1,
        owner,
        owner,
        size,
        when.strftime("%b %e %H:%M").encode(),
        name,
    )
    assert entry(line) == Listed(name, FILE, size, int(when.timestamp()) * SECOND, mode)


PARTS = st.sampled_from(
    [
        b"-rw-r--r-- ",
        b"lrwxrwxrwx ",
        b"1 ",
        b"u g ",
        b"Nov 24 20:17 ",
        b"24. Okt 2020 ",
        b"<DIR> ",
        b"01-16-02  11:14AM ",
        b" -> ",
    ]
)


@given(st.lists(st.one_of(st.binary(max_size=20), PARTS), max_size=12).map(b"".join))
def test_arbitrary_bytes_give_an_entry_or_an_error_of_ours(line: bytes) -> None:
    with contextlib.suppress(SyncError):
        listed = entry(line)
        assert listed is None or check_name(listed.name) == listed.name


@pytest.mark.parametrize("filling", [b"1 ", b" ", b"1", b"a", b"Nov 24 ", b" -> ", b"1, "])
def test_long_lines_take_no_time(filling: bytes) -> None:
    line = b"lrw-r--r-- 1 " + filling * (60_000 // len(filling))
    began = time.process_time()
    with contextlib.suppress(SyncError):
        entry(line)
    assert time.process_time() - began < 0.5
