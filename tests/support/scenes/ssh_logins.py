# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins of both SSH clients at a real sshd, and the answer that proves the channel.

client = every_client()
identity = meet(client, endpoint_of(sshd), key_of(sshd.key), trust_of(sshd))
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine import errors
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.endpoint import (
    Credentials,
    Endpoint,
    PeerIdentity,
    SshTrust,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.openssh_stream import open_openssh
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.paramiko_stream import open_paramiko
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ssh.stream import Stream

from ..running.patience import HANG_SECONDS
from ..servers import ssh_keys
from ..servers.sshd import Sshd

__all__ = [
    "OPENERS",
    "endpoint_of",
    "eventually",
    "every_client",
    "greet",
    "key_of",
    "meet",
    "read",
    "refuse",
    "trust_of",
]

OPENERS = {"openssh": open_openssh, "paramiko": open_paramiko}


def every_client() -> Any:
    """Return a fixture: the name of each client."""

    @pytest.fixture(name="client", params=sorted(OPENERS))
    def client(request: pytest.FixtureRequest) -> str:
        return request.param

    return client


def endpoint_of(server: Sshd, **changes: Any) -> Endpoint:
    values = {"ssh_config_file": "none", "connect_timeout": 15.0, **changes}
    return Endpoint("sftp", server.host, server.port, server.user, **values)


def trust_of(server: Sshd) -> SshTrust:
    return SshTrust(known_hosts_file=str(server.known_hosts))


def key_of(key: ssh_keys.SshKey, **changes: Any) -> Credentials:
    return Credentials(private_key_file=str(key.path), ssh_agent=False, **changes)


def greet(stream: Stream) -> None:
    """Prove the channel: SSH_FXP_INIT is answered by SSH_FXP_VERSION 3."""
    os.write(stream.write_fd, b"\0\0\0\5\1\0\0\0\3")
    assert read(stream, 9)[4:9] == b"\2\0\0\0\3"


def read(stream: Stream, size: int, seconds: float = HANG_SECONDS) -> bytes:
    data = b""
    while len(data) < size and select.select([stream.read_fd], [], [], seconds)[0]:
        piece = os.read(stream.read_fd, 65536)
        if not piece:
            break
        data += piece
    return data


def meet(client: str, endpoint: Endpoint, credentials: Credentials, trust: SshTrust) -> PeerIdentity:
    with closing(OPENERS[client](endpoint, credentials, trust)) as stream:
        identity = stream.wait_ready()
        greet(stream)
        return identity


def refuse(client: str, endpoint: Endpoint, credentials: Credentials, trust: SshTrust) -> errors.SyncError:
    with pytest.raises(errors.SyncError) as caught:
        meet(client, endpoint, credentials, trust)
    assert caught.value.cure
    assert str(caught.value).isprintable()
    return caught.value


def eventually(condition: Callable[[], bool], seconds: float = HANG_SECONDS) -> bool:
    """The server writes its log on its own time."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()
