# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server that speaks old TLS, by tlslite-ng. Arguments: a JSON object with port, certificate, key, and settings, the
attributes of tlslite's HandshakeSettings. It prints a line when it listens, and ends with its standard input."""

from __future__ import annotations

__all__ = ["main"]

import json
import socketserver
import sys
import threading
from pathlib import Path

from tlslite.api import HandshakeSettings, TLSConnection, X509CertChain, parsePEMKey


def main() -> None:
    """Serve until standard input ends."""
    given = json.loads(sys.argv[1])
    chain = X509CertChain()
    chain.parsePemList(Path(given["certificate"]).read_text())
    key = parsePEMKey(Path(given["key"]).read_text(), private=True)
    settings = HandshakeSettings()
    for name, value in given["settings"].items():
        setattr(settings, name, tuple(value) if name.endswith("Version") else value)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            connection = TLSConnection(self.request)
            try:
                connection.handshakeServer(certChain=chain, privateKey=key, settings=settings)
                connection.recv(1)
            except Exception as error:
                print(type(error).__name__, error, file=sys.stderr)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server(("127.0.0.1", given["port"]), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print("listening", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
