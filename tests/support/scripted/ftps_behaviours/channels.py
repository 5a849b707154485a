# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Behaviours of the tests' FTPS server: data connections that break the agreement."""

from __future__ import annotations

__all__ = [
    "DeadPort",
    "OtherCertificate",
    "PassiveElsewhere",
    "PassiveGarbage",
    "PlaintextData",
    "RefusedData",
    "UnresumedData",
]

import socket
import ssl
from typing import TYPE_CHECKING

from ..ftps_wire import Command, reply
from .base import Behaviour

if TYPE_CHECKING:
    from ..ftps_session import Session


class PlaintextData(Behaviour):
    """Data connections are in clear."""

    name = "plaintext_data"

    def open_data(self, session: Session, connection: socket.socket) -> socket.socket | None:
        return connection


class OtherCertificate(Behaviour):
    """Show another certificate on data connections: the PEM file `value`, which also has the key."""

    name = "other_certificate"

    def context(self, context: ssl.SSLContext, *, data: bool) -> ssl.SSLContext:
        if not data:
            return context
        other = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        other.load_cert_chain(self.value.decode())
        return other


class UnresumedData(Behaviour):
    """Never resume a session on data connections; their certificate is valid."""

    name = "unresumed_data"

    def open_data(self, session: Session, connection: socket.socket) -> socket.socket | None:
        fresh = session.service.fresh_context()
        return fresh.wrap_socket(connection, server_side=True, suppress_ragged_eofs=False)


class PassiveElsewhere(Behaviour):
    """PASV names another host, `value`; the port is listened on here."""

    name = "passive_elsewhere"
    default = b"192,0,2,1"

    def reply(self, session: Session, command: Command, answer: bytes) -> bytes:
        if command.verb != b"PASV":
            return answer
        port = answer.rpartition(b")")[0].split(b",")[-2:]
        return reply(227, b"Entering Passive Mode (%s)" % b",".join([self.value, *port]))


class PassiveGarbage(Behaviour):
    """EPSV is answered with `value` in the place of its port."""

    name = "passive_garbage"
    default = b"(|||0|)"

    def reply(self, session: Session, command: Command, answer: bytes) -> bytes:
        return reply(229, b"Entering Extended Passive Mode " + self.value) if command.verb == b"EPSV" else answer


class DeadPort(Behaviour):
    """Name a port in EPSV on which no process listens."""

    name = "dead_port"

    def reply(self, session: Session, command: Command, answer: bytes) -> bytes:
        if command.verb == b"EPSV" and session.listener is not None:
            session.listener.close()
            session.listener = None
        return answer


class RefusedData(Behaviour):
    """Every transfer is refused with 425 although the data connection was made."""

    name = "refused_data"

    def open_data(self, session: Session, connection: socket.socket) -> socket.socket | None:
        connection.close()
        raise OSError("refused")
