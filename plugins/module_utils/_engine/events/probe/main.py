# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program `probe`: ask sshd for a line, and write whether it came.

1. Connect to sshd as any client may, exchange greetings, and leave before a key is exchanged: no account is needed,
   and no login fails. sshd logs the connection with the port of the client.
2. Look for the line of this connection in the journal: no other connection has the port of the client. Look again for
   a minute.
3. Discard the answer if the clock was set back meanwhile: the journal was read from a time that had not come.
4. Write the time and whether the line came into a file (`answer`), which the collector reads in its next pass.

Exit status: 0 if there is an answer, 1 after an error, for instance if no sshd listens; the last answer then remains.

"""

from __future__ import annotations

import re
import socket
import sys
import time
from typing import Callable, Iterator, Optional, Sequence, Tuple

from ...errors import SyncError
from ...model.display import display_text
from ..journal import Gap, Item, is_from_sshd, read_journal
from .answer import Answer, write_answer

_SLACK = 1.0
"""Seconds by which two clocks may differ."""
_GREETING = b"SSH-2.0-secure_ftp_synchronize_probe\r\n"
_PATIENCE = 20.0
_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds between two looks at the journal; a minute in all."""
Journal = Callable[[str, float], Iterator[Item]]


def main(
    arguments: Optional[Sequence[str]] = None,
    *,
    journal: Journal = read_journal,
    pause: Callable[[float], None] = time.sleep,
) -> int:
    """Probe once. arguments: address and port of sshd, the file of the answer."""
    given = sys.argv[1:] if arguments is None else arguments
    if len(given) != 3 or not given[1].isdigit() or int(given[1]) > 65535:
        return _refuse("usage: probe ADDRESS PORT ANSWER")
    address, port, path = given[0], int(given[1]), given[2]
    moment, begun = time.time(), time.monotonic()
    try:
        client, own = greet(address, port)
        is_found = is_logged(client, own, moment, journal, pause)
        if not is_found and time.time() - moment < time.monotonic() - begun - _SLACK:
            return _refuse("the clock was set back during the probe")
        write_answer(path, Answer(moment, is_found))
    except SyncError as error:
        return _refuse(error.message)
    except OSError as error:
        return _refuse(f"{address} port {port}: {error.strerror or error}")
    return 0


def _refuse(words: str) -> int:
    sys.stderr.write(display_text(words) + "\n")
    return 1


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
    line = re.compile(rf"Connection (?:from|closed by|reset by) {re.escape(address)} port {port}(?: .*)?", re.DOTALL)
    for seconds in _PAUSES:
        pause(seconds)
        if any(_is_line(item, line) for item in journal("", since - 1)):
            return True
    return False


def _is_line(item: Item, line: re.Pattern[str]) -> bool:
    return not isinstance(item, Gap) and item.uid == 0 and is_from_sshd(item) and line.fullmatch(item.text) is not None
