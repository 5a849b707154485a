# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control connection, over a pair of sockets without TLS: the other end is the test."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
    ConnectionLost,
    ProtocolViolation,
    Stalled,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.channel import Channel, Patience
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.control import Control

Pair = tuple[Control, socket.socket]


STALL = 1.0  # seconds; a machine that has other work to do is late by tenths of one


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        theirs.settimeout(20)
        yield Control(Channel(ours, Patience("there", STALL))), theirs


def test_replies_come_in_order(pair: Pair) -> None:
    control, server = pair
    server.sendall(b"150 one\r\n226 two\r\n200 three\r\n")
    assert [control.take().code, control.take_final().code] == [150, 226]
    assert not control.idle
    assert control.take_final().code == 200
    assert control.idle


def test_preliminary_replies_are_passed_over(pair: Pair) -> None:
    control, server = pair
    server.sendall(b"150 one\r\n125 one\r\n226 two\r\n")
    assert control.take_final().code == 226
    server.sendall(b"150 one\r\n" * 200)
    with pytest.raises(ProtocolViolation, match="without end"):
        control.take_final()


@pytest.mark.parametrize("extra", [b"200 more\r\n", b"2"])
def test_a_reply_to_no_command_is_refused(pair: Pair, extra: bytes) -> None:
    control, server = pair
    server.sendall(b"200 yes\r\n")
    assert control.take().code == 200
    control.expect_silence()
    server.sendall(extra)
    with pytest.raises(ProtocolViolation, match="to no command"):
        control.expect_silence()


@pytest.mark.parametrize(
    ("first", "shared", "sizes"),
    [(False, False, [10] * 500), (True, False, [10] * 500), (False, True, [2040, 2040, 920])],
)
def test_the_records_of_a_flight(pair: Pair, first: bool, shared: bool, sizes: list[int]) -> None:
    """500 commands of 10 bytes: each in a record of its own, or several whole commands in one of 2048 bytes."""
    control, _server = pair
    control.shares_records = shared
    sent: list[bytes] = []
    control.channel.send_now = lambda data: sent.append(bytes(data)) or len(data)  # type: ignore[method-assign]
    control.send(b"SIZE abc\r\n" * 500, first=first)
    assert list(map(len, sent)) == sizes


def test_an_end_announced_by_421(pair: Pair) -> None:
    control, server = pair
    server.sendall(b"421 Timeout.\r\n")
    with pytest.raises(ConnectionLost, match="421 Timeout"):
        control.expect_silence()
    with pytest.raises(ConnectionLost, match="421 Timeout"):
        control.take()


def test_an_end_without_a_word(pair: Pair) -> None:
    control, server = pair
    server.close()
    with pytest.raises(ConnectionLost, match="closed the connection"):
        control.take()


def test_silence_is_a_stall(pair: Pair) -> None:
    control, _server = pair
    with pytest.raises(Stalled, match="no byte moved for 1 s"):
        control.take()


def test_any_byte_is_progress(pair: Pair) -> None:
    control, server = pair

    def slowly() -> None:
        for byte in b"200 slow\r\n":
            server.sendall(bytes([byte]))
            time.sleep(STALL / 5)

    thread = threading.Thread(target=slowly)
    thread.start()
    assert control.take().lines == (b"slow",)
    thread.join()


def test_replies_are_read_while_commands_are_sent(pair: Pair) -> None:
    control, server = pair
    control.channel.patience.stall = 20.0
    number = 4_000  # of 1,000 bytes each way: more than the sockets hold

    def answer() -> None:
        with server.makefile("rb") as commands:
            for _number in range(number):
                commands.readline()
                server.sendall(b"213 " + b"x" * 1000 + b"\r\n")

    thread = threading.Thread(target=answer)
    thread.start()
    control.send((b"SIZE " + b"a" * 1000 + b"\r\n") * number)
    assert {control.take_final().code for _number in range(number)} == {213}
    thread.join()


def look_as_long_as_there_is_something(control: Control) -> None:
    while control.channel.readable(5.0):
        control.look()


@pytest.mark.parametrize("line", [b"", b"x" * 8000], ids=["many lines", "long lines"])
def test_waiting_replies_are_bounded_in_bytes(pair: Pair, line: bytes) -> None:
    """One reply of 1,000 lines is acceptable; hundreds of unsolicited replies are not."""
    control, server = pair
    reply = b"211-begin\r\n" + (b" " + line + b"\r\n") * 990 + b"211 end\r\n"
    sent = 0

    def flood() -> None:
        nonlocal sent
        with suppress(OSError):
            for _number in range(1000):
                server.sendall(reply)
                sent += len(reply)

    thread = threading.Thread(target=flood)
    thread.start()
    with pytest.raises(ProtocolViolation, match="replies without end"):
        look_as_long_as_there_is_something(control)
    control.channel.close()
    thread.join()
    assert sent < 64 << 20


def test_what_was_taken_counts_no_more(pair: Pair) -> None:
    control, server = pair
    reply = b"211-begin\r\n" + (b" " + b"x" * 8000 + b"\r\n") * 990 + b"211 end\r\n"
    thread = threading.Thread(target=lambda: [server.sendall(reply) for _number in range(6)])
    thread.start()
    for _number in range(6):
        assert control.take_final().code == 211
    thread.join()
    assert control.idle
