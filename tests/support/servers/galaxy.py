# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Galaxy server on loopback with one collection: the five answers of its API v3 that ansible-galaxy needs.

It takes the place of the public server, which tests cannot reach and which cannot have the artifact of this tree."""

from __future__ import annotations

__all__ = ["served_by_galaxy"]

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

_TIME = "2026-01-01T00:00:00Z"


@contextmanager
def served_by_galaxy(artifact: Path) -> Iterator[str]:
    """Serve NAMESPACE-NAME-VERSION.tar.gz, and yield the address of the server."""
    namespace, name, version = artifact.name.removesuffix(".tar.gz").split("-")
    base = f"/api/v3/collections/{namespace}/{name}/"
    content = artifact.read_bytes()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            body = content if path == f"/{artifact.name}" else json.dumps(answers.get(path, {})).encode()
            self.send_response(200 if path in answers or body is content else 404)
            self.send_header("Content-Type", "application/octet-stream" if body is content else "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: Any) -> None:
            """Write no log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        address = f"http://127.0.0.1:{server.server_port}"
        one = {"version": version, "href": f"{base}versions/{version}/", "created_at": _TIME, "updated_at": _TIME}
        answers: dict[str, Any] = {
            "/api/": {"available_versions": {"v3": "v3/"}},
            base: {
                "namespace": namespace,
                "name": name,
                "highest_version": one,
                "created_at": _TIME,
                "updated_at": _TIME,
            },
            f"{base}versions/": {"meta": {"count": 1}, "links": {"next": None}, "data": [one]},
            one["href"]: {
                **one,
                "namespace": {"name": namespace},
                "collection": {"name": name},
                "download_url": f"{address}/{artifact.name}",
                "artifact": {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)},
                "metadata": {"dependencies": {}},
                "requires_ansible": ">=2.19.0",
                "signatures": [],
            },
        }
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"{address}/api/"
        server.shutdown()
