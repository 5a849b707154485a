# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connect to sshd as any client may, and look for the lines of this connection in the journal.

The client greets the server and leaves before a key is exchanged: no account is needed, and no login fails. sshd logs
the connection with the port of the client, so that no other connection can take its place.
"""

from __future__ import annotations

import re
import socket
from typing import Callable, Iterator, Tuple

from ..journal import Gap, Item
from ..journal_entry import is_from_sshd

_GREETING = b"SSH-2.0-secure_ftp_synchronize_probe\r\n"
_PATIENCE = 20.0
_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds between two looks at the journal; a minute in all."""

Journal = Callable[[str, float], Iterator[Item]]


def greet(address: str, port: int) -> Tuple[str, int]:
    """Connect, exchange greetings, and return address and port of this client. Raises OSError."""
    with socket.create_connection((address, port), timeout=_PATIENCE) as connection:
        own = connection.getsockname()
        connection.sendall(_GREETING)
        if not connection.recv(255).startswith(b"SSH-"):
            raise ConnectionError("not an SSH server, or it refuses this host")
        return str(own[0]), int(own[1])


def is_logged(address: str, port: int, since: float, journal: Journal, pause: Callable[[float], None]) -> bool:
    """Return whether sshd logs a connection within a minute.

    address, port: of the client
    since: seconds since 1970, before the connection
    """
    line = re.compile(
        r"Connection (?:from|closed by|reset by) %s port %d(?: .*)?" % (re.escape(address), port), re.DOTALL
    )
    for seconds in _PAUSES:
        pause(seconds)
        if any(_is_line(item, line) for item in journal("", since - 1)):
            return True
    return False


def _is_line(item: Item, line: re.Pattern[str]) -> bool:
    return not isinstance(item, Gap) and item.uid == 0 and is_from_sshd(item) and line.fullmatch(item.text) is not None
