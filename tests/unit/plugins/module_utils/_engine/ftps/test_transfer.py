# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A data connection with real TLS: the result of one read; the lines of a listing. Whole transfers: integration."""

from __future__ import annotations

import socket
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import cast

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionLost,
    ProtocolViolation,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.channel import Channel, Patience
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.control import Control
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.transfer import DataReader, lines_of
from support.scripted.tls_pair import TlsPair


class Scene:
    """A transfer that has begun: `far` sends its content, `server` the replies.

    usable: state of the session afterwards.
    """

    def __init__(self, data: TlsPair, ours: socket.socket, server: socket.socket) -> None:
        self.far, self.server = data.far, server
        self.usable: list[bool] = []
        self.reader = DataReader(Control(Channel(ours, Patience("the server", 5.0))), b"file", self.usable.append)
        self.reader.attach(data.channel)
        server.sendall(b"150 here it comes\r\n")
        self.reader.begin()
        data.channel.watch = self.reader.watch
        self.view = memoryview(bytearray(1 << 16))

    def read(self) -> bytes:
        return bytes(self.view[: self.reader.read_into(self.view)])


@pytest.fixture
def scene() -> Iterator[Scene]:
    data = TlsPair()
    ours, server = socket.socketpair()
    ours.setblocking(False)
    with ours, server:
        yield Scene(data, ours, server)
    data.close()


def test_one_read_gives_all_records_that_are_there(scene: Scene) -> None:
    for part in (b"a" * 16384, b"b" * 16384, b"c"):
        scene.far.send(part)
    assert scene.read() == b"a" * 16384 + b"b" * 16384 + b"c"
    scene.far.send(b"later")
    assert scene.read() == b"later"


def test_a_read_gives_no_more_than_it_was_asked_for(scene: Scene) -> None:
    scene.far.send(b"12345678")
    scene.view = scene.view[:5]
    assert [scene.read(), scene.read()] == [b"12345", b"678"]


def test_a_clean_end_behind_content(scene: Scene) -> None:
    scene.far.send(b"all of it")
    with suppress(OSError):
        scene.far.unwrap()
    assert [scene.read(), scene.read()] == [b"all of it", b""]
    scene.server.sendall(b"226 done\r\n")
    scene.reader.finish()
    assert scene.usable == [True]


def test_what_came_before_a_cut_is_given_first(scene: Scene) -> None:
    scene.far.send(b"the beginning")
    scene.far.close()
    scene.server.sendall(b"226 done\r\n")
    assert scene.read() == b"the beginning"
    with pytest.raises(ConnectionLost):
        scene.read()
    assert scene.usable == [False]


class Pieces:
    """A data connection whose content arrives in these pieces."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces = list(pieces)

    def read_into(self, view: memoryview) -> int:
        piece = self._pieces.pop(0) if self._pieces else b""
        view[: len(piece)] = piece
        return len(piece)


class Slow(Pieces):
    """As Pieces; each takes 10 ms."""

    def read_into(self, view: memoryview) -> int:
        time.sleep(0.01)
        return super().read_into(view)


def lines(*pieces: bytes) -> list[bytes]:
    return list(lines_of(cast("DataReader", Pieces(pieces))))


@pytest.mark.parametrize(
    "pieces",
    [[b"one\r\ntwo\r\n"], [b"one\ntwo\n"], [b"one\r", b"\ntw", b"o\r\n"], [b"one\n", b"two"], [b"o", b"ne\ntwo\n"]],
)
def test_lines_whatever_their_ends_and_pieces(pieces: list[bytes]) -> None:
    assert lines(*pieces) == [b"one", b"two"]


def test_nothing_and_empty_lines() -> None:
    assert lines() == []
    assert lines(b"\n\r\na\n") == [b"", b"", b"a"]


def test_a_carriage_return_inside_stays() -> None:
    assert lines(b"a\rb\r\r\n") == [b"a\rb\r"]


def test_a_line_without_end_is_refused() -> None:
    with pytest.raises(ProtocolViolation, match="longer than 65536 bytes"):
        lines(*[b"x" * 1000] * 100)
    assert len(lines(b"x" * 65536)[0]) == 65536


@pytest.mark.parametrize("piece", [b"\n" * 1000, b"type=cdir; .\r\n" * 1000, b"x" * 60_000 + b"\n"])
def test_a_listing_without_end_is_refused(piece: bytes) -> None:
    read = lines_of(cast("DataReader", Pieces([piece] * 1000)), most=20_000)
    with pytest.raises(ProtocolViolation, match="more than 20000 lines"):
        deque(read, maxlen=0)


def test_a_listing_has_as_many_lines_as_the_limit() -> None:
    read = lines_of(cast("DataReader", Pieces([b"name\n" * 1000] * 20)), most=20_000)
    assert sum(1 for _line in read) == 20_000


def test_a_listing_that_is_sent_slowly_ends_at_its_time() -> None:
    """No line ever comes."""
    with pytest.raises(ProtocolViolation, match="takes more than"):
        deque(lines_of(cast("DataReader", Slow([b"x"] * 5000)), seconds=0.05), maxlen=0)
