# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Behaviours of the tests' SFTP server: broken packets, broken order, broken sessions."""

from __future__ import annotations

__all__ = [
    "CutPacket",
    "Disconnect",
    "Greeting",
    "HugePacket",
    "ManyExtensions",
    "OldVersion",
    "OutOfOrder",
    "ShortPackets",
    "Slow",
    "Stall",
    "TwiceAnswered",
    "WrongIds",
    "WrongTypes",
]

import os
import time

from .. import sftp_wire as wire
from ..sftp_service import Server, Stop
from ..sftp_wire import Reply, Request
from .base import Behaviour


class _Late(Behaviour):
    """Begins with request number `value`."""

    default = b"3"

    def due(self, server: Server) -> bool:
        """Return whether it has begun."""
        return server.requests >= self.number


class WrongIds(_Late):
    """Replies carry the number of no request, from request `value` on."""

    name = "wrong_ids"

    def packet(self, server: Server, packet: bytes) -> bytes:
        if not self.due(server):
            return packet
        number = int.from_bytes(packet[5:9], "big") ^ 0x40000000
        return packet[:5] + number.to_bytes(4, "big") + packet[9:]


class WrongTypes(_Late):
    """Replies are of a type that the request cannot have, from request `value` on."""

    name = "wrong_types"

    def reply(self, server: Server, request: Request, reply: Reply) -> Reply:
        if not self.due(server):
            return reply
        return wire.handle(b"wrong") if reply.kind != wire.HANDLE else wire.data(b"wrong")


class TwiceAnswered(_Late):
    """Every request is answered twice, from request `value` on."""

    name = "twice_answered"

    def packet(self, server: Server, packet: bytes) -> bytes:
        return packet * 2 if self.due(server) else packet


class ShortPackets(_Late):
    """Replies end in the middle of their fields, from request `value` on."""

    name = "short_packets"

    def reply(self, server: Server, request: Request, reply: Reply) -> Reply:
        return Reply(reply.kind, reply.body[:3]) if self.due(server) else reply


class HugePacket(_Late):
    """A reply states a length of 2 GiB, from request `value` on."""

    name = "huge_packet"

    def packet(self, server: Server, packet: bytes) -> bytes:
        return b"\x7f\xff\xff\xff" + packet[4:] if self.due(server) else packet


class CutPacket(_Late):
    """The session ends in the middle of the reply to request `value`."""

    name = "cut_packet"
    _cut = False

    def packet(self, server: Server, packet: bytes) -> bytes:
        if self._cut:
            raise Stop
        self._cut = self.due(server)
        return packet[: len(packet) // 2] if self._cut else packet

    def batch(self, packets: list[bytes]) -> list[bytes]:
        if self._cut:
            # Nothing more may come in before the end is seen: the half reply is the last that is sent.
            os.write(1, b"".join(packets))
            os._exit(1)
        return packets


class Disconnect(_Late):
    """The session ends when request `value` comes."""

    name = "disconnect"

    def request(self, server: Server, request: Request) -> Reply | None:
        if self.due(server):
            raise Stop
        return None


class Stall(_Late):
    """No request is answered from number `value` on; the connection stays."""

    name = "stall"

    def packet(self, server: Server, packet: bytes) -> bytes:
        return b"" if self.due(server) else packet


class Slow(Behaviour):
    """Every request takes `value` milliseconds."""

    name = "slow"
    default = b"5"

    def request(self, server: Server, request: Request) -> Reply | None:
        time.sleep(self.number / 1000)
        return None


class OutOfOrder(Behaviour):
    """The replies to requests that came together leave last one first, as the protocol allows."""

    name = "out_of_order"

    def batch(self, packets: list[bytes]) -> list[bytes]:
        return packets[::-1]


class OldVersion(Behaviour):
    """Claims protocol version `value`."""

    name = "old_version"
    default = b"2"

    def version(self, number: int) -> int:
        return self.number


class ManyExtensions(Behaviour):
    """Announce `value` unknown extensions and the real extensions."""

    name = "many_extensions"
    default = b"2000"

    def extensions(self, advertised: dict[bytes, bytes]) -> dict[bytes, bytes]:
        return {**{b"unknown-%d@example.org" % each: b"1" for each in range(self.number)}, **advertised}


class Greeting(Behaviour):
    """Text comes before the first packet, as from a login script that prints."""

    name = "greeting"
    default = b"Welcome to the jungle\n"

    def batch(self, packets: list[bytes]) -> list[bytes]:
        text, self.value = self.value, b""
        return [text, *packets]
