# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SFTP to a port that serves something else: the cause and its cure, within one connect timeout."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._edge.login_probe import sftp_probe
from support.running.tasks import run_task
from support.servers import ssh_keys
from support.servers.ports import LOOPBACK
from support.servers.sshd import Sshd
from support.servers.vsftpd import Vsftpd

KEY = ssh_keys.key("port")
TIMEOUT = 4.0


@pytest.fixture(params=["openssh", "paramiko"])
def client(request: pytest.FixtureRequest) -> str:
    return request.param


def probed(port: int, client: str, **options: Any) -> dict[str, Any]:
    """Return the failed result of a probe, which may not wait for more than one connect timeout."""
    given = {
        "host": LOOPBACK,
        "port": port,
        "username": "mirror",
        "private_key_file": str(KEY.path),
        "ssh_agent": False,
        "host_keys": [KEY.fingerprint],
        "ssh_config_file": "none",
        "ssh_client": client,
        "connect_timeout": TIMEOUT,
        **options,
    }
    began = time.monotonic()
    result = run_task(sftp_probe, **given)
    assert time.monotonic() - began < 3 * TIMEOUT, "longer than one wait, as four attempts would be"
    assert result["failed"]
    return result


@contextlib.contextmanager
def speaking(first: bytes) -> Iterator[int]:
    """Yield the port of a server that sends `first` to every client and waits."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        held = []

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    held.append(listener.accept()[0])
                    held[-1].sendall(first)

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        for each in held:
            each.close()


@pytest.mark.parametrize("implicit", [False, True])
def test_an_ftps_server(client: str, *, implicit: bool) -> None:
    with Vsftpd(implicit=implicit) as server:
        # A server that identifies itself ends the wait.
        result = probed(server.port, client, connect_timeout=100 * TIMEOUT)
    assert result["error"]["code"] == "not_ssh"
    assert "not an SSH server" in result["msg"]
    assert "protocol to ftps" in result["error"]["cure"]


@pytest.mark.parametrize("first", [b"220 ftp.example ESMTP\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_another_server_that_speaks(client: str, first: bytes) -> None:
    with speaking(first) as port:
        result = probed(port, client)
    assert result["error"]["code"] == "not_ssh"
    assert first.decode().splitlines()[0] in result["msg"]


def test_a_silent_server(client: str) -> None:
    with speaking(b"") as port:
        result = probed(port, client)
    assert result["error"]["code"] == "connect_timeout"
    assert "sent nothing" in result["error"]["cure"]


def test_lines_before_the_version_of_an_ssh_server_are_no_harm(client: str) -> None:
    with Sshd() as server, speaking_before(server, b"Welcome to this host\r\n") as port:
        result = probed(port, client)
    assert result["error"]["code"] == "host_key_changed"


@contextlib.contextmanager
def speaking_before(server: Sshd, first: bytes) -> Iterator[int]:
    """Yield a port where `first` comes before the bytes of the server."""
    with socket.create_server((LOOPBACK, 0)) as listener:

        def copy(source: socket.socket, target: socket.socket) -> None:
            with contextlib.suppress(OSError), source:
                while data := source.recv(65536):
                    target.sendall(data)

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    near = listener.accept()[0]
                    far = socket.create_connection((server.host, server.port))
                    near.sendall(first)
                    for pair in ((near, far), (far, near)):
                        threading.Thread(target=copy, args=pair, daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]


def test_a_public_key_in_the_place_of_the_private_one(client: str, tmp_path: Path) -> None:
    public = tmp_path / "key.pub"
    public.write_text(KEY.public + " a comment\n")
    result = probed(1, client, private_key_file=str(public))
    assert result["error"]["code"] == "private_key_unusable"
    assert result["msg"].startswith(f"private_key_file: '{public}' is a public key")
    assert "without .pub" in result["error"]["cure"]
