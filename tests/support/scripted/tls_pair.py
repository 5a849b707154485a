# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client channel of the engine and the server's end of it, over a pair of sockets, with real TLS."""

from __future__ import annotations

__all__ = ["TlsPair"]

import socket
import ssl
from contextlib import suppress

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.ftps.channel import Channel, Patience

from ..servers.tls_authority import authority


class TlsPair:
    """A channel and the server's end of it, both after the handshake."""

    def __init__(self) -> None:
        near, far = socket.socketpair()
        near.setblocking(False)
        far.setblocking(False)
        certificate = authority().server()
        there, here = (ssl.SSLContext(each) for each in (ssl.PROTOCOL_TLS_SERVER, ssl.PROTOCOL_TLS_CLIENT))
        there.load_cert_chain(certificate.combined)
        here.load_verify_locations(authority().file)
        self.channel = Channel(near, Patience("the server", 5.0))
        self.channel.sock = here.wrap_socket(near, server_hostname="127.0.0.1", do_handshake_on_connect=False)
        self.far = there.wrap_socket(far, server_side=True, do_handshake_on_connect=False)
        for _round in range(3):
            for end in (self.channel.sock, self.far):
                with suppress(ssl.SSLWantReadError):
                    end.do_handshake()
        # The tickets of TLS 1.3.
        assert self.channel.receive_now(bytearray(10)) is None

    def close(self) -> None:
        self.channel.close()
        self.far.close()
