# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Channels over a pair of sockets, with real TLS: a fault of one connection does not affect the other."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import ConnectionLost, Stalled
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.channel import Channel
from support.scripted.tls_pair import TlsPair


@pytest.fixture
def pairs() -> Iterator[tuple[TlsPair, TlsPair]]:
    with ExitStack() as stack:
        made = [TlsPair(), TlsPair()]
        for pair in made:
            stack.callback(pair.close)
        yield made[0], made[1]


def send_until_lost(channel: Channel) -> None:
    with pytest.raises(ConnectionLost):
        channel.send(bytes(64 << 20))


def test_bytes_travel(pairs: tuple[TlsPair, TlsPair]) -> None:
    pair, _other = pairs
    pair.channel.send(b"to the server")
    assert pair.far.recv(100) == b"to the server"
    pair.far.send(b"to us")
    view = bytearray(100)
    assert pair.channel.receive(view) == 5
    assert view[:5] == b"to us"


def test_a_broken_connection_leaves_the_other_one_whole(pairs: tuple[TlsPair, TlsPair]) -> None:
    broken, whole = pairs
    broken.far.close()
    send_until_lost(broken.channel)
    assert whole.channel.receive_now(bytearray(10)) is None
    whole.far.send(b"226 ")
    assert whole.channel.receive(bytearray(10)) == 4


@pytest.mark.parametrize("how", ["end_tls", "end_tls_now"])
def test_the_end_of_a_broken_connection_is_an_error_of_ours_or_none(how: str, pairs: tuple[TlsPair, TlsPair]) -> None:
    broken, whole = pairs
    broken.far.close()
    with suppress(ConnectionLost):
        getattr(broken.channel, how)()
    with suppress(ConnectionLost):
        getattr(broken.channel, how)()
    assert whole.channel.receive_now(bytearray(10)) is None


@pytest.mark.timeout(60)
def test_a_peer_that_reads_nothing_ends_the_session_in_time(pairs: tuple[TlsPair, TlsPair]) -> None:
    pair, _other = pairs
    pair.channel.patience.stall = 0.2
    with pytest.raises(Stalled, match=r"no byte moved for 0\.2 s"):
        pair.channel.send(bytes(64 << 20))


def test_a_peer_that_reads_late_gets_every_byte(pairs: tuple[TlsPair, TlsPair]) -> None:
    pair, _other = pairs
    content, found = os.urandom(8 << 20), bytearray()

    def read() -> None:
        pair.far.setblocking(True)
        while len(found) < len(content):
            found.extend(pair.far.recv(1 << 16))

    reader = threading.Thread(target=read)
    reader.start()
    pair.channel.send(content)
    reader.join()
    assert found == content
