# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One loop for all pipes."""

from __future__ import annotations

import os
from typing import IO

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sealing.piped_program import Pump, Text


def pipe() -> tuple[IO[bytes], IO[bytes]]:
    reading, writing = os.pipe()
    return os.fdopen(reading, "rb", buffering=0), os.fdopen(writing, "wb", buffering=0)


def test_bytes_pass_through_pipes_that_are_smaller() -> None:
    data = os.urandom(1 << 20)
    reading, writing = pipe()
    pieces = [data[start : start + 70_000] for start in range(0, len(data), 70_000)]
    pump, taken = Pump(), []
    feed = pump.feed(writing, lambda count: pieces.pop(0) if pieces else b"")
    pump.drain(reading, taken.append)
    pump.run()
    assert b"".join(taken) == data
    assert feed.whole
    assert reading.closed
    assert writing.closed


def test_a_reader_that_leaves_early_ends_the_feed() -> None:
    reading, writing = pipe()
    reading.close()
    pump = Pump()
    feed = pump.feed(writing, lambda count: bytes(count))
    pump.run()
    assert not feed.whole


def test_a_broken_pipe_of_the_caller_is_not_swallowed() -> None:
    """The same class of error from `read` or `write` is the caller's."""

    def broken(_argument: object) -> bytes:
        raise BrokenPipeError("mine")

    for fed in (True, False):
        reading, writing = pipe()
        pump = Pump()
        if fed:
            pump.feed(writing, broken)
        else:
            writing.write(b"x")
            pump.drain(reading, broken)
        with pytest.raises(BrokenPipeError, match="mine"):
            pump.run()
        reading.close()
        writing.close()


def test_a_text_is_bounded() -> None:
    text = Text()
    for _ in range(100):
        text.take(b"\xff" + b"x" * 1000)
    assert len(str(text)) == 1 << 16
