# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stream: the bytes between the SFTP client and an SFTP server, with either SSH implementation."""

from __future__ import annotations

import os
import socket
from abc import ABC, abstractmethod
from typing import Optional, Tuple

from ..errors import SyncError
from ..model.endpoint import PeerIdentity

SFTP_SUBSYSTEM = "sftp"
EXEC = "exec"
_SIZE = 208 << 10
"""The default buffer size of a system (net.core.wmem_default), small enough to stay in a processor's cache."""


class Stream(ABC):
    """An authenticated channel as two non-blocking file descriptors.

    A stream is made by an opener (`open_openssh`, `open_paramiko`), which starts the connection and returns at once, so
    that the caller can work while the login goes on. `wait_ready` ends the login. The peer's identity is decided before
    any credential is sent. After `wait_ready` the client alone reads and writes the descriptors, and calls
    `drain_messages` whenever `message_fd` is readable.
    """

    read_fd: int
    write_fd: int
    message_fd: Optional[int] = None
    """Readable when the other program has written a message (ssh's stderr); None without such a descriptor."""

    @abstractmethod
    def wait_ready(self) -> PeerIdentity:
        """Wait until the channel is open, at most the endpoint's connect_timeout since the start.

        Raises TrustError, AuthenticationFailed, ConnectionFailed (all with a cure); closes the stream when it raises.
        """

    @abstractmethod
    def drain_messages(self) -> None:
        """Read the bytes of `message_fd`, keep the last few KiB for `failure`."""

    def end_input(self) -> None:
        """Close `write_fd`: the program at the far end sees the end of its input."""
        if self.write_fd >= 0:
            os.close(self.write_fd)
            self.write_fd = -1

    @abstractmethod
    def failure(self) -> SyncError:
        """Return why `read_fd` ended: ConnectionLost with the known reason. Never raises."""

    @abstractmethod
    def cut(self) -> None:
        """For any thread: end the login; a thread in `wait_ready` gets a SyncError. Does nothing after the login. Never
        raises."""

    @abstractmethod
    def close(self) -> None:
        """Close the connection and end all its processes. May be called twice."""


def one_way() -> Tuple[int, int]:
    """Return reader and writer of a socket pair, for one direction of a stream.

    A writer that waits for a pipe is woken for each page that is read; a writer that waits for a socket, when most of
    its buffer is free (unix(7)): far fewer switches between the processes.
    """
    reader, writer = socket.socketpair()
    writer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SIZE)
    return reader.detach(), writer.detach()
