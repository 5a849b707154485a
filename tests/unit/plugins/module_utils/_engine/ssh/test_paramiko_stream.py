# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bytes of one channel, carried to and from pipes by two threads. The login and its channel stand in for a server:
the channel is one end of a socket pair."""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import Endpoint
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.paramiko_stream import ParamikoStream
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.stream import SFTP_SUBSYSTEM
from support.running.patience import HANG_SECONDS

LARGE = os.urandom(1 << 20)
ENDPOINT = Endpoint("sftp", "files.example", 22, connect_timeout=1.0)


class Channel:
    """As much of a paramiko channel as the stream uses."""

    def __init__(self) -> None:
        self.near, self.far = socket.socketpair()
        self.side: list[bytes] = []

    def sendall(self, data: bytes) -> None:
        self.near.sendall(data)

    def recv(self, size: int) -> bytes:
        return self.near.recv(size)

    def shutdown_write(self) -> None:
        self.near.shutdown(socket.SHUT_WR)

    def recv_stderr_ready(self) -> bool:
        return bool(self.side)

    def recv_stderr(self, _size: int) -> bytes:
        return self.side.pop(0)


class Transport:
    remote_version = "SSH-2.0-Files_1.0 \x1b"
    agreed_key_exchange = "curve25519-sha256"
    local_cipher = "aes128-ctr"
    saved_exception: Any = None

    def get_remote_server_key(self) -> Any:
        return self

    def get_name(self) -> str:
        return "ssh-ed25519"

    def asbytes(self) -> bytes:
        return b"key"


class Login:
    """Returns the channel, or its replacement."""

    def __init__(self, result: Any) -> None:
        self.result = result
        self.deadline = time.monotonic() + ENDPOINT.connect_timeout
        self.transport = Transport()
        self.closed = threading.Event()

    def open(self, request: str, command: str) -> Channel:
        assert (request, command) == (SFTP_SUBSYSTEM, "")
        if self.result is None:
            self.closed.wait(30)
        if isinstance(self.result, Exception):
            raise self.result
        return self.result

    def timed_out(self, where: str) -> errors.ConnectTimeout:
        return errors.ConnectTimeout(f"{where}: no session")

    def close(self) -> None:
        self.closed.set()
        if isinstance(self.result, Channel):
            with_shutdown(self.result.near)


def with_shutdown(end: socket.socket) -> None:
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def stream_of(result: Any) -> ParamikoStream:
    return ParamikoStream(ENDPOINT, Login(result), request=SFTP_SUBSYSTEM, command="")


@pytest.fixture
def channel() -> Iterator[Channel]:
    made = Channel()
    yield made
    made.near.close()
    made.far.close()


def read(stream: ParamikoStream, size: int) -> bytes:
    data = b""
    while len(data) < size and select.select([stream.read_fd], [], [], 5)[0]:
        piece = os.read(stream.read_fd, 1 << 16)
        if not piece:
            break
        data += piece
    return data


def pumps() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("ssh-")]


def test_both_ways_and_to_the_end(channel: Channel) -> None:
    stream = stream_of(channel)
    identity = stream.wait_ready()
    assert (identity.protocol, identity.software) == ("SSH-2.0", "Files_1.0 \\x1b")
    assert identity.host_key_fingerprint.startswith("SHA256:")
    os.write(stream.write_fd, b"request")
    assert channel.far.recv(100) == b"request"
    sender = threading.Thread(target=channel.far.sendall, args=(LARGE,))
    sender.start()
    assert read(stream, len(LARGE)) == LARGE
    sender.join()
    stream.end_input()
    assert channel.far.recv(100) == b"", "the end of the input goes through"
    channel.far.close()
    assert read(stream, 1) == b""
    stream.close()
    assert pumps() == []


def test_messages_on_the_side_are_dropped_and_the_last_is_told(channel: Channel) -> None:
    stream = stream_of(channel)
    stream.wait_ready()
    channel.side += [b"noise\n" * 100, b"disk on fire\x1b\n"]
    channel.far.sendall(b"x")
    assert read(stream, 1) == b"x"
    channel.far.close()
    assert read(stream, 1) == b""
    failure = stream.failure()
    stream.close()
    assert failure.code == "connection_lost"
    assert failure.message.endswith("disk on fire\\x1b") or failure.message.endswith("disk on fire")


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (errors.AuthenticationFailed("no"), errors.AuthenticationFailed),
        (RuntimeError("odd\nthing"), errors.ConnectionFailed),
        (None, errors.ConnectTimeout),
    ],
)
def test_a_login_that_fails_closes_everything(raised: Any, kind: type) -> None:
    before = set(os.listdir("/proc/self/fd"))
    stream = stream_of(raised)
    with pytest.raises(kind) as caught:
        stream.wait_ready()
    assert str(caught.value).isprintable()
    assert (stream.read_fd, stream.write_fd) == (-1, -1)
    assert set(os.listdir("/proc/self/fd")) <= before
    assert pumps() == []


def test_a_client_that_does_not_read_is_no_reason_to_hang(channel: Channel) -> None:
    before = set(os.listdir("/proc/self/fd"))
    stream = stream_of(channel)
    stream.wait_ready()
    sender = threading.Thread(target=_send_all, args=(channel.far, LARGE * 8))
    sender.start()
    time.sleep(0.1)
    begun = time.monotonic()
    stream.close()
    stream.close()
    assert time.monotonic() - begun < HANG_SECONDS
    channel.near.close()
    sender.join(HANG_SECONDS)
    assert not sender.is_alive()
    assert pumps() == []
    assert set(os.listdir("/proc/self/fd")) <= before


def _send_all(end: socket.socket, data: bytes) -> None:
    try:
        end.sendall(data)
    except OSError:
        return
