# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server with scripted answers to a ClientHello, for features that TLS libraries no longer support (compression, no
secure renegotiation). It is a thread of the test, and cannot complete a handshake."""

from __future__ import annotations

__all__ = ["HelloServer", "server_flight"]

import socket
import struct
import threading
from contextlib import suppress
from typing import Self

from ..servers.ports import LOOPBACK


def server_flight(
    version: int = 0x0303,
    suite: int = 0xC02F,
    *,
    compression: int = 0,
    extensions: bytes = b"\xff\x01\x00\x01\x00\x00\x17\x00\x00",
    certificates: tuple[bytes, ...] = (),
    prime_bits: int = 0,
    asks_client: bool = False,
) -> bytes:
    """Return the records of a server's first flight (RFC 5246).

    extensions: renegotiation and master secret by default.
    """
    body = struct.pack("!H", version) + b"\x11" * 32 + b"\x00" + struct.pack("!HB", suite, compression)
    messages = _message(2, body + struct.pack("!H", len(extensions)) + extensions)
    if certificates:
        inner = b"".join(len(each).to_bytes(3, "big") + each for each in certificates)
        messages += _message(11, len(inner).to_bytes(3, "big") + inner)
    if prime_bits:
        prime = (1 << (prime_bits - 1) | 1).to_bytes(prime_bits // 8, "big")
        messages += _message(12, struct.pack("!H", len(prime)) + prime + b"\x00\x01\x02\x00\x01\x02")
    if asks_client:
        messages += _message(13, b"\x01\x01\x00\x00\x00\x00")
    messages += _message(14, b"")
    return struct.pack("!BHH", 22, version, len(messages)) + messages


def _message(kind: int, body: bytes) -> bytes:
    return bytes((kind,)) + len(body).to_bytes(3, "big") + body


class HelloServer:
    """Answers a hello of its `version` that offers `suite`, others by the alert handshake_failure."""

    def __init__(self, version: int, suite: int, flight: bytes) -> None:
        self.host, self._version, self._suite, self._flight = LOOPBACK, version, suite, flight
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                connection.settimeout(5)
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        hello = connection.recv(65536)
        while len(hello) < 5 + int.from_bytes(hello[3:5], "big"):
            hello += connection.recv(65536)
        version = int.from_bytes(hello[9:11], "big")
        start = 44 + hello[43]
        suites = hello[start + 2 : start + 2 + int.from_bytes(hello[start : start + 2], "big")]
        asked = {suites[at : at + 2] for at in range(0, len(suites), 2)}
        fits = version == self._version and self._suite.to_bytes(2, "big") in asked and b"\x00\x2b\x00\x03" not in hello
        connection.sendall(self._flight if fits else b"\x15\x03\x01\x00\x02\x02\x28")
        connection.recv(1)
