# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The request copy-data, byte for byte; real servers answer it in the integration tests."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import Stalled
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.client import Reply, SftpClient
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.copy_data import (
    LARGEST_PART,
    CopiedPart,
    copies_data,
    copy_data,
    parts_of,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.pool import SftpPool
from support.scripted.pipe_stream import AnsweringStream, PipeStream, packet, version
from support.scripted.sftp_wire import EXTENDED, STATUS

PART = CopiedPart(b"r", 1 << 32, 5, b"ww", 7)


@pytest.fixture
def stream() -> Iterator[PipeStream]:
    stream = PipeStream()
    yield stream
    stream.close()


@pytest.fixture
def client(stream: PipeStream) -> SftpClient:
    return SftpClient(stream)


def status(ident: int, code: int) -> bytes:
    return packet(STATUS, ident, struct.pack(">III", code, 0, 0))


@pytest.mark.parametrize(
    ("announced", "known"),
    [({}, False), ({b"copy-data": b"1"}, True), ({b"copy-data": b"2"}, False), ({b"copy-file": b"1"}, False)],
)
def test_only_the_known_version_counts(client: SftpClient, announced: dict[bytes, bytes], known: bool) -> None:
    client.extensions = announced
    assert copies_data(client) is known


def test_the_request_as_the_draft_has_it(stream: PipeStream, client: SftpClient) -> None:
    got: list[Reply] = []
    copy_data(SftpPool(stall_timeout=1.0), client, PART, got.append)
    client.flush()
    expected = struct.pack(">I", 0) + struct.pack(">I9s", 9, b"copy-data")
    expected += struct.pack(">IcQQ", 1, b"r", 1 << 32, 5) + struct.pack(">I2sQ", 2, b"ww", 7)
    assert stream.heard() == [(EXTENDED, expected)]
    stream.say(status(0, 4))
    client.receive()
    assert got == [4]


def test_no_size_is_not_taken_for_the_whole_file(stream: PipeStream, client: SftpClient) -> None:
    with pytest.raises(ValueError, match="nothing"):
        copy_data(SftpPool(stall_timeout=1.0), client, PART._replace(size=0), pytest.fail)
    client.flush()
    assert stream.heard() == []


def test_a_large_range_goes_in_parts_without_a_gap() -> None:
    whole = CopiedPart(b"r", 10, 2 * LARGEST_PART + 3, b"w", 20)
    parts = list(parts_of(whole))
    assert [part.size for part in parts] == [LARGEST_PART, LARGEST_PART, 3]
    assert [part.offset - 10 for part in parts] == [part.target_offset - 20 for part in parts]
    assert [part.offset - 10 for part in parts] == [0, LARGEST_PART, 2 * LARGEST_PART]
    assert list(parts_of(whole._replace(size=0))) == []
    assert list(parts_of(PART)) == [PART]


def test_the_server_may_be_silent_while_it_copies_and_no_longer() -> None:
    def answer(kind: int, ident: int) -> bytes:
        if kind != EXTENDED:
            return status(ident, 0)
        if stream.asked.count(EXTENDED) > 1:
            return b""
        time.sleep(0.6)
        return status(ident, 0)

    stream = AnsweringStream(version(), answer)
    pool = SftpPool(stall_timeout=0.3)
    try:
        client = pool.add(stream)
        large = PART._replace(size=LARGEST_PART)
        assert pool.call(client, lambda handler: copy_data(pool, client, large, handler)) == 0
        with pytest.raises(Stalled):
            pool.call(client, lambda handler: copy_data(pool, client, PART, handler))
    finally:
        pool.close()
