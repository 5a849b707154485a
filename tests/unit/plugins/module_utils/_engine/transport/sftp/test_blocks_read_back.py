# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading back blocks on servers that answer in any order, in small parts, or with a gap."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SyncError
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.client import SftpClient
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.pool import SftpPool
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.blocks_read_back import (
    BlocksReadBack,
    SentBlock,
)
from support.scripted.file_requests import FileRequests
from support.scripted.pipe_stream import PipeStream

PATH = RelPath(b"a")
CONTENT = random.Random(5).randbytes(500)


def blocks(*places: tuple[int, int]) -> list[SentBlock]:
    """Return the blocks of CONTENT at these offsets and of these sizes."""
    return [SentBlock(at, size, hashlib.sha256(CONTENT[at : at + size]).digest()) for at, size in places]


@contextmanager
def session() -> Iterator[tuple[SftpPool, SftpClient]]:
    """Yield a pool with one session whose far end is silent."""
    pool = SftpPool(stall_timeout=10.0)
    client = SftpClient(PipeStream())
    client.limits = client.limits._replace(read=50)
    pool._adopt(client)
    yield pool, client
    pool.close()


@pytest.mark.parametrize("damaged", [False, True])
@pytest.mark.parametrize("most", [1, 7, 1 << 20])
@pytest.mark.parametrize("order", ["first", "last", "any"])
def test_blocks_are_compared_whatever_the_order_of_the_replies(most: int, order: str, damaged: bool) -> None:
    pick = {"first": lambda waiting: 0, "last": lambda waiting: waiting - 1, "any": random.Random(7).randrange}[order]
    stored = CONTENT[:480] + bytes(20) if damaged else CONTENT
    results: list[object] = []
    with session() as (pool, client):
        server = FileRequests(pool, stored)
        BlocksReadBack(PATH, b"/a", 500, blocks((100, 120), (220, 120), (400, 100)), pool).start(client, results.append)
        server.answer_all(pick, most)
        assert client.in_flight == 0
    (result,) = results
    assert isinstance(result, SyncError) if damaged else result == 340


def test_gaps_in_blocks_end_the_reading() -> None:
    """A server that never sends the first byte of a block would have all others kept."""
    results: list[object] = []
    size = 1 << 20
    with session() as (pool, client):
        client.limits = client.limits._replace(read=255 << 10)
        server = FileRequests(pool, b"", size=400 * size)
        wanted = [SentBlock(number * size, size, b"") for number in range(400)]
        BlocksReadBack(PATH, b"/a", 400 * size, wanted, pool).start(client, results.append)
        asked = server.answer_behind_a_gap(1 << 20, limit=1000, gap=size)
        assert asked <= 9 << 20
        server.refuse_all()
        assert client.in_flight == 0
    assert isinstance(results[0], SyncError)


def test_short_replies_take_time_in_proportion_to_their_number() -> None:
    """They took 10 s when all replies so far were added up at each of them."""
    results: list[object] = []
    content = bytes(40_000)
    with session() as (pool, client):
        server = FileRequests(pool, content)
        block = SentBlock(0, len(content), hashlib.sha256(content).digest())
        BlocksReadBack(PATH, b"/a", len(content), [block], pool).start(client, results.append)
        started = time.process_time()
        server.answer_all(lambda waiting: 0, 1)
    assert results == [len(content)]
    assert time.process_time() - started < 4
