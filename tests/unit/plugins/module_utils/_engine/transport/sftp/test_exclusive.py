# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server's RENAME of a file to the name that it has shows whether RENAME replaces."""

from __future__ import annotations

import struct
from functools import partial

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.pool import SftpPool
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sftp.root import (
    RENAME_REPLACES,
    Exclusive,
)
from support.scripted.pipe_stream import AnsweringStream, packet, version
from support.scripted.sftp_wire import CLOSE, FAILURE, NO_SUCH_FILE, OK, RENAME, STATUS


@pytest.mark.parametrize(
    ("code", "replaces", "notes", "asked"),
    [(FAILURE, False, [], 1), (OK, True, [RENAME_REPLACES], 1), (NO_SUCH_FILE, None, [], 2)],
)
def test_it_is_asked_with_the_first_close_until_it_is_known(
    code: int, replaces: bool | None, notes: list[str], asked: int
) -> None:
    def answer(kind: int, ident: int) -> bytes:
        return packet(STATUS, ident, struct.pack(">III", code if kind == RENAME else OK, 0, 0))

    stream, pool, told = AnsweringStream(version(), answer), SftpPool(stall_timeout=10.0), list[str]()
    try:
        client = pool.add(stream)
        exclusive = Exclusive(told.append)
        for _number in range(2):
            assert pool.call(client, partial(exclusive.close, client, b"handle", b"/f")) == OK
    finally:
        pool.close()
    assert (exclusive.replaces, told) == (replaces, notes)
    assert (stream.asked.count(RENAME), stream.asked.count(CLOSE)) == (asked, 2)
