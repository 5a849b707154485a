# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses of a host name, within a time: getaddrinfo(3) itself knows no limit but the resolver's own."""

from __future__ import annotations

import socket
from queue import Empty, SimpleQueue
from typing import Any, List, Tuple

from ..errors import ConnectionFailed, ConnectTimeout
from ..system.background import in_background

Address = Tuple[Any, Any, int, str, Any]
"""As getaddrinfo gives it: family, type, protocol, canonical name, address."""

_Answer = Tuple[List[Address], str]
"""The addresses, or an error message."""


def addresses_of(host: str, port: int, *, where: str, seconds: float) -> List[Address]:
    """Return at least one address. where: for messages. Raises ConnectTimeout after `seconds`, ConnectionFailed.

    A thread does the lookup and is abandoned when it takes too long: it holds no resource and blocks no other work.
    """
    answers: SimpleQueue[_Answer] = SimpleQueue()
    in_background(lambda: answers.put(_ask(host, port)), name=f"addresses of {host}")
    try:
        found, problem = answers.get(timeout=max(0.0, seconds))
    except Empty:
        raise ConnectTimeout(
            f"{where}: the name was not looked up within connect_timeout",
            cure="Check the name servers of the host that runs the module, or raise connect_timeout.",
        ) from None
    if not found:
        raise ConnectionFailed(f"{where}: {problem or 'the name has no address'}", cure="Check the host name.")
    return found


def _ask(host: str, port: int) -> _Answer:
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM), ""
    except (OSError, UnicodeError) as error:
        return [], getattr(error, "strerror", None) or "not a host name"
