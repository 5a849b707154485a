# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An SSH agent without keys: a probe forwards it, so that the user's own agent never reaches the server."""

from __future__ import annotations

import contextlib
import socket

from ...system.background import in_background

_FAILURE = b"\0\0\0\1\5"
"""SSH_AGENT_FAILURE (draft-ietf-sshm-ssh-agent)."""


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
