# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of a listing that a real server would not send, in one reply and in several."""

from __future__ import annotations

import stat
import struct
from collections.abc import Iterator

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.packets import (
    HANDLE,
    NAME,
    OPENDIR,
    READDIR,
    STATUS,
    string,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.pool import MOST_PENDING, SftpPool
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Page
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp import scan as sftp_scan
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.scan import Scan
from support.scripted.pipe_stream import AnsweringStream, packet, version
from support.scripted.sftp_wire import CLOSE, EOF, NO_SUCH_FILE, PERMISSION_DENIED, Attributes

LIMITS = struct.pack(">4Q", 300_000, 200_000, 200_000, 50)
FILE = Attributes(size=7, owner=(1, 2), mode=stat.S_IFREG | 0o644, times=(5, 6)).pack()


@pytest.fixture
def pool() -> Iterator[SftpPool]:
    made = SftpPool(stall_timeout=5)
    yield made
    made.close()


def scan(pool: SftpPool, *replies: list[bytes]) -> Page:
    """The page of a root whose READDIRs are answered so, and then by the end."""
    left = iter(replies)

    def answer(kind: int, ident: int) -> bytes:
        if kind == 200:
            return packet(201, ident, LIMITS)
        if kind == OPENDIR:
            return packet(HANDLE, ident, string(b"h"))
        names = next(left, None) if kind == READDIR else None
        if names is None:
            return packet(STATUS, ident, struct.pack(">III", 1 if kind == READDIR else 0, 0, 0))
        rows = b"".join(string(name) + string(b"long " + name) + FILE for name in names)
        return packet(NAME, ident, struct.pack(">I", len(names)) + rows)

    pool.add(AnsweringStream(version(b"limits@openssh.com", b"1"), answer))
    (page,) = Scan(pool, b"/tree/", read_links=False).pages(None)
    return page


@pytest.mark.parametrize(
    ("replies", "names", "problem"),
    [
        ([[b".", b"a", b".."], [b"b"]], [b"a", b"b"], None),
        ([[b"a", b"b", b"a"]], [b"b"], "duplicate_name"),
        ([[b"a", b"b"], [b"c", b"a"]], [b"b", b"c"], "duplicate_name"),
        ([[b"a", b"a", b"a"], [b"a"], [b"b"]], [b"b"], "duplicate_name"),
        ([[b"a", b"x/y"], [b"b"]], [b"a", b"b"], "unsafe_name"),
        ([[b"a", b"x\0", b""]], [b"a"], "unsafe_name"),
        ([[b"a", b""]], [b"a"], "unsafe_name"),
        ([[b"x/", b"x/", b"a"]], [b"a"], "duplicate_name"),
    ],
)
def test_which_names_are_taken(
    pool: SftpPool, replies: list[list[bytes]], names: list[bytes], problem: str | None
) -> None:
    page = scan(pool, *replies)
    assert [path for path, _entry in page.entries] == names
    assert (page.problem and page.problem.code) == problem


def test_double_names_are_dropped_once_at_the_end(pool: SftpPool, monkeypatch: pytest.MonkeyPatch) -> None:
    """If each reply with one had all entries copied, a server could double names for hours."""
    replies = [[b"%d" % number, b"twice"] for number in range(200)]
    looked: list[None] = []

    class Seen(RelPath):
        __slots__ = ()

        def __hash__(self) -> int:
            looked.append(None)
            return super().__hash__()

    monkeypatch.setattr(sftp_scan, "RelPath", Seen)
    page = scan(pool, *replies)
    assert {path for path, _entry in page.entries} == {b"%d" % number for number in range(200)}
    assert len(looked) < 1000


def test_names_to_look_at_wait_for_answers(pool: SftpPool) -> None:
    """A server that lists names without their types and never answers LSTAT would fill the memory."""
    rows = b"".join(string(b"%d" % number) + string(b"") + Attributes().pack() for number in range(3 * MOST_PENDING))
    left = [packet(NAME, 0, struct.pack(">I", 3 * MOST_PENDING) + rows)[9:]]
    pending: list[int] = []

    def answer(kind: int, ident: int) -> bytes:
        if kind == OPENDIR:
            return packet(HANDLE, ident, string(b"h"))
        if kind == READDIR and left:
            return packet(NAME, ident, left.pop())
        pending.append(pool.clients[0].pending if pool.clients else 0)
        code = {READDIR: EOF, CLOSE: 0}.get(kind, NO_SUCH_FILE)
        return packet(STATUS, ident, struct.pack(">III", code, 0, 0))

    pool.add(AnsweringStream(version(), answer))
    (page,) = Scan(pool, b"/tree/", read_links=False).pages(None)
    assert (page.entries, page.problem) == ([], None)
    assert len(pending) > 3 * MOST_PENDING
    assert max(pending) <= MOST_PENDING + 2


@pytest.mark.parametrize("attributes", [Attributes(), Attributes(mode=stat.S_IFLNK | 0o777)], ids=["bare", "link"])
@pytest.mark.parametrize(("code", "problem"), [(NO_SUCH_FILE, None), (PERMISSION_DENIED, "permission_denied")])
def test_a_name_that_is_gone_when_it_is_looked_at_is_no_entry(
    pool: SftpPool, attributes: Attributes, code: int, problem: str | None
) -> None:
    """The directory that held it has not vanished with it."""
    left = [[b"gone", b"kept"]]

    def answer(kind: int, ident: int) -> bytes:
        if kind == OPENDIR:
            return packet(HANDLE, ident, string(b"h"))
        if kind != READDIR:
            return packet(STATUS, ident, struct.pack(">III", 0 if kind == CLOSE else code, 0, 0))
        if not left:
            return packet(STATUS, ident, struct.pack(">III", EOF, 0, 0))
        gone, kept = left.pop()
        rows = string(gone) + string(b"") + attributes.pack() + string(kept) + string(b"") + FILE
        return packet(NAME, ident, struct.pack(">I", 2) + rows)

    pool.add(AnsweringStream(version(), answer))
    (page,) = Scan(pool, b"/tree/", read_links=True).pages(None)
    assert [path for path, _entry in page.entries] == [b"kept"]
    assert (page.problem and page.problem.code) == problem
