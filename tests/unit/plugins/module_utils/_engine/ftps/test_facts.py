# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of MLSD and MLST."""

from __future__ import annotations

import contextlib

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ProtocolViolation,
    SyncError,
    UnsafeName,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.listing import (
    SECOND,
    Listed,
    mlsd_entry,
    mlst_entry,
    render_time,
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

PROFTPD = (
    b"modify=20261124201749;perm=adfrw;size=1;type=file;unique=FE00UAB6A83;UNIX.group=20001;"
    b"UNIX.groupname=domain users;UNIX.mode=0644;UNIX.owner=20001;UNIX.ownername=mirror;  lead; x "
)
PURE = b"type=dir;sizd=4096;modify=20261124201749;UNIX.mode=02755;UNIX.uid=0;UNIX.gid=0;unique=fe00gab6fa1; d\xff"

NAMES = st.binary(min_size=1, max_size=40).filter(
    lambda name: name not in (b".", b"..") and not set(name) & set(b"/\0")
)


def test_real_lines() -> None:
    mtime = 1_795_551_469 * SECOND
    assert mlsd_entry(PROFTPD) == Listed(b" lead; x ", FILE, 1, mtime, 0o644)
    assert mlsd_entry(PURE) == Listed(b"d\xff", DIRECTORY, None, mtime, 0o755)


@pytest.mark.parametrize("name", [b".", b"/srv/files", b"../.."])
def test_the_directory_and_its_parent_are_no_entries(name: bytes) -> None:
    assert mlsd_entry(b"Type=cdir;Perm=el; " + name) is None
    assert mlsd_entry(b"type=PDIR; " + name) is None


def test_facts_are_case_insensitive_and_mtime_may_have_fractions() -> None:
    listed = mlsd_entry(b"TYPE=File;SIZE=12;Modify=19700101000001.25;Unix.Mode=7777; a")
    assert listed == Listed(b"a", FILE, 12, SECOND + SECOND // 4, 0o777)


@pytest.mark.parametrize(
    ("value", "kind", "target"),
    [
        (b"OS.unix=slink:../x", LINK, b"../x"),
        (b"OS.unix=slink:", LINK, None),
        (b"OS.unix=slink", LINK, None),
        (b"OS.unix=symlink", LINK, None),
        (b"OS.unix=chr-13/29", SPECIAL, None),
        (b"OS.unix=fifo", SPECIAL, None),
        (b"something", SPECIAL, None),
    ],
)
def test_other_types(value: bytes, kind: str, target: bytes | None) -> None:
    listed = mlsd_entry(b"type=" + value + b"; a")
    assert listed == Listed(b"a", kind, target=target)


@pytest.mark.parametrize("name", [b"", b".", b"..", b"/etc/passwd", b"a/b", b"../x", b"a\0b"])
def test_names_that_leave_the_directory_are_refused(name: bytes) -> None:
    with pytest.raises(UnsafeName):
        mlsd_entry(b"type=file;size=1; " + name)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"this is no entry",
        b"size=1; a",
        b"type=; a",
        b"type=file a",
        b"type=file;size=-1; a",
        b"type=file;size=%d; a" % 2**80,
        b"type=file;modify=20261332000000; a",
        b"type=file;UNIX.mode=rw; a",
        b"type=file;junk; a",
        b" a",
    ],
)
def test_lines_that_cannot_be_understood_are_refused(line: bytes) -> None:
    with pytest.raises(ProtocolViolation, match="cannot be parsed"):
        mlsd_entry(line)


def test_mlst() -> None:
    assert mlst_entry(b" type=file;size=3; /srv/files/a b").name == b"a b"
    assert mlst_entry(b"type=file;size=3; a b").name == b"a b"
    assert mlst_entry(b" type=cdir; /srv/files/") == Listed(b"files", DIRECTORY)
    assert mlst_entry(b" type=dir; /") == Listed(b"", DIRECTORY)
    with pytest.raises(UnsafeName):
        mlst_entry(b" type=dir; /srv/..")


@given(NAMES, st.integers(0, 2**59), st.integers(-(10**9), 10**10), st.integers(0, 0o777))
def test_what_is_rendered_is_read_again(name: bytes, size: int, seconds: int, mode: int) -> None:
    time = render_time(seconds * SECOND)
    line = b"size=%d;modify=%s;type=file;UNIX.mode=0%o; %s" % (size, time, mode, name)
    assert mlsd_entry(line) == Listed(name, FILE, size, seconds * SECOND, mode)


PARTS = st.sampled_from(
    [b"type=file;", b"type=dir;", b"size=", b"modify=2026", b"; ", b"=", b";", b"9", b"OS.unix=slink:"]
)


@given(st.lists(st.one_of(st.binary(max_size=20), PARTS), max_size=10).map(b"".join))
def test_arbitrary_bytes_give_an_entry_or_an_error_of_ours(line: bytes) -> None:
    with contextlib.suppress(SyncError):
        listed = mlsd_entry(line)
        assert listed is None or check_name(listed.name) == listed.name
    with contextlib.suppress(SyncError):
        mlst_entry(line)


def test_a_mode_with_the_prefix_of_python() -> None:
    listed = mlsd_entry(b"type=file;size=1;modify=20261124201749;unix.mode=0o640; f")
    assert listed is not None
    assert listed.mode == 0o640
