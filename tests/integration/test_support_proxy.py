# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The proxy of the tests: exact to the byte, and no brake."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
from support.servers.proxy import Fault, Proxy

MEBIBYTE = 1 << 20
FASTEST_OF = 3
SLOWEST = 15
"""MB/s; a proxy that delays one block after the other moves at most 13."""


@pytest.fixture(scope="module", name="echo")
def _echo() -> Iterator[int]:
    """A server that echoes its input; yields its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(peer: socket.socket) -> None:
        with peer:
            try:
                while block := peer.recv(MEBIBYTE):
                    peer.sendall(block)
            except OSError:
                return

    def serve() -> None:
        while True:
            try:
                peer, _address = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(peer,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def connect(proxy: Proxy) -> socket.socket:
    peer = socket.create_connection((proxy.host, proxy.port), timeout=10)
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return peer


def received(peer: socket.socket, seconds: float = 10.0) -> tuple[bytes, str]:
    """Return all that comes and how it ended: end, reset, or silence for so many seconds."""
    peer.settimeout(seconds)
    content = b""
    try:
        while block := peer.recv(MEBIBYTE):
            content += block
    except TimeoutError:
        return content, "silence"
    except ConnectionResetError:
        return content, "reset"
    return content, "end"


@pytest.mark.parametrize(("kind", "end"), [("close", "end"), ("reset", "reset")])
@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_connection_breaks_at_the_byte(kind: str, end: str, direction: str, echo: int) -> None:
    with Proxy(echo) as proxy:
        proxy.arm(Fault(kind, direction, after=3000))
        with connect(proxy) as peer:
            peer.sendall(b"a" * 5000)
            content, ended = received(peer)
        assert ended == end
        # The bytes before the break may or may not have been echoed.
        assert content == b"a" * 3000 if direction == "down" else len(content) <= 3000
        with connect(proxy) as peer:
            peer.sendall(b"a" * 5000)
            peer.shutdown(socket.SHUT_WR)
            assert received(peer) == (b"a" * 5000, "end"), "only the first connection was to suffer"


@pytest.mark.parametrize("direction", ["up", "down"])
def test_one_bit_flips(direction: str, echo: int) -> None:
    with Proxy(echo) as proxy, connect(proxy) as peer:
        proxy.arm(Fault("flip", direction, after=3000))
        peer.sendall(b"a" * 5000)
        peer.shutdown(socket.SHUT_WR)
        assert received(peer) == (b"a" * 3000 + b"`" + b"a" * 1999, "end")


def test_a_stalled_direction_goes_on_when_told(echo: int) -> None:
    with Proxy(echo) as proxy, connect(proxy) as peer:
        proxy.arm(Fault("stall", "down", after=3000))
        peer.sendall(b"a" * 5000)
        assert received(peer, 0.3) == (b"a" * 3000, "silence")
        proxy.resume()
        assert received(peer, 0.3) == (b"a" * 2000, "silence")


def test_a_black_hole_holds_everything(echo: int) -> None:
    with Proxy(echo) as proxy, connect(proxy) as peer:
        proxy.stall()
        peer.sendall(b"a" * 100)
        assert received(peer, 0.3) == (b"", "silence")
        proxy.resume()
        peer.shutdown(socket.SHUT_WR)
        assert received(peer) == (b"a" * 100, "end")


def test_all_connections_break_and_new_ones_are_refused(echo: int) -> None:
    with Proxy(echo) as proxy, connect(proxy) as first, connect(proxy) as second:
        for peer in (first, second):
            peer.sendall(b"a")
            assert peer.recv(1) == b"a"
        assert proxy.connections() == (2, 2)
        proxy.break_all()
        assert [received(peer)[1] for peer in (first, second)] == ["reset", "reset"]
        proxy.refuse()
        # The reset may come before or after connect() returns.
        with pytest.raises(ConnectionResetError), connect(proxy) as third:
            third.recv(1)
        proxy.refuse(on=False)
        with connect(proxy) as fourth:
            fourth.sendall(b"a")
            assert fourth.recv(1) == b"a"


def test_bytes_are_counted(echo: int) -> None:
    with Proxy(echo) as proxy, connect(proxy) as peer:
        peer.sendall(b"a" * 12_345)
        peer.shutdown(socket.SHUT_WR)
        received(peer)
        assert proxy.counts() == (12_345, 12_345)


@pytest.mark.parametrize("delay", [0.0, 0.01])
def test_a_delay_costs_time_and_no_bandwidth(delay: float, echo: int) -> None:
    with Proxy(echo, delay=delay) as proxy:
        with connect(proxy) as peer:
            trips = []
            for _number in range(10):
                begin = time.monotonic()
                peer.sendall(b"a")
                peer.recv(1)
                trips.append(time.monotonic() - begin)
        rates = [rate(proxy, 64) for _round in range(FASTEST_OF)]
    print(f"delay {delay * 1000:.0f} ms: round trip {min(trips) * 1000:.2f} ms, {max(rates):.0f} MB/s there and back")
    assert 2 * delay <= min(trips)
    assert max(rates) > SLOWEST


def rate(proxy: Proxy, mebibytes: int) -> float:
    """Send so much through the echo and give the MB/s, both directions at once."""
    block, begin = bytes(MEBIBYTE), time.monotonic()
    with connect(proxy) as peer:
        sender = threading.Thread(target=lambda: [peer.sendall(block) for _number in range(mebibytes)])
        sender.start()
        left = mebibytes * MEBIBYTE
        while left:
            left -= len(peer.recv(MEBIBYTE))
        sender.join()
    return mebibytes * MEBIBYTE / 1e6 / (time.monotonic() - begin)
