# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Forwarding: to a port and a socket of the host, from a port and a socket of the host, of the display, and tunnels.

sshd changes its root before it forwards: a socket of the host is out of reach in a jail, but the account can have sshd
listen on a socket in the jail. sshd leaves the file of such a socket behind; it has a temporary name and is removed.
"""

from __future__ import annotations

import re
import socket
from typing import Iterator, List, Optional, Sequence, Tuple

from ...model.endpoint import SshAccount
from ...model.findings import Finding
from ...sftp.pool import SftpPool
from .catalogue import finding
from .login import SFTP, ProbeStream, started
from .sftp_session import joined, opened, temporary_name

_BUS = "/run/dbus/system_bus_socket"
_QUESTION = b"\0AUTH EXTERNAL 30\r\n"
_SECONDS = 10.0
_LISTENER = re.compile(rb"/[A-Za-z0-9_./-]{0,60}\Z")
"""Directories that need no quotes in ssh_config(5), and short enough for a socket."""
_NOT_THERE = "open failed: connect failed: Connection refused"
"""Only for a port: the answer for a socket is the same whether sshd refuses or fails."""

_ALLOCATED = "Allocated port "
_DISPLAY_ASKED, _DISPLAY_REFUSED = "Requesting X11 forwarding", "X11 forwarding request failed"
_TUNNEL_ANSWERED, _TUNNEL_REFUSED = "tunnel forward established", "Tunnel forwarding failed"
"""ssh writes the first text in both cases."""

_NO_DEVICE = ("Tunnel device open failed", "Could not request tunnel forwarding")
_NO_TUNNEL = ("tunnel", "this host has no tunnel device for its own end, or may not use it")


def forwards(
    account: SshAccount, directories: Sequence[bytes], not_checked: List[Tuple[str, str]]
) -> Iterator[Finding]:
    """Ask for all forwarding over one login.

    directories: where the account may store
    not_checked: takes the tunnel, if this host has no device for its own end, so that nothing is asked
    """
    listener = next((joined(each, temporary_name()) for each in directories if _LISTENER.match(each)), None)
    stream = started(_Forwarding(account, listener))
    try:
        if stream.refusal() is None:
            yield from _through(stream, "port", _QUESTION, "port_forwarding")
            yield from _through(stream, "socket", _QUESTION, "socket_forwarding")
            yield from from_the_host(stream.messages)
            if has_no_device(stream.messages):
                not_checked.append(_NO_TUNNEL)
            if listener is not None:
                yield from _listening(stream, listener)
    finally:
        stream.close()


def _listening(stream: ProbeStream, path: bytes) -> Iterator[Finding]:
    pool = SftpPool(stall_timeout=_SECONDS)
    try:
        sftp = opened(stream, pool)
        if sftp is not None and sftp.entry(path) is not None:
            sftp.remove(path)
            yield finding("socket_forwarding", "the server listens on a socket for the client")
    finally:
        pool.close()


class _Forwarding(ProbeStream):
    """A login with all forwarding; the sockets at this end are in the private directory."""

    def __init__(self, account: SshAccount, listener: Optional[bytes]) -> None:
        super().__init__(account, SFTP)
        self._environment["DISPLAY"] = "127.0.0.1:99"
        port = account.endpoint.port or 22
        from_socket = [] if listener is None else [f'RemoteForward "{listener.decode()}" 127.0.0.1:9']
        self._options = (
            *from_socket,
            "ClearAllForwardings no",
            f'LocalForward "{self.directory_path("port")}" 127.0.0.1:{port}',
            f'LocalForward "{self.directory_path("socket")}" {_BUS}',
            "RemoteForward 127.0.0.1:0 127.0.0.1:9",
            "ForwardX11 yes",
            "ForwardX11Trusted yes",
            "XAuthLocation none",
            "Tunnel point-to-point",
            "TunnelDevice any:any",
        )


def _through(stream: ProbeStream, name: str, question: bytes, code: str) -> Iterator[Finding]:
    before = len(stream.messages)
    answer = _asked(stream.directory_path(name), question)
    yield from judged(code, answer, stream.messages[before:])


def _asked(path: str, question: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_SECONDS)
        try:
            connection.connect(path)
            connection.sendall(question)
            return connection.recv(100)
        except OSError:
            return b""


def judged(code: str, answer: bytes, messages: Sequence[str]) -> Iterator[Finding]:
    """Judge an attempt to connect through the server: bytes came, or the server tried and found no listener."""
    if answer:
        yield finding(code, "the far end of the connection answers")
    elif any(_NOT_THERE in line for line in messages):
        yield finding(code, "the server tries to connect, and finds no listener")


def from_the_host(messages: Sequence[str]) -> Iterator[Finding]:
    """Judge the requests for a listener, for the display and for a tunnel by ssh's messages."""
    if any(line.startswith(_ALLOCATED) for line in messages):
        yield finding("remote_forwarding", "the server listens on a port for the client")
    asked = any(_DISPLAY_ASKED in line for line in messages)
    if asked and not any(_DISPLAY_REFUSED in line for line in messages):
        yield finding("display_forwarding", "the server forwards the display")
    answered = any(_TUNNEL_ANSWERED in line for line in messages)
    if answered and not any(_TUNNEL_REFUSED in line for line in messages):
        yield finding("tunnel", "the server opens a tunnel")


def has_no_device(messages: Sequence[str]) -> bool:
    """Return whether ssh could not open the tunnel device of this host."""
    return any(text in line for line in messages for text in _NO_DEVICE)
