# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pings of a monitoring service, against a real HTTPS server on loopback."""

from __future__ import annotations

import http.server
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jobs.ping import (
    ping,
    ping_start,
)
from support.servers.tls_authority import authority

RUN = "8f3ad915dac5f1694e2298139028d7dd"
RID = "?rid=8f3ad915-dac5-f169-4e22-98139028d7dd"
ERROR = {"code": "no_space", "path": None, "message": "no space left", "cure": "Make room."}


class Monitor(http.server.ThreadingHTTPServer):
    """A server that keeps the requests. status: of its answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen: list[tuple[str, str]] = []
        self.status = 200
        certificate = authority().server()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.chain, certificate.key)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self.server_port}/canary"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Monitor

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, body.decode()))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    do_GET = do_POST

    def log_message(self, *_arguments: Any) -> None: ...


@pytest.fixture
def monitor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Monitor]:
    """Yield a running server that this process trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority().file))
    with Monitor() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def record(result: str, error: dict[str, Any] | None = None, run: str = RUN) -> dict[str, Any]:
    """Return the part of a record that a ping needs."""
    return {"result": result, "error": error, "run": run}


def test_a_success(monitor: Monitor) -> None:
    assert ping(monitor.url, record("ok")) is None
    assert monitor.seen == [(f"/canary{RID}", "ok")]


@pytest.mark.parametrize("result", ["failed", "timeout", "killed", "not_started"])
def test_a_failure(monitor: Monitor, result: str) -> None:
    assert ping(monitor.url + "/", record(result, ERROR)) is None
    assert monitor.seen == [(f"/canary/fail{RID}", f"{result}\nno_space\nno space left\nMake room.")]


def test_a_start(monitor: Monitor) -> None:
    assert ping_start(monitor.url, RUN) is None
    assert ping_start(monitor.url, "") is None
    assert monitor.seen == [(f"/canary/start{RID}", ""), ("/canary/start", "")]


def test_the_last_lines_of_a_log(monitor: Monitor) -> None:
    ping(monitor.url, record("failed", ERROR), log="a line\n" * 3000)
    (seen,) = monitor.seen
    assert seen[1].startswith("failed\nno_space\nno space left\nMake room.\na line\n")
    assert len(seen[1]) == 10_000


def test_a_locked_run_is_no_failure(monitor: Monitor) -> None:
    ping(monitor.url, record("locked"))
    assert monitor.seen[0][0] == f"/canary/log{RID}"


def test_a_run_without_an_id_of_systemd(monitor: Monitor) -> None:
    ping(monitor.url, record("ok", run=""))
    assert monitor.seen[0][0] == "/canary"


@pytest.mark.parametrize("status", [302, 404, 500])
def test_another_answer_is_a_fact_and_no_redirect_is_followed(monitor: Monitor, status: int) -> None:
    monitor.status = status
    assert ping(monitor.url, record("ok")) == f"the server answered with status {status}"
    assert len(monitor.seen) == 1


def test_a_server_that_is_down() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"https://127.0.0.1:{bound.getsockname()[1]}/canary"
        assert ping(url, record("ok")) == "Connection refused"


def test_a_server_that_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/canary"
        assert ping(url, record("ok"), seconds=0.1) == "TimeoutError"


def test_a_server_that_speaks_no_tls() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:

        def answer() -> None:
            connection, _address = other.accept()
            connection.recv(100)
            connection.sendall(b"SSH-2.0-x\r\n\r\n")
            connection.close()

        thread = threading.Thread(target=answer)
        thread.start()
        assert ping(f"https://127.0.0.1:{other.getsockname()[1]}/canary", record("ok"))
        thread.join()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "canary",
        "file:///etc/canary",
        "https://",
        "https://[canary",
        "https://a b/canary",
        "https://127.0.0.1:x/canary",
    ],
)
def test_a_bad_url_is_a_fact_that_does_not_show_it(url: str) -> None:
    fact = ping(url, record("ok"))
    assert fact
    assert "canary" not in fact


def test_no_url_goes_in_clear() -> None:
    """Not to loopback either: the server below would see it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/canary"
        assert ping_start(url, RUN) == "is not a URL of https"
        assert ping(url, record("ok")) == "is not a URL of https"
        with pytest.raises(TimeoutError):
            listening.accept()


def test_a_server_that_nobody_vouches_for(monitor: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority("others").file))
    fact = ping(monitor.url, record("ok"))
    assert fact
    assert "canary" not in fact
    assert monitor.seen == []
