# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions that log in while a pool works: taken in, refused, cut off."""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Iterator

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionFailed,
    ConnectTimeout,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import PeerIdentity
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.client import SftpClient
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.pool import SftpPool
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.sessions import Joining
from support.running.patience import HANG_SECONDS
from support.scripted.pipe_stream import AnsweringStream, packet, version


def usual(kind: int, ident: int) -> bytes:
    if kind == 200:
        return packet(201, ident, struct.pack(">4Q", 300_000, 200_000, 100_000, 50))
    return packet(101, ident, struct.pack(">III", 0, 0, 0))


class Arriving(AnsweringStream):
    """A login that ends on command."""

    def __init__(self) -> None:
        super().__init__(version(b"limits@openssh.com", b"1"), usual)
        self.goes_on, self.was_cut = threading.Event(), False

    def wait_ready(self) -> PeerIdentity:
        self.goes_on.wait(HANG_SECONDS)
        if self.was_cut:
            raise ConnectTimeout("cut")
        return super().wait_ready()

    def cut(self) -> None:
        self.was_cut = True
        self.goes_on.set()


class Refused(Arriving):
    """A login that fails."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def wait_ready(self) -> PeerIdentity:
        raise self.error


@pytest.fixture
def pool() -> Iterator[SftpPool]:
    made = SftpPool(stall_timeout=1)
    made.add(AnsweringStream(version(b"limits@openssh.com", b"1"), usual))
    yield made
    made.close()


def arrived(pool: SftpPool) -> tuple[Joining, Arriving]:
    """A login that has ended well, of which the pool does not know yet."""
    joining, stream = Joining(pool), Arriving()
    joining.start(stream)
    stream.goes_on.set()
    while joining.count:
        time.sleep(0.001)
    return joining, stream


def test_one_that_comes_while_the_pool_works_is_told_of(pool: SftpPool) -> None:
    joining, stream = Joining(pool), Arriving()
    told: list[SftpClient] = []
    pool.joined.append(told.append)
    joining.start(stream)
    assert (joining.count, len(pool.clients)) == (1, 1)
    stream.goes_on.set()
    joining.wait()
    assert (joining.count, len(pool.clients)) == (0, 2)
    assert told == [pool.clients[1]]
    assert told[0].limits.write == 100_000
    assert joining.refusals() == []


def test_the_next_turn_takes_it_in(pool: SftpPool) -> None:
    arrived(pool)
    assert len(pool.clients) == 1
    pool.turn()
    assert len(pool.clients) == 2


@pytest.mark.parametrize("error", [ConnectionFailed("too many"), OSError("too many")])
def test_one_that_is_refused_is_told_once_and_closed(pool: SftpPool, error: Exception) -> None:
    joining, stream = Joining(pool), Refused(error)
    joining.start(stream)
    joining.wait()
    assert [str(error) for error in joining.refusals()] == ["too many"]
    assert joining.refusals() == []
    assert len(pool.clients) == 1
    assert stream.read_fd == -1


def test_the_end_waits_for_no_login(pool: SftpPool) -> None:
    joining, stream = Joining(pool), Arriving()
    joining.start(stream)
    joining.close()
    assert joining.count == 0
    assert stream.read_fd == -1


def test_one_that_comes_at_the_end_is_closed(pool: SftpPool) -> None:
    joining, stream = arrived(pool)
    joining.close()
    pool.close()
    assert stream.read_fd == -1
