# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a lost transfer is resumed, and where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    AuthenticationFailed,
    ConnectionLost,
    NotSupported,
    OperationFailed,
    SyncError,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.replies import Reply
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps import resume
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.jobs import Stopped
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.lane import Lane
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.ftps.server import Server
from support.scripted.scripted_session import ToldReader, ToldSession

CONTENT = b"0123456789"
LOST = ConnectionLost("gone")


class Run:
    """stopped: whether the results are no longer needed."""

    def __init__(self, *, stopped: bool = False) -> None:
        self._stopped = stopped

    def check(self) -> None:
        if self._stopped:
            raise Stopped


class Lossy(ToldSession):
    """Each transfer ends with `loss` after the next of `lengths`, then the last is whole."""

    def __init__(self, lengths: Sequence[int], loss: SyncError, *, rest: bool = True, **options: Any) -> None:
        super().__init__({b"PWD": Reply(257, (b'"/t"',))}, **options)
        self._lengths, self._loss, self._rest = list(lengths), loss, rest

    def retrieve(self, path: bytes, *, offset: int = 0) -> ToldReader:
        self.sent.append(b"RETR from %d" % offset)
        if offset and not self._rest:
            raise NotSupported("REST is not known")
        rest = CONTENT[offset:]
        return ToldReader(self, [rest[: self._lengths.pop(0)], self._loss] if self._lengths else [rest])


@pytest.fixture(autouse=True)
def worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four bytes are worth it; real parts are too long for a unit test."""
    monkeypatch.setattr(resume, "WORTH_RESUMING", 4)


def read(session: ToldSession, *, part_from: int | None = None, stopped: bool = False) -> tuple[bytes, Lane]:
    lane = Lane(session, Server(b"/t"))
    reader = lane.reader(RelPath(b"a"), Run(stopped=stopped), part_from=part_from)
    content, view = b"", memoryview(bytearray(3))
    while True:
        count = reader.read_into(view)
        if not count:
            return content, lane
        content += view[:count]


def begins(session: ToldSession) -> list[bytes]:
    return [line for line in session.sent if line.startswith(b"RETR")]


def test_a_transfer_is_resumed_at_its_byte() -> None:
    session = Lossy([5], LOST)
    content, lane = read(session)
    assert content == CONTENT
    assert begins(session) == [b"RETR from 0", b"RETR from 5"]
    assert session.sent.count(b"login") == 1
    assert any("at byte 5" in note for note in lane.server.notes)


def test_each_resumption_must_be_worth_it() -> None:
    assert read(Lossy([4, 4], LOST))[0] == CONTENT
    session = Lossy([4, 3], LOST)
    with pytest.raises(ConnectionLost):
        read(session)
    assert begins(session) == [b"RETR from 0", b"RETR from 4"]


def test_a_short_transfer_is_not_resumed() -> None:
    session = Lossy([3], LOST)
    with pytest.raises(ConnectionLost):
        read(session)
    assert b"login" not in session.sent


def test_an_error_of_the_file_is_not_resumed() -> None:
    session = Lossy([5], OperationFailed("read error"))
    with pytest.raises(OperationFailed):
        read(session)
    assert b"login" not in session.sent


def test_a_part_is_resumed_once_in_any_case() -> None:
    session = Lossy([1], LOST)
    assert read(session, part_from=2)[0] == CONTENT[2:]
    assert begins(session) == [b"RETR from 2", b"RETR from 3"]
    with pytest.raises(ConnectionLost):
        read(Lossy([1, 1], LOST), part_from=2)


@pytest.mark.parametrize(
    "session",
    [Lossy([5], LOST, logins=[AuthenticationFailed("no")]), Lossy([5], LOST, rest=False)],
    ids=["login", "REST"],
)
def test_a_resumption_that_fails_is_the_loss(session: Lossy) -> None:
    with pytest.raises(ConnectionLost) as caught:
        read(session)
    assert caught.value is LOST


def test_nothing_is_resumed_for_a_run_that_is_over() -> None:
    session = Lossy([5], LOST)
    with pytest.raises(Stopped):
        read(session, stopped=True)
    assert b"login" not in session.sent
