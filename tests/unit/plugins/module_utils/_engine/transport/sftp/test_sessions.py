# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The number of sessions with a server, over pipes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ConnectionFailed
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import PeerIdentity
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import FILE, Attributes, Entry
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.client import SftpClient
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Transfer
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.sessions import (
    Caller,
    SftpSessions,
)
from support.scripted.pipe_stream import AnsweringStream, packet, version

INIT, STATUS = 1, 101
MIB = 1 << 20


class Login(AnsweringStream):
    """A login that a server may refuse, or let wait. closed: how many times it was closed"""

    def __init__(self, *, refused: bool, waits: bool) -> None:
        super().__init__(version(), lambda kind, ident: b"" if kind == INIT else packet(STATUS, ident, bytes(12)))
        self.refused, self.closed, self.waits, self.ended = refused, 0, waits, threading.Event()

    def cut(self) -> None:
        self.ended.set()

    def wait_ready(self) -> PeerIdentity:
        if self.waits:
            assert self.ended.wait(60)
        if self.refused:
            raise ConnectionFailed("too many sessions")
        return super().wait_ready()

    def close(self) -> None:
        if not self.closed:
            super().close()
        self.closed += 1


class Server:
    """A server that takes some logins."""

    def __init__(self, takes: int = 99) -> None:
        self.takes, self.waits = takes, False
        self.logins: list[Login] = []
        self.met: list[SftpClient] = []
        self.notes: list[str] = []

    def log_in(self) -> Login:
        self.logins.append(Login(refused=len(self.logins) >= self.takes, waits=self.waits))
        return self.logins[-1]

    def sessions(self, parallel: int | None = None) -> SftpSessions:
        caller = Caller(lambda _identity, client: self.met.append(client), self.notes.append)
        return SftpSessions(self.log_in, caller, stall_timeout=60.0, parallel=parallel)


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    for each in server.logins:
        each.close()


def transfers(*sizes: int) -> list[Transfer]:
    path = RelPath(b"a")
    return [
        Transfer(path, path, RelPath(b".stage"), Entry(FILE, size, 0, 0o600), Attributes(None, None)) for size in sizes
    ]


def test_one_login_serves_until_it_is_lost(server: Server) -> None:
    sessions = server.sessions()
    assert (sessions.present, len(server.logins)) == (None, 1)
    for _time in range(2):
        sessions.connect()
        assert (sessions.ready(), sessions.present, sessions.pool) == (True, sessions.pool, sessions.pool)
    assert (len(server.logins), server.met) == (1, sessions.pool.clients)
    sessions.reconnect()
    assert ([each.closed for each in server.logins], len(server.met)) == ([1, 0], 2)
    sessions.close()
    assert (sessions.present, server.logins[1].closed) == (None, 1)


def test_a_login_that_was_not_waited_for_is_closed(server: Server) -> None:
    server.sessions().close()
    assert server.logins[0].closed


@pytest.mark.parametrize(("files", "count"), [(0, 1), (1, 1), (2, 2), (9, 3)])
def test_the_requested_number_as_far_as_files_fill_it(server: Server, files: int, count: int) -> None:
    sessions = server.sessions(parallel=3)
    for _time in range(2):
        sessions.widen(transfers(*[1] * files))
    assert (len(sessions.pool.clients), len(server.logins)) == (count, count)
    sessions.widen_for(999 * MIB)
    assert len(server.logins) == count, "the number was requested"
    sessions.close()


def test_refused_logins_are_noted_and_not_tried_again(server: Server) -> None:
    server.takes = 2
    sessions = server.sessions(parallel=4)
    for _time in range(2):
        sessions.widen(transfers(1, 1, 1, 1))
    assert (len(sessions.pool.clients), len(server.logins)) == (2, 4)
    assert server.notes == ["the server refused more sessions than 2: too many sessions"] * 2
    assert [each.closed for each in server.logins[2:]] == [1, 1]
    sessions.close()


@pytest.mark.parametrize(("before", "after"), [(4, 2), (2, 1), (1, 4), (0, 4)])
def test_a_lost_session_halves_their_number(server: Server, before: int, after: int) -> None:
    """A session that was alone, or did not begin, was not one too many."""
    sessions = server.sessions(parallel=4)
    if before:
        sessions.widen(transfers(*[1] * before))
    sessions.reconnect()
    sessions.widen(transfers(1, 1, 1, 1))
    closed = [1] * max(before, 1) + [0] * after
    assert (len(sessions.pool.clients), [each.closed for each in server.logins]) == (after, closed)
    sessions.close()


def test_logins_that_go_on_end_with_the_others(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SftpClient, "is_distant", True)
    sessions = server.sessions()
    sessions.connect()
    server.waits = True
    sessions.widen_for(40 * MIB)
    began = time.monotonic()
    sessions.close()
    assert [each.closed > 0 for each in server.logins] == [True] * 4
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    ("distant", "size", "count"),
    [
        (True, 8 * MIB - 1, 1),
        (True, 8 * MIB, 2),
        (True, 40 * MIB, 4),
        (True, 256 * MIB, 5),
        (True, 9999 * MIB, 8),
        (False, 512 * MIB - 1, 1),
        (False, 9999 * MIB, 2),
    ],
)
@pytest.mark.parametrize("in_one", [True, False])
def test_as_many_as_pay_for_the_bytes(
    server: Server, monkeypatch: pytest.MonkeyPatch, *, distant: bool, size: int, count: int, in_one: bool
) -> None:
    """For the files of a step, or for the rest of one file."""
    monkeypatch.setattr(SftpClient, "is_distant", distant)
    sessions = server.sessions()
    for _time in range(2):
        if in_one:
            sessions.widen_for(size)
        else:
            sessions.widen(transfers(size // 2, size - size // 2))
    assert len(server.logins) == count
    sessions.close()
