# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes that a thread writes and a reader pulls."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import SourceChanged
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.transport.sealed.source import (
    PulledBytes,
)


def read(pulled: PulledBytes, count: int) -> bytes:
    buffer = bytearray(count)
    return bytes(buffer[: pulled.read_into(memoryview(buffer))])


def test_each_read_is_filled_until_the_end() -> None:
    def produce(write: Callable[[bytes], None]) -> None:
        for part in (b"ab", b"", b"cdefg", b"h"):
            write(part)

    pulled = PulledBytes(produce)
    assert [read(pulled, 3) for _ in range(4)] == [b"abc", b"def", b"gh", b""]
    pulled.close()


def test_an_error_comes_out_behind_the_bytes_before_it() -> None:
    error = SourceChanged("it changed")

    def produce(write: Callable[[bytes], None]) -> None:
        write(b"ab")
        raise error

    pulled = PulledBytes(produce)
    assert read(pulled, 2) == b"ab"
    with pytest.raises(SourceChanged) as caught:
        read(pulled, 1)
    assert caught.value is error
    pulled.close()


def test_few_blocks_wait_and_a_reader_that_gives_up_ends_the_thread() -> None:
    written = []

    def produce(write: Callable[[bytes], None]) -> None:
        while True:
            write(b"x")
            written.append(1)

    before = threading.active_count()
    pulled = PulledBytes(produce)
    assert read(pulled, 4) == b"xxxx"
    pulled.close()
    pulled.close()
    assert threading.active_count() == before
    assert len(written) < 64
    assert read(pulled, 1) in (b"", b"x")
