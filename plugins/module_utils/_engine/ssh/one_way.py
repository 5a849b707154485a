# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Transport for the bytes between a stream and the SFTP client, in one direction."""

from __future__ import annotations

import socket
from typing import Tuple

__all__ = ["one_way"]

_SIZE = 208 << 10
"""The default buffer size of a system (net.core.wmem_default), small enough to stay in a processor's cache."""


def one_way() -> Tuple[int, int]:
    """Reader and writer of a socket pair. A writer that waits for a pipe is woken for each page that is read, one that
    waits for a socket when most of its buffer is free (unix(7)): far fewer switches between the processes."""
    reader, writer = socket.socketpair()
    writer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SIZE)
    return reader.detach(), writer.detach()
