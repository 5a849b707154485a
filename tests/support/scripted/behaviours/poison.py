# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Behaviours of the tests' SFTP server: items at which every session ends, as behind a filter that reads along."""

from __future__ import annotations

__all__ = ["PoisonCut", "PoisonRemoval", "PoisonRemovalOnce", "PoisonStall"]

import os

from .. import sftp_wire as wire
from ..sftp_service import Server
from ..sftp_wire import Reply, Request
from .base import Behaviour


class _Poison(Behaviour):
    """The bytes `value` in a name or in content; a listing may show them."""

    default = b"poison"

    def strike(self) -> None:
        """Do the harm."""
        raise NotImplementedError

    def request(self, server: Server, request: Request) -> Reply | None:
        if self.value in request.payload:
            self.strike()
        return None

    def reply(self, server: Server, request: Request, reply: Reply) -> Reply:
        if reply.kind == wire.DATA and self.value in reply.body:
            self.strike()
        return reply


class PoisonCut(_Poison):
    """A request or a reply that holds the bytes `value` ends the session, with all that is under way."""

    name = "poison_cut"

    def strike(self) -> None:
        os._exit(1)


class PoisonRemoval(Behaviour):
    """A REMOVE of a name that contains `value` ends the session before the name is removed."""

    name = "poison_removal"

    def request(self, server: Server, request: Request) -> Reply | None:
        if request.kind == wire.REMOVE and self.value in request.payload:
            self.strike(request)
        return None

    def strike(self, _request: Request) -> None:
        """End the session."""
        os._exit(1)


class PoisonRemovalOnce(PoisonRemoval):
    """As poison_removal, in the first session alone. The others know it by a file in the served directory."""

    name = "poison_removal_once"

    def strike(self, request: Request) -> None:
        seen = os.path.join(os.path.dirname(request.subject), b"..", b"struck")
        if not os.path.exists(seen):
            open(seen, "wb").close()
            os._exit(1)


class PoisonStall(_Poison):
    """From a request or a reply on that holds the bytes `value`, the session is silent."""

    name = "poison_stall"
    _silent = False

    def strike(self) -> None:
        self._silent = True

    def packet(self, server: Server, packet: bytes) -> bytes:
        return b"" if self._silent else packet
