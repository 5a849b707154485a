# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A monitoring service for jobs: an HTTPS server that keeps the pings it gets. Clients trust `authority().file`."""

from __future__ import annotations

__all__ = ["PingService"]

import http.server
import ssl
import threading
import time
from typing import Any, Self

from ..running.patience import HANG_SECONDS
from .tls_authority import authority


class PingService:
    """A server at an address, from `__enter__` to `__exit__`. seen: paths below its URL, with the texts."""

    def __init__(self, host: str) -> None:
        self.seen: list[tuple[str, str]] = []
        self._server = _Server((host, 0), self.seen)
        self.url = f"https://{host}:{self._server.server_port}{_PLACE}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def taken(self, number: int) -> list[tuple[str, str]]:
        """Wait for so many pings, and return and forget them."""
        until = time.monotonic() + HANG_SECONDS
        while len(self.seen) < number and time.monotonic() < until:
            time.sleep(0.05)
        found = list(self.seen)
        self.seen.clear()
        assert len(found) == number, found
        return found


_PLACE = "/canary-of-the-ping"


class _Server(http.server.ThreadingHTTPServer):
    def __init__(self, address: tuple[str, int], seen: list[tuple[str, str]]) -> None:
        super().__init__(address, _Handler)
        certificate = authority().server(address[0])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.chain, certificate.key)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.seen = seen


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.seen.append((self.path.removeprefix(_PLACE), text))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None: ...
