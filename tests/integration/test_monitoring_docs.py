# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration of rsyslog in docs/monitoring.md, run by a real rsyslogd against a server with TLS."""

from __future__ import annotations

import json
import os
import re
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.running.examples import ROOT
from support.servers.ports import LOOPBACK
from support.servers.tls_authority import authority

PATIENCE = 60.0
NAME = "logs.example.com"
PROGRAM = "/usr/sbin/rsyslogd"


class LogServer:
    """A server with TLS that keeps all bytes it gets. ended: the number of connections that are over."""

    def __init__(self, name: str) -> None:
        certificate = authority().server(name)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate.combined)
        self._socket = socket.create_server((LOOPBACK, 0))
        self.port = self._socket.getsockname()[1]
        self.got, self.ended = b"", 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            connection, _address = self._socket.accept()
            try:
                with self._context.wrap_socket(connection, server_side=True) as channel:
                    while part := channel.recv(1 << 16):
                        self.got += part
            except OSError:
                pass
            self.ended += 1

    def wait(self, lines: int) -> list[bytes]:
        """Wait for so many lines; return all."""
        deadline = time.monotonic() + PATIENCE
        while self.got.count(b"\n") < lines:
            assert time.monotonic() < deadline, self.got
            time.sleep(0.05)
        return self.got.splitlines(keepends=True)


def configuration(directory: Path, port: int) -> str:
    """Return the example, with the places of this test."""
    page = (ROOT / "docs/monitoring.md").read_text()
    (example,) = re.findall(r"```text\n(global\(maxMessageSize.*?)```", page, re.DOTALL)
    for old, new in {
        "/var/log/secure_ftp_synchronize/events.jsonl": str(directory / "events.jsonl"),
        f'target="{NAME}" port="6514"': f'target="{LOOPBACK}" port="{port}"',
        "/etc/ssl/certs/ca-certificates.crt": str(authority().file),
    }.items():
        assert old in example
        example = example.replace(old, new)
    # As in Debian's rsyslog.conf: an input is loaded, and the directory of queues is set.
    return f'module(load="imuxsock" sysSock.Use="off")\nglobal(workDirectory="{directory}")\n{example}'


@contextmanager
def rsyslog(directory: Path, port: int) -> Iterator[None]:
    file = directory / "rsyslog.conf"
    file.write_text(configuration(directory, port))
    checked = subprocess.run([PROGRAM, "-N1", "-f", str(file)], capture_output=True, text=True, check=False)
    assert (checked.returncode, "warning" in checked.stderr) == (0, False), checked.stderr
    command = [PROGRAM, "-n", "-f", str(file), "-i", str(directory / "pid")]
    with (directory / "output").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def lines(*names: str) -> bytes:
    return b"".join(json.dumps({"file": {"path": name}}).encode() + b"\n" for name in names)


def test_rsyslog_sends_each_event_as_it_is_over_a_rotation(tmp_path: Path) -> None:
    log, server = tmp_path / "events.jsonl", LogServer(NAME)
    first, second = lines("/a b", "%msg% \n\\", "x" * 30_000), lines("/after")
    log.write_bytes(first)
    with rsyslog(tmp_path, server.port):
        server.wait(3)
        os.rename(log, tmp_path / "events.jsonl.1")
        log.write_bytes(second)
        server.wait(4)
    assert server.got == first + second


def test_a_server_with_another_name_gets_no_event(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_bytes(lines("/secret"))
    server = LogServer("evil.example.com")
    with rsyslog(tmp_path, server.port):
        deadline = time.monotonic() + PATIENCE
        while not server.ended:
            assert time.monotonic() < deadline, (tmp_path / "output").read_text()
            time.sleep(0.05)
    assert server.got == b""
