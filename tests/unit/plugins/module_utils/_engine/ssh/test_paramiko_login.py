# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A login without an SSH server: a socket that is closed, silent, or sends other data."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, Optional

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    SshTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.inputs import Hop
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.paramiko_login import ParamikoLogin
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.stream import SFTP_SUBSYSTEM
from support.running.patience import HANG_SECONDS
from support.servers.ports import free_port

PIN = SshTrust(("SHA256:" + "A" * 43,))
Listen = Callable[[Optional[bytes]], int]


@pytest.fixture
def listen() -> Iterator[Listen]:
    """Yield a port whose listener sends that many bytes and hangs up, or, for None, sends nothing."""
    made: list[socket.socket] = []

    def start(text: bytes | None) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        made.append(listener)
        if text is not None:
            threading.Thread(target=_answer, args=(listener, text), daemon=True).start()
        return listener.getsockname()[1]

    yield start
    for listener in made:
        listener.close()


def _answer(listener: socket.socket, text: bytes) -> None:
    with suppress(OSError):  # a login that is closed at once ends the connection at any of these steps
        link, _address = listener.accept()
        with link:
            link.sendall(text)
            link.shutdown(socket.SHUT_WR)
            link.recv(1 << 16)


def login(port: int, **changes: Any) -> ParamikoLogin:
    values = {"port": port, "username": "mirror", "ssh_config_file": "none", "connect_timeout": HANG_SECONDS, **changes}
    return ParamikoLogin(Endpoint("sftp", "127.0.0.1", **values), Credentials(ssh_agent=False), PIN)


def failure(made: ParamikoLogin) -> errors.SyncError:
    with pytest.raises(errors.SyncError) as caught:
        made.open(SFTP_SUBSYSTEM, "")
    made.close()
    assert caught.value.cure
    assert caught.value.message.isprintable()
    return caught.value


def test_nobody_listens() -> None:
    error = failure(login(free_port()))
    assert error.code == "connection_failed"
    assert error.retryable


def test_a_server_that_is_silent(listen: Listen) -> None:
    begun = time.monotonic()
    assert failure(login(listen(None), connect_timeout=0.5)).code == "connect_timeout"
    assert time.monotonic() - begun < HANG_SECONDS


def test_a_server_that_hangs_up_at_once_admits_no_more(listen: Listen) -> None:
    assert failure(login(listen(b""))).code == "too_many_connections"


def test_another_service(listen: Listen) -> None:
    error = failure(login(listen(b"220 files.example FTP server \x1b[2J\r\n" * 200)))
    assert isinstance(error, errors.ConnectionFailed)


def test_an_unreachable_jump_host_is_named(listen: Listen) -> None:
    error = failure(login(listen(None), proxy_jump=(f"127.0.0.1:{free_port()}",)))
    assert error.code == "connection_failed"
    assert "jump host" in error.message


def test_a_server_behind_a_jump_host_that_never_answers() -> None:
    """The jump host has answered: another attempt would not end better."""

    def open_channel(*_given: object, **_options: object) -> object:
        raise TimeoutError

    made = login(22)
    made._greeted.is_identified = True
    with pytest.raises(errors.ConnectTimeout) as caught:
        made._guarded("there", lambda: made._transport(Hop("there"), SimpleNamespace(open_channel=open_channel)))
    assert not caught.value.answered


def test_a_login_that_was_closed_before_opens_nothing(listen: Listen) -> None:
    made = login(listen(None))
    made.close()
    with pytest.raises(errors.ConnectionFailed, match="closed"):
        made.open(SFTP_SUBSYSTEM, "")


def test_a_pin_that_is_none_is_told_before_there_is_a_connection() -> None:
    with pytest.raises(errors.InvalidRequest):
        ParamikoLogin(Endpoint("sftp", "127.0.0.1", 1, ssh_config_file="none"), Credentials(), SshTrust(("nonsense",)))
