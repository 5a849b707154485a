# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The base of every behaviour of the tests' FTPS server: hooks that change nothing, and the table of all by name."""

from __future__ import annotations

__all__ = ["BEHAVIOURS", "Behaviour", "Blocks"]

import ssl
from collections.abc import Callable, Iterator
from socket import socket
from typing import TYPE_CHECKING

from ..ftps_wire import Command, Listed

if TYPE_CHECKING:
    from ..ftps_session import Session

BEHAVIOURS: dict[str, type[Behaviour]] = {}
Blocks = Iterator[bytes]


class Behaviour:
    """Changes nothing.

    A subclass enters BEHAVIOURS under its `name`; `default` is its value if none is given. One object serves all
    sessions of a server: its counters cover the whole run of a client.
    """

    name = ""
    default = b""
    form: Callable[[Listed], bytes] | None = None
    """How it writes the lines of LIST, where it has a form of its own."""

    def __init_subclass__(cls) -> None:
        if cls.name:
            BEHAVIOURS[cls.name] = cls

    def __init__(self, value: bytes = b"") -> None:
        self.value = value or self.default

    @property
    def number(self) -> int:
        """The value as a number."""
        return int(self.value)

    def greeting(self, session: Session, greeting: bytes) -> bytes:
        """Return the bytes to greet with."""
        return greeting

    def features(self, lines: list[bytes]) -> list[bytes]:
        """Return the lines of FEAT."""
        return lines

    def context(self, context: ssl.SSLContext, *, data: bool) -> ssl.SSLContext:
        """Return the context for control connections, or for data connections; asked once."""
        return context

    def command(self, session: Session, command: Command) -> bytes | None:
        """Answer in place of the server, or leave the command to it with None."""
        return None

    def reply(self, session: Session, command: Command, answer: bytes) -> bytes:
        """Return the bytes to send in place of `answer`, which may be a preliminary reply too; none at all for none."""
        return answer

    def entries(self, session: Session, path: bytes, entries: Iterator[Listed]) -> Iterator[Listed]:
        """Return the entries to list instead; `path` is the directory, absolute in the server's tree."""
        return entries

    def lines(self, session: Session, command: Command, lines: Blocks) -> Blocks:
        """Return the lines of a listing, with their ends, to send instead."""
        return lines

    def content(self, session: Session, command: Command, blocks: Blocks) -> Blocks:
        """Return the bytes to send instead of a file's."""
        return blocks

    def stored(self, session: Session, command: Command, blocks: Blocks) -> Blocks:
        """Return the bytes to store instead of an upload's."""
        return blocks

    def open_data(self, session: Session, connection: socket) -> socket | None:
        """Return the data connection to use in place of one with TLS, or None."""
        return None

    def close_data(self, session: Session, command: Command, connection: socket) -> bool:
        """End the data connection improperly, and return True."""
        return False
