# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins of one account for any request, with options of ssh that ask for more than SFTP.

The server is proven as for a sync. A login that fails raises an error. A refusal after the login is an observation.

The probe forwards an SSH agent without keys, so that the user's own agent never reaches the server.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import time
from typing import List, NamedTuple, Optional, Sequence, Tuple, TypeVar

from ...errors import ConnectionFailed, ConnectTimeout, SyncError, TrustError
from ...model.display import display_text
from ...model.endpoint import PeerIdentity, SshAccount
from ...ssh.inputs import check_inputs
from ...ssh.openssh_config import write_override
from ...ssh.openssh_messages import SshLog
from ...ssh.openssh_stream import OpenSshStream, login_plan
from ...system.background import in_background

SFTP = ("-s", "sftp")
AGENT = "ForwardAgent yes"
"""An option of ssh: here it forwards an agent that has no keys, and only if the login needs no agent itself."""

_SECONDS = 10.0
_LAST_WORDS = 1.0
_TICK = 0.1
_MOST_BYTES = 64 << 10
_MOST_LINES = 2000
_STATISTICS = ("debug", "Authenticated to ", "Transferred: ", "Bytes per second")


_Stream = TypeVar("_Stream", bound="ProbeStream")
_FAILURE = b"\0\0\0\1\5"
"""SSH_AGENT_FAILURE (draft-ietf-sshm-ssh-agent)."""


class Outcome(NamedTuple):
    """The server's answer to a request.

    refused: the session did not begin, or ended at once
    output: the bytes that came over the session
    messages: the messages of ssh, and of programs at the server
    """

    refused: bool
    output: bytes = b""
    messages: Tuple[str, ...] = ()

    def mentions(self, text: str) -> bool:
        return any(text in line for line in self.messages)

    @property
    def last_words(self) -> str:
        """Return the last message that is not a debug message, escaped; empty if there is none."""
        lines = [line for line in self.messages if line.strip() and not line.startswith(_STATISTICS)]
        return display_text(lines[-1].strip()[:200]) if lines else ""


class _Log(SshLog):
    """Keeps all messages, and notes the end of the login."""

    def __init__(self) -> None:
        super().__init__()
        self.all: List[str] = []
        self.has_logged_in = False

    def _take(self, line: str) -> None:
        self.has_logged_in |= line.startswith(("Authenticated to ", "debug1: Authentication succeeded"))
        if len(self.all) < _MOST_LINES:
            self.all.append(line)
        super()._take(line)


class ProbeStream(OpenSshStream):
    """One login.

    words: the request, as the last words of ssh's command line
    options: lines of ssh_config(5) that override all others
    """

    def __init__(self, account: SshAccount, words: Sequence[str] = SFTP, options: Sequence[str] = ()) -> None:
        check_inputs(*account)
        super().__init__(account.endpoint, account.credentials, account.trust, request=list(words))
        self.trust = account.trust
        self.peer: Optional[PeerIdentity] = None
        """The proven server, after the login."""
        self._log: _Log = _Log()
        self._agent: Optional[EmptyAgent] = None
        self._options: Sequence[str] = options

    @property
    def messages(self) -> Tuple[str, ...]:
        self.drain_messages()
        return tuple(self._log.all)

    def directory_path(self, name: str) -> str:
        """Return the path of a name in the private directory, which ends with the login."""
        return self._guard.path(name)

    def close(self) -> None:
        super().close()
        if self._agent is not None:
            self._agent.close()

    def refusal(self) -> Optional[Outcome]:
        """Wait until the request is accepted; return the outcome if it is refused. Raises if the login fails."""
        try:
            self.peer = self.wait_ready()
        except SyncError as error:
            if isinstance(error, (TrustError, ConnectTimeout)) or not self._log.has_logged_in:
                raise
            return Outcome(True, messages=tuple(self._log.all))
        return None

    def converse(self, content: bytes) -> Outcome:
        """Send some bytes and the end of the input, and receive the answer until the session ends."""
        refusal = self.refusal()
        if refusal is not None:
            return refusal
        output = self._received(content)
        deadline = time.monotonic() + _LAST_WORDS
        while self._child is not None and not self._guard.has_ended(self._child) and time.monotonic() < deadline:
            self._serve(_TICK)
        return Outcome(False, output, self.messages)

    def _received(self, content: bytes) -> bytes:
        with contextlib.suppress(OSError):  # of a session that has ended already
            os.write(self.write_fd, content)
        self.end_input()
        output, deadline = b"", time.monotonic() + _SECONDS
        while len(output) < _MOST_BYTES and time.monotonic() < deadline:
            if not select.select([self.read_fd], [], [], _TICK)[0]:
                self.drain_messages()
                continue
            try:
                more = os.read(self.read_fd, 4096)
            except OSError:
                break
            if not more:
                break
            output += more
        return output

    def _with_agent(self) -> List[str]:
        """Return the lines about the agent; called when it is known whether the login needs an agent."""
        if AGENT not in self._options:
            return []
        if self._credentials.private_key_file is None:
            return ["ForwardAgent no"]
        path = self.directory_path("empty_agent")
        self._agent = self._agent or EmptyAgent(path)
        return [f'IdentityAgent "{path}"']

    def _configuration(self) -> str:
        options = [*self._with_agent(), *self._options]
        return write_override(self._guard, self._endpoint.host, options, super()._configuration())


def started(stream: _Stream) -> _Stream:
    """Start a login; the caller closes the stream, which is closed if this fails."""
    try:
        stream.start(login_plan(stream.trust))
    except OSError as error:
        stream.close()
        raise ConnectionFailed(f"ssh could not be started: {error.strerror}") from None
    except BaseException:
        stream.close()
        raise
    return stream


def converse(account: SshAccount, words: Sequence[str], options: Sequence[str] = (), content: bytes = b"") -> Outcome:
    """Make one request over a login of its own."""
    stream = started(ProbeStream(account, words, options))
    try:
        return stream.converse(content)
    finally:
        stream.close()


class EmptyAgent:
    """Answers every request with a failure, until `close`."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(path)
        self._socket.listen(8)
        self._thread = in_background(self._serve, name="empty agent")

    def close(self) -> None:
        """End the agent; its open connections end with the program at their other end."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self._socket.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                while connection.recv(4096):
                    connection.sendall(_FAILURE)
