# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hashing over SFTP on servers that answer in any order, in small parts, or with a gap: the digest, and the memory."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.relpath import RelPath
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.client import SftpClient
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.pool import LONGEST_SILENCE, SftpPool
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.base import Digested
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.digest import (
    CheckFile,
    OrderedHash,
    ReadBack,
)
from support.scripted.file_requests import FileRequests
from support.scripted.pipe_stream import PipeStream
from support.scripted.sftp_table import sftp_table
from support.scripted.sftp_wire import LSTAT, Attributes, attributes

PATH = RelPath(b"a")


@contextmanager
def session() -> Iterator[tuple[SftpPool, SftpClient]]:
    """Yield a pool with one session whose far end is silent."""
    pool = SftpPool(stall_timeout=10.0)
    client = SftpClient(PipeStream())
    pool._adopt(client)
    yield pool, client
    pool.close()


@pytest.mark.parametrize("most", [1, 7, 1 << 20])
@pytest.mark.parametrize("order", ["first", "last", "any"])
def test_a_file_is_hashed_in_order_whatever_the_order_of_the_replies(most: int, order: str) -> None:
    draw = random.Random(3)
    content = draw.randbytes(300)
    pick = {"first": lambda waiting: 0, "last": lambda waiting: waiting - 1, "any": draw.randrange}[order]
    results: list[Digested] = []
    with session() as (pool, client):
        client.limits = client.limits._replace(read=50)
        server = FileRequests(pool, content)
        ReadBack(PATH, b"/a", pool, len(content)).start(client, results.append)
        server.answer_all(pick, most)
        assert client.in_flight == 0
    (result,) = results
    assert (result.digest, result.size, result.error) == (hashlib.sha256(content).digest(), 300, None)


@pytest.mark.parametrize("most", [1 << 20, 254_000])
def test_a_gap_that_stays_ends_the_reading_ahead(most: int) -> None:
    """Else everything behind the gap would be kept, and the server chooses how much that is."""
    results: list[Digested] = []
    with session() as (pool, client):
        client.limits = client.limits._replace(read=255 << 10)
        server = FileRequests(pool, b"", size=1 << 40)
        ReadBack(PATH, b"/a", pool, 1 << 40).start(client, results.append)
        asked = server.answer_behind_a_gap(most, limit=400)
        assert asked <= 9 << 20
        assert not results
        server.refuse_all()
        assert client.in_flight == 0
    assert results[0].error is not None


def test_many_files_with_gaps_share_one_window() -> None:
    with session() as (_pool, client):
        hashes = [OrderedHash(client) for _number in range(100)]
        for each in hashes:
            each.take(1, b"", memoryview(bytes(1000)), whole=True)
        assert client.in_flight == 100_000
        for each in hashes:
            each.take(0, b"", memoryview(b"x"), whole=True)
        assert client.in_flight == 0
        assert {each.size for each in hashes} == {1001}


def test_a_size_that_a_server_claims_grants_it_no_years_of_silence() -> None:
    with sftp_table({LSTAT: attributes(Attributes(size=(1 << 64) - 1, mode=0o100644))}) as session_:
        pool = session_.pool
        most: list[float] = []
        grant = pool.grant

        def recorded(seconds: float) -> None:
            grant(seconds)
            most.append(pool._allowed())

        pool.grant = recorded
        list(pool.run(CheckFile(PATH, b"/a", pool) for _number in range(5)))
    assert max(most) == 10.0 + LONGEST_SILENCE
    assert min(most) >= 10.0
