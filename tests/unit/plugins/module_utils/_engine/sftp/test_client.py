# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests, replies in any order, and replies that break the protocol."""

# The exact class is meant, not one below it; pylint: disable=unidiomatic-typecheck
from __future__ import annotations

import os
import struct
from collections.abc import Iterator

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionLost,
    NotFound,
    NotSupported,
    OperationFailed,
    PermissionDenied,
    ProtocolViolation,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.client import (
    SftpClient,
    data_of,
    say_hello,
)
from support.scripted.pipe_stream import PipeStream, packet
from support.scripted.sftp_wire import CLOSE, DATA, FSETSTAT, FSTAT, HANDLE, LSTAT, NAME, OPEN, READ, STATUS, WRITE

Made = tuple[PipeStream, SftpClient]


@pytest.fixture
def made() -> Iterator[Made]:
    stream = PipeStream()
    yield stream, SftpClient(stream)
    stream.close()


def status(ident: int, code: int, text: bytes = b"") -> bytes:
    return packet(STATUS, ident, struct.pack(">II", code, len(text)) + text + struct.pack(">I", 0))


def string(value: bytes) -> bytes:
    return struct.pack(">I", len(value)) + value


def test_hello_is_init_of_version_3(made: Made) -> None:
    stream, _client = made
    say_hello(stream)
    assert stream.heard() == [(1, struct.pack(">I", 3))]


def test_a_greeting_is_awaited_like_a_reply(made: Made) -> None:
    stream, client = made
    greetings: list[bytes] = []
    client.on_version(lambda body: greetings.append(bytes(body)))
    client.close_handle(b"h", lambda _reply: None)
    assert client.pending == 2
    stream.say(struct.pack(">IBI", 5, 2, 3))
    client.receive()
    assert (client.pending, greetings) == (1, [struct.pack(">I", 3)])


def test_replies_find_their_requests_in_any_order(made: Made) -> None:
    stream, client = made
    got: list[object] = []
    client.open(b"a", 1, struct.pack(">I", 0), lambda reply: got.append(("open", reply)))
    client.read(b"h", 5, 10, lambda reply: got.append(("read", bytes(data_of(reply)))))
    client.close_handle(b"h", lambda reply: got.append(("close", reply)))
    client.flush()
    assert [kind for kind, _body in stream.heard()] == [OPEN, READ, 4]
    stream.say(status(2, 0) + packet(DATA, 1, string(b"0123456789")) + packet(HANDLE, 0, string(b"new")))
    client.receive()
    assert got == [("close", 0), ("read", b"0123456789"), ("open", b"new")]
    assert client.pending == 0


def test_a_server_that_answers_out_of_order_gets_one_request_at_a_time(made: Made) -> None:
    stream, client = made
    got: list[object] = []
    for name in (b"a", b"b", b"c"):
        client.close_handle(name, got.append)
    client.flush()
    assert len(stream.heard()) == 3
    stream.say(status(1, 4))
    client.receive()
    assert (client.in_turn, got) == (True, [4])
    client.store(b"h", b"content", struct.pack(">I", 0), got.append)
    client.write(b"i", 0, b"x" * 20_000, got.append)
    client.fetch(b"j", b"/j", 5, got.append, got.append, got.append)
    client.flush()
    assert stream.heard() == [], "the first three are not answered"
    stream.say(status(0, 0) + status(2, 0))
    client.receive()
    for number, kind in enumerate((WRITE, FSETSTAT, CLOSE, WRITE, READ, FSTAT, CLOSE), 3):
        client.flush()
        assert [each for each, _body in stream.heard()] == [kind]
        stream.say(status(number, 1))
        client.receive()
    assert got == [4, 0, 0, *[1] * 7]
    assert (client.pending, client.out_bytes) == (0, 0)


def test_replies_that_came_before_the_end_count(made: Made) -> None:
    """A server that answers some requests and ends: the write of more fails before these replies are read."""
    stream, client = made
    got: list[object] = []
    for _number in range(3):
        client.close_handle(b"h", got.append)
    client.flush()
    stream.say(b"".join(status(number, 0) for number in range(3)))
    stream.hang_up()
    stream.deafen()
    client.write(b"h", 0, b"x" * 20_000, got.append)
    with pytest.raises(ConnectionLost):
        client.flush()
    assert got == [0, 0, 0]
    assert client.pending == 1


def test_a_reply_may_come_byte_by_byte(made: Made) -> None:
    stream, client = made
    got: list[object] = []
    client.close_handle(b"h", got.append)
    for byte in status(0, 4, b"no"):
        assert not got
        stream.say(bytes((byte,)))
        client.receive()
    assert got == [4]
    assert client.message == b"no"


def test_much_more_than_the_buffer_holds(made: Made) -> None:
    stream, client = made
    got: list[int] = []
    block = os.urandom(60_000)
    for _number in range(40):
        client.read(b"h", 0, len(block), lambda reply: got.append(data_of(reply) == block))
    for number in range(40):
        stream.say(packet(DATA, number, string(block)))
        client.receive()
    assert got == [True] * 40


def test_write_sends_head_and_data_in_one_piece(made: Made) -> None:
    stream, client = made
    client.write(b"handle", 2**33, b"content", lambda _reply: None)
    client.flush()
    expected = struct.pack(">I", 0) + string(b"handle") + struct.pack(">Q", 2**33) + string(b"content")
    assert stream.heard() == [(WRITE, expected)]
    assert client.out_bytes == 0


def test_a_full_pipe_keeps_the_rest_for_later(made: Made) -> None:
    stream, client = made
    block = os.urandom(1 << 18)
    for number in range(3):
        client.write(b"h", number * len(block), block, lambda _reply: None)
    heard = b""
    while client.out_bytes:
        client.flush()
        heard += stream.raw()
    assert heard.count(block) == 3


@pytest.mark.parametrize(
    "reply",
    [
        packet(STATUS, 7, struct.pack(">I", 0)),
        packet(NAME, 0, struct.pack(">I", 0)),
        packet(HANDLE, 0, struct.pack(">I", 400) + b"short"),
        packet(HANDLE, 0, string(b"")),
        packet(STATUS, 0, b"\0"),
        struct.pack(">IBI", 3, STATUS, 0),
        struct.pack(">IBI", 1 << 30, HANDLE, 0),
    ],
    ids=["unknown id", "wrong type", "handle cut short", "empty handle", "no code", "too short", "huge"],
)
def test_what_breaks_the_protocol_is_a_violation(made: Made, reply: bytes) -> None:
    stream, client = made
    client.open(b"a", 1, struct.pack(">I", 0), lambda _reply: None)
    stream.say(reply)
    with pytest.raises(ProtocolViolation):
        client.receive()


@pytest.mark.parametrize("body", [b"", struct.pack(">I", 9) + b"short", struct.pack(">I", 1) + b"long"])
def test_data_whose_length_does_not_add_up(body: bytes) -> None:
    with pytest.raises(ProtocolViolation):
        data_of(body)


def test_the_same_reply_twice_is_a_violation(made: Made) -> None:
    stream, client = made
    client.request(LSTAT, 105, string(b"a"), lambda _reply: None)
    stream.say(status(0, 2) + status(0, 2))
    with pytest.raises(ProtocolViolation):
        client.receive()


def test_the_end_of_the_stream_is_told_by_the_stream(made: Made) -> None:
    stream, client = made
    stream.hang_up()
    with pytest.raises(ConnectionLost, match="pipe has ended"):
        client.receive()


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (2, NotFound),
        (3, PermissionDenied),
        (4, OperationFailed),
        (7, ConnectionLost),
        (8, NotSupported),
        (99, OperationFailed),
    ],
)
def test_status_codes_become_errors_with_the_item(made: Made, code: int, error: type) -> None:
    _stream, client = made
    client.message = b"as \x1b[31m it is"
    found = client.error(code, b"the/path")
    assert type(found) is error
    assert found.path == b"the/path"
    assert "\\x1b" in found.message
