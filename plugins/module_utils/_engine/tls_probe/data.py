# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test which weaknesses a server allows on data connections, with an account: it only lists, and writes nothing. The
server must be proven before: a password goes only to a proven server."""

from __future__ import annotations

import contextlib
import time
from functools import partial
from typing import ContextManager, Iterator, Optional, Tuple

from ..errors import ConnectionLost, ProtocolViolation, SyncError
from ..ftps.channel import Channel, Watch, connect
from ..ftps.control import Control
from ..ftps.data_connection import EPSV_DONE, PASV_DONE, port_of
from ..ftps.login import log_in, log_in_unprotected
from ..ftps.replies import Command, Reply, flight
from ..ftps.session import FtpsSession
from ..tls.context import client_context
from ..tls.survey import DataFacts
from .dialer import Dialer

_LIST: Command = (b"LIST", b"")
_MOST_SECONDS = 20.0


def data_facts(dialer: Dialer) -> DataFacts:
    """Test data connections. Raises TrustError, AuthenticationFailed, ConnectionFailed and their subclasses."""
    probe = _Probe(dialer)
    facts = probe.protected(DataFacts())
    facts = probe.own_session(facts)
    return probe.unprotected(facts)


class _Probe:
    def __init__(self, dialer: Dialer) -> None:
        self._dialer = dialer
        target = dialer.target
        self._endpoint, self._credentials, self._tls = target.endpoint, target.credentials, target.tls
        self._context = target.context or client_context(target.tls, target.credentials)

    def protected(self, facts: DataFacts) -> DataFacts:
        """List over a protected data connection."""
        session = FtpsSession(self._endpoint, self._credentials, self._tls, context=self._context)
        self._dialer.paced(session.login)
        try:
            for _line in session.list_lines(*_LIST, seconds=_MOST_SECONDS):
                pass
            return facts._replace(resumed=session.identity.data_channel_resumed)
        except SyncError as error:
            return facts._replace(protected=error.message)
        finally:
            session.close()

    def own_session(self, facts: DataFacts) -> DataFacts:
        """List over a TLS session unrelated to the control connection's, as a faster attacker could."""
        done = self._dialer.paced(lambda: log_in(self._endpoint, self._credentials, self._tls, self._context))
        with _closing(done.control.channel):
            served, certificate = self._listing(done.control, protected=True)
        same = None if certificate is None else certificate == done.peer.certificate
        return facts._replace(reuse_demanded=not served, same_certificate=same)

    def unprotected(self, facts: DataFacts) -> DataFacts:
        """Listings in clear, and a control connection in clear, which nothing undoes: it comes last."""
        control, _peer = self._dialer.paced(
            lambda: log_in_unprotected(self._endpoint, self._credentials, self._tls, self._context)
        )
        with _closing(control.channel), contextlib.suppress(ConnectionLost, ProtocolViolation):
            facts = facts._replace(clear_first=self._listing(control, protected=False)[0])
            self._say(control, (b"PBSZ", b"0"))
            facts = facts._replace(prot_c=self._say(control, (b"PROT", b"C")).good)
            if facts.prot_c:
                facts = facts._replace(clear=self._listing(control, protected=False)[0])
            facts = facts._replace(ccc=self._say(control, (b"CCC", b"")).good)
        return facts

    @staticmethod
    def _say(control: Control, command: Command) -> Reply:
        control.send(flight([command]))
        return control.take_final()

    def _listing(self, control: Control, *, protected: bool) -> Tuple[bool, Optional[bytes]]:
        """Return whether a listing was served, and the certificate of its connection. Raises ConnectionLost if the
        control connection does not go on."""
        reply = self._say(control, (b"EPSV", b""))
        if reply.code != EPSV_DONE:
            reply = self._say(control, (b"PASV", b""))
        if reply.code not in (EPSV_DONE, PASV_DONE):
            return False, None
        control.send(flight([_LIST]))
        certificate = None
        with contextlib.suppress(SyncError, _Refused), self._connected(control, reply) as data:
            # Some servers refuse before the handshake, others after it: their reply decides in both cases.
            if protected:
                data.start_tls(self._context, self._endpoint.host.rstrip("."))
                certificate = data.sock.getpeercert(binary_form=True)
            _drain(data)
        return control.take_final().good, certificate

    @staticmethod
    def _connected(control: Control, reply: Reply) -> ContextManager[Channel]:
        """Return the data connection, closed at the end."""
        address = control.channel.sock.getpeername()
        place = (address[0], port_of(reply), *address[2:])
        watch = Watch(control.channel.fd, partial(_end_if_refused, control))
        return _closing(connect(place, control.channel.sock.family, control.channel.patience, watch))


class _Refused(Exception):
    """The server's reply is there, and data need not be waited for."""


def _end_if_refused(control: Control) -> None:
    if control.wait_final(0):
        reply = control.front()
        if reply is not None and reply.refused:
            raise _Refused


def _drain(data: Channel) -> None:
    view, deadline = memoryview(bytearray(65536)), time.monotonic() + _MOST_SECONDS
    while data.receive(view):
        if time.monotonic() > deadline:
            return


@contextlib.contextmanager
def _closing(channel: Channel) -> Iterator[Channel]:
    try:
        yield channel
    finally:
        channel.close()
