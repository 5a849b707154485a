# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pipe between a stream and the SFTP client."""

from __future__ import annotations

import contextlib
import os
import select
from collections.abc import Iterator

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.stream import one_way


@pytest.fixture
def ends() -> Iterator[tuple[int, int]]:
    reader, writer = one_way()
    yield reader, writer
    for end in (reader, writer):
        os.close(end)


def is_writable(writer: int) -> bool:
    return bool(select.select([], [writer], [], 0)[1])


def test_one_way_that_children_do_not_inherit(ends: tuple[int, int]) -> None:
    reader, writer = ends
    assert not os.get_inheritable(reader)
    assert not os.get_inheritable(writer)
    os.write(writer, b"x")
    assert os.read(reader, 2) == b"x"


def test_a_writer_is_woken_when_most_is_free(ends: tuple[int, int]) -> None:
    reader, writer = ends
    os.set_blocking(writer, False)
    written = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            written += os.write(writer, bytes(32768))
    assert written > 128 << 10
    os.read(reader, 4096)
    assert not is_writable(writer)
    while written > 64 << 10:
        written -= len(os.read(reader, 65536))
    assert is_writable(writer)
