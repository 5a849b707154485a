# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""DataOpener: makes data connections in passive mode (EPSV, PASV), with TLS session resumption from the control
connection, and lets none go to another server."""

from __future__ import annotations

import re
import ssl
from typing import Callable, Optional, Sequence

from ..errors import (
    AuthenticationFailed,
    ConnectionFailed,
    ConnectionLost,
    DataChannelUntrusted,
    NotSupported,
    ProtocolViolation,
    TrustError,
)
from ..tls.spki import TlsPeer
from .channel import Channel, connect
from .control import Control
from .replies import Command, Reply, item_error
from .transfer import Interrupted, Transfer, refusal

_RESTART = 350
_UNKNOWN = 500

Send = Callable[[Sequence[Command]], None]
"""Sends commands, whose replies are still to be taken then."""
EPSV_DONE = 229
PASV_DONE = 227
_EXTENDED = re.compile(rb"\(([\x21-\x7e])\1\1([0-9]{1,5})\1\)")
_NUMBERS = re.compile(rb"(?<![0-9])[0-9]{1,3}(?:,[0-9]{1,3}){3},([0-9]{1,3}),([0-9]{1,3})(?![0-9])")


class DataOpener:
    """For one control connection. resumed: whether every data connection so far resumed its TLS session, None if
    there was none."""

    def __init__(self, control: Control, peer: TlsPeer, context: ssl.SSLContext, host: str) -> None:
        self.resumed: Optional[bool] = None
        self._control = control
        self._peer = peer
        self._context = context
        self._host = host
        self._extended: Optional[bool] = None

    def open(self, transfer: Transfer, command: Command, offset: int, send: Send) -> None:
        """Start the transfer of `command`, behind REST where `offset` is not 0. Raises ItemError if the server
        refuses, ConnectionLost, Stalled, ProtocolViolation, DataChannelUntrusted."""
        # Once EPSV is known to work, it and the command go together. REST must not: after a refused REST, the transfer
        # would begin at 0.
        if self._extended and not offset:
            send([(b"EPSV", b""), command])
            reply = self._control.take_final()
            if reply.code != EPSV_DONE:
                self._control.take_final()
                raise item_error(reply.to(b"EPSV", b""), transfer.path)
            port = port_of(reply)
        else:
            port = self._ask_for_port(transfer, send)
            self._ask_for_offset(transfer, offset, send)
            send([command])
        self._connect(transfer, port)
        transfer.begin()

    def _ask_for_port(self, transfer: Transfer, send: Send) -> int:
        if self._extended is not False:
            reply = self._ask(b"EPSV", send)
            if reply.code == EPSV_DONE:
                self._extended = True
                return port_of(reply)
            if reply.code < _UNKNOWN:
                raise refusal(reply.to(b"EPSV", b""), transfer.path)
        reply = self._ask(b"PASV", send)
        if reply.code != PASV_DONE:
            raise refusal(reply.to(b"PASV", b""), transfer.path)
        self._extended = False
        return port_of(reply)

    def _ask(self, verb: bytes, send: Send) -> Reply:
        send([(verb, b"")])
        return self._control.take_final()

    def _ask_for_offset(self, transfer: Transfer, offset: int, send: Send) -> None:
        if offset:
            send([(b"REST", b"%d" % offset)])
            reply = self._control.take_final()
            if reply.code != _RESTART:
                raise NotSupported(f"the server does not resume: {reply.text}", path=transfer.path)

    def _connect(self, transfer: Transfer, port: int) -> None:
        control = self._control.channel.sock
        try:
            address = control.getpeername()
        except OSError:  # it was reset
            raise ConnectionLost("the server closed the connection", path=transfer.path) from None
        try:
            channel = connect(
                (address[0], port, *address[2:]), control.family, self._control.channel.patience, transfer.watch
            )
            transfer.attach(channel)
            channel.start_tls(self._context, self._host, control.session)
        except Interrupted:
            transfer.broken()
        except (ConnectionFailed, ConnectionLost) as error:
            # The server may have closed its side because it refuses the command: its reply gives the reason.
            transfer.broken(ConnectionLost(f"data connection: {error.message}"))
        except (TrustError, AuthenticationFailed) as error:
            raise DataChannelUntrusted(f"data connection: {error.message}", cure=error.cure) from None
        self._check_peer(channel)

    def _check_peer(self, channel: Channel) -> None:
        resumed = bool(channel.sock.session_reused)
        # A resumed session proves that the other end holds the secrets of the control connection. Without it, the
        # authority's word is not enough: it may have signed another server's certificate for the same name.
        if not resumed and channel.sock.getpeercert(binary_form=True) != self._peer.certificate:
            raise DataChannelUntrusted(
                "the data connection shows another certificate than the control connection",
                cure="Set host to the address of a single server; otherwise this may be a man-in-the-middle attack.",
            )
        self.resumed = resumed and self.resumed is not False


def port_of(reply: Reply) -> int:
    """Return the TCP port in a 229 (RFC 2428 section 3) or 227 (RFC 959 section 4.1.2). Raises ProtocolViolation.

    The address in a 227 is not looked at: a data connection goes where the control connection goes, or nowhere.
    """
    text = b" ".join(reply.lines)
    if reply.code == EPSV_DONE:
        found = _EXTENDED.search(text)
        port = int(found.group(2)) if found else 0
    else:
        found = _NUMBERS.search(text)
        high, low = (int(found.group(1)), int(found.group(2))) if found else (0, 0)
        port = high * 256 + low if low < 256 else 0
    if not 1 <= port <= 65535:
        raise ProtocolViolation(f"the server's reply has no port for the data connection: {reply.text}")
    return port
