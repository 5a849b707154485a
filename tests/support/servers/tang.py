# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tang server, which hosts need to open the files of clevis: Debian's tangd, one process for each connection.

with Tang(directory, "198.51.100.1") as tang:
    tang.url, tang.thumbprint
"""

from __future__ import annotations

__all__ = ["Tang"]

import socketserver
import subprocess
import threading
from pathlib import Path
from typing import Self

_PROGRAM, _KEYS = "/usr/libexec/tangd", "/usr/libexec/tangd-keygen"


class Tang:
    """Serves from `__enter__` to `__exit__`; can be entered again, with the same keys."""

    def __init__(self, directory: Path, address: str) -> None:
        self._directory, self._address, self._port = directory, address, 0
        directory.mkdir()
        subprocess.run([_KEYS, str(directory)], check=True, capture_output=True)

    @property
    def url(self) -> str:
        """Return the URL of the server."""
        return f"http://{self._address}:{self._port}"

    @property
    def thumbprint(self) -> str:
        """Return the thumbprint of its signing key."""
        (key,) = [path for path in self._directory.glob("*.jwk") if "verify" in path.read_text()]
        words = ["jose", "jwk", "thp", "-a", "S256", "-i", str(key)]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()

    def __enter__(self) -> Self:
        directory = self._directory

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                subprocess.run([_PROGRAM, str(directory)], stdin=self.request, stdout=self.request, check=False)

        socketserver.ThreadingTCPServer.allow_reuse_address = True
        self._server = socketserver.ThreadingTCPServer((self._address, self._port), Handler)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()
