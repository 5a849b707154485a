# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The base of every behaviour of the tests' SFTP server: hooks that change nothing, and the table of all by name."""

from __future__ import annotations

__all__ = ["BEHAVIOURS", "Behaviour", "extension"]

from .. import sftp_wire as wire
from ..sftp_service import Server
from ..sftp_wire import Reply, Request

BEHAVIOURS: dict[str, type[Behaviour]] = {}


class Behaviour:
    """Changes nothing. A subclass enters BEHAVIOURS under its `name`; `default` is its value if none is given."""

    name = ""
    default = b""

    def __init_subclass__(cls) -> None:
        if cls.name:
            BEHAVIOURS[cls.name] = cls

    def __init__(self, value: bytes = b"") -> None:
        self.value = value or self.default

    @property
    def number(self) -> int:
        """The value as a number."""
        return int(self.value)

    def extensions(self, advertised: dict[bytes, bytes]) -> dict[bytes, bytes]:
        """Return the extensions to name in VERSION."""
        return advertised

    def version(self, number: int) -> int:
        """Return the protocol version to claim."""
        return number

    def request(self, server: Server, request: Request) -> Reply | None:
        """Answer in place of the server, or leave the request to it with None."""
        return None

    def reply(self, server: Server, request: Request, reply: Reply) -> Reply:
        """Return the reply to send in place of `reply`."""
        return reply

    def packet(self, server: Server, packet: bytes) -> bytes:
        """Return the bytes to send in place of the finished packet; none at all for no answer."""
        return packet

    def batch(self, packets: list[bytes]) -> list[bytes]:
        """Return the order in which the replies to one block of requests leave."""
        return packets


def extension(request: Request) -> bytes:
    """Return the name of the extension that `request` uses, or nothing."""
    return request.subject if request.kind == wire.EXTENDED else b""
