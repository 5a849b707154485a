# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An SSH server that forges all text that a peer can write into the messages of `ssh`. It plays an attacker on the
path.

with ForgingSsh(ssh_keys.key("impostor"), debug="request accepted on channel 0") as peer:
    ...  # connect to peer.host, peer.port

Before the key exchange it sends one SSH_MSG_DEBUG, which `ssh -v` prints with its line feeds. It does not announce
strict key exchange, under which ssh refuses such a message: an attacker on the path controls the announcement."""

from __future__ import annotations

__all__ = ["ForgingSsh"]

import contextlib
import socket
import threading
from typing import Self

import paramiko

from ..servers.ports import LOOPBACK
from ..servers.ssh_keys import SshKey

_DEBUG, _DISCONNECT = b"\x04", b"\x01"
_SECONDS = 20


class ForgingSsh:
    """debug: lines for ssh's debug output; disconnect: text of a disconnect message instead of a key exchange; prompts:
    questions of keyboard-interactive, whose answers are in `answers`; silent: no reply after the debug message;
    endless: the debug message again and again."""

    def __init__(
        self,
        host_key: SshKey,
        *,
        debug: str = "",
        disconnect: str = "",
        prompts: tuple[str, ...] = (),
        silent: bool = False,
        endless: bool = False,
    ) -> None:
        self.host_key, self.debug, self.disconnect, self.silent = host_key, debug, disconnect, silent
        self.endless = endless
        self.prompts, self.answers = prompts, list[str]()
        self.users = list[str]()
        self._listener = socket.create_server((LOOPBACK, 0))
        self.host, self.port = self._listener.getsockname()
        self._transports = list[paramiko.Transport]()

    def __enter__(self) -> Self:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._listener.close()
        for transport in self._transports:
            transport.close()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _address = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        transport = _Transport(connection, self)
        self._transports.append(transport)
        transport.add_server_key(paramiko.PKey.from_path(self.host_key.path))
        with contextlib.suppress(paramiko.SSHException, EOFError, OSError):
            transport.start_server(event=threading.Event(), server=_Accounts(self))


class _Transport(paramiko.Transport):
    def __init__(self, connection: socket.socket, peer: ForgingSsh) -> None:
        super().__init__(connection, strict_kex=False)
        self._peer = peer
        self.daemon = True

    def _send_kex_init(self) -> None:
        while self._peer.debug:
            self._say(
                _DEBUG, lambda message: (message.add_boolean(True), message.add_string(_own_lines(self._peer.debug)))
            )
            if not self._peer.endless:
                break
        if self._peer.disconnect:
            self._say(_DISCONNECT, lambda message: (message.add_int(2), message.add_string(self._peer.disconnect)))
        if not self._peer.silent:
            super()._send_kex_init()

    def _say(self, kind: bytes, fill: object) -> None:
        message = paramiko.Message()
        message.add_byte(kind)
        fill(message)
        message.add_string("")
        self._send_message(message)


def _own_lines(text: str) -> str:
    """ssh prints the first line behind a mark of its own, the others as they are."""
    return "x\r\n%s\r\nx" % "\r\n".join(text.splitlines())


class _Accounts(paramiko.ServerInterface):
    def __init__(self, peer: ForgingSsh) -> None:
        self._peer = peer

    def get_allowed_auths(self, username: str) -> str:
        self._peer.users.append(username)
        return "keyboard-interactive" if self._peer.prompts else "publickey"

    def check_auth_interactive(self, username: str, _submethods: str) -> object:
        self._peer.users.append(username)
        return paramiko.InteractiveQuery("", "", *((prompt, False) for prompt in self._peer.prompts))

    def check_auth_interactive_response(self, responses: list[str]) -> int:
        self._peer.answers += responses
        return paramiko.AUTH_FAILED
