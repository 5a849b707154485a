# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SFTP stream through paramiko, for hosts without an OpenSSH client."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from typing import Any, List, Optional

from ..errors import ConnectionFailed, ConnectionLost, SyncError
from ..model.display import display_text
from ..model.endpoint import Credentials, Endpoint, PeerIdentity, SshTrust
from ..system.background import in_background
from ..trust.fingerprint import fingerprint
from .inputs import check_inputs
from .paramiko_config import library
from .paramiko_login import ParamikoLogin
from .stream import SFTP_SUBSYSTEM, Stream, one_way

_BLOCK = 1 << 18
_JOIN_SECONDS = 5.0


def open_paramiko(
    endpoint: Endpoint, credentials: Credentials, trust: SshTrust, *, request: str = SFTP_SUBSYSTEM, command: str = ""
) -> Stream:
    """Start a login with paramiko and give the stream at once; parameters and errors as for `open_openssh`."""
    library()
    check_inputs(endpoint, credentials, trust)
    login = ParamikoLogin(endpoint, credentials, trust)
    return ParamikoStream(endpoint, login, request=request, command=command)


class ParamikoStream(Stream):
    """One channel, and two threads that carry its bytes to and from the client; see Stream for the contract."""

    def __init__(self, endpoint: Endpoint, login: ParamikoLogin, *, request: str, command: str) -> None:
        self._endpoint, self._login = endpoint, login
        self._request, self._command = request, command
        self._error: Optional[BaseException] = None
        self._ended = ""
        self._channel: Any = None
        self._input, self.write_fd = one_way()
        self.read_fd, self._output = one_way()
        for descriptor in (self.read_fd, self.write_fd):
            os.set_blocking(descriptor, False)
        self._pumps: List[threading.Thread] = []
        self._opening = in_background(self._open, name="ssh-login")

    def _open(self) -> None:
        try:
            self._channel = self._login.open(self._request, self._command)
        except BaseException as error:  # handed on to wait_ready
            self._error = error

    def wait_ready(self) -> PeerIdentity:
        try:
            self._opening.join(max(0.0, self._login.deadline - time.monotonic()) + 0.05)
            if self._opening.is_alive():
                raise self._login.timed_out(display_text(self._endpoint.host))
            if isinstance(self._error, (SyncError, KeyboardInterrupt)):
                raise self._error
            if self._error is not None:
                message = f"{display_text(self._endpoint.host)}: {display_text(str(self._error))}"
                raise ConnectionFailed(message, cure="Read the server's log.") from self._error
            self._start_pumps()
            return self._identity()
        except BaseException:
            self.close()
            raise

    def _start_pumps(self) -> None:
        for action in (self._pump_in, self._pump_out):
            self._pumps.append(in_background(action, name="ssh-pump"))

    def _pump_in(self) -> None:
        """Pass the client's bytes to the channel."""
        with contextlib.suppress(OSError, EOFError, library().SSHException):
            while True:
                data = os.read(self._input, _BLOCK)
                if not data:
                    self._channel.shutdown_write()
                    break
                self._channel.sendall(data)

    def _pump_out(self) -> None:
        """Pass the channel's bytes to the client; a client that does not read stops it, and so the server."""
        try:
            while True:
                data = self._channel.recv(_BLOCK)
                self._drop_side_messages()
                if not data:
                    break
                view = memoryview(data)
                while view:
                    view = view[os.write(self._output, view) :]
        except (OSError, EOFError, library().SSHException) as error:
            self._ended = str(error)
        finally:
            output, self._output = self._output, -1
            os.close(output)

    def _drop_side_messages(self) -> None:
        """Read the other program's stderr: it shares the window with its output, and unread it would stop both."""
        while self._channel.recv_stderr_ready():
            text = self._channel.recv_stderr(4096).decode("utf-8", "replace").strip()
            self._ended = text.splitlines()[-1][:200] if text else self._ended

    def _identity(self) -> PeerIdentity:
        transport = self._login.transport
        key = transport.get_remote_server_key()
        version = transport.remote_version.split("-", 2)
        return PeerIdentity(
            protocol="SSH-" + display_text(version[1]),
            client=f"paramiko_{library().__version__}",
            software=display_text(version[2]),
            host_key_type=key.get_name(),
            host_key_fingerprint=fingerprint(key.asbytes()),
            key_exchange=transport.agreed_key_exchange,
            cipher=str(transport.local_cipher),
        )

    def drain_messages(self) -> None:
        """See Stream; there is no side channel here."""

    def failure(self) -> SyncError:
        message = self._ended
        if self._login.transport is not None:
            message = str(self._login.transport.saved_exception or message)
        return ConnectionLost(
            f"the connection to {display_text(self._endpoint.host)} ended{message and ': ' + display_text(message)}",
            cure="Read the server's log.",
        )

    def cut(self) -> None:
        if self._opening.is_alive():
            self._login.close()

    def close(self) -> None:
        for descriptor in (self.read_fd, self.write_fd):
            if descriptor >= 0:
                os.close(descriptor)
        self.read_fd = self.write_fd = -1
        self._login.close()
        for thread in (self._opening, *self._pumps):
            thread.join(_JOIN_SECONDS)
        own = [self._input] + ([] if self._pumps else [self._output])
        self._input, self._output = -1, -1 if not self._pumps else self._output
        for descriptor in own:
            if descriptor >= 0:
                os.close(descriptor)
