# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From an address to a session that is ready for content: look-up, connect, TLS, who is it, USER and PASS; and the true
cause where a port does not serve FTPS as it was asked to.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from queue import Empty, SimpleQueue
from typing import Any, Callable, List, NamedTuple, Tuple, TypeVar

from ..errors import (
    AuthenticationFailed,
    CertificateUntrusted,
    ConnectionFailed,
    ConnectionLost,
    ConnectTimeout,
    InvalidRequest,
    NotTls,
    ProtocolViolation,
    SilentServer,
    SyncError,
    TlsPinMismatch,
    TlsRefused,
    TooManyConnections,
    UnsafeName,
)
from ..model.display import display, display_text
from ..model.endpoint import IMPLICIT, Credentials, Endpoint, TlsTrust
from ..system.background import in_background
from ..tls.context import untrusted_by
from ..tls.spki import TlsPeer, observe, parse_pins
from .channel import Channel, Patience, connect
from .control import CLOSING, Control
from .replies import Features, Reply, flight, too_many

T = TypeVar("T")

_EXPLICIT_PORT = 21
_IMPLICIT_PORT = 990
_TLS_BEGINS = 234
_NEED_PASSWORD = 331
_LOGGED_IN = (230, 232)
_PAUSE = 0.3
"""Seconds between the answer to AUTH TLS and our handshake, for a server that answers before it listens for one (as
ftp-srv does): it takes a handshake that comes at once for a command."""
_FOR_A_GREETING = 0.9
"""Part of connect_timeout; in the rest TLS is tried."""
_SOON = 2.0
"""Seconds for the first words of a port."""
_LIMIT_CURE = "Lower parallel, or let the server admit more sessions."
Address = Tuple[Any, Any, int, str, Any]
"""As getaddrinfo gives it: family, type, protocol, canonical name, address."""
_Answer = Tuple[List[Address], str]
"""The addresses, or an error message."""
_SHOWN = 60


class LoggedIn(NamedTuple):
    """A session that is ready.

    round_trip: seconds of one command
    greeting: for people
    """

    control: Control
    peer: TlsPeer
    features: Features
    greeting: str
    round_trip: float


def log_in(endpoint: Endpoint, credentials: Credentials, trust: TlsTrust, context: ssl.SSLContext) -> LoggedIn:
    """Everything within connect_timeout. Raises TrustError and its kinds before a credential is sent,
    AuthenticationFailed, ConnectionFailed and their kinds, ProtocolViolation."""
    return _Login(endpoint, credentials, trust, context).run()


def show_peer(endpoint: Endpoint, trust: TlsTrust, context: ssl.SSLContext) -> TlsPeer:
    """Return the server, proven by the rules of `trust`; without a login: no user name is sent. Raises as `log_in`."""
    return _Login(endpoint, Credentials(), trust, context).look()


def log_in_unprotected(
    endpoint: Endpoint, credentials: Credentials, trust: TlsTrust, context: ssl.SSLContext
) -> Tuple[Control, TlsPeer]:
    """Log in like `log_in`, but without a command for data connections, which are in the clear then, if the server lets
    them (RFC 4217 section 9). For a check of the server; no content goes this way."""
    return _Login(endpoint, credentials, trust, context).run_unprotected()


def meet_proven(endpoint: Endpoint, trust: TlsTrust, context: ssl.SSLContext) -> Control:
    """Return a connection inside TLS to a server that is proven by the rules of `trust`; no name was sent. The caller
    closes control.channel. Raises as `log_in`."""
    return _Login(endpoint, Credentials(), trust, context).meet_proven()


def meet(endpoint: Endpoint, trust: TlsTrust, *, for_tls: bool = True) -> Control:
    """Return a connection on which nothing is proven yet and no name was sent.

    for_tls: TLS can begin now, after AUTH TLS if the mode is explicit, else with the first byte; if False, only the
        greeting of an explicit server was taken
    The caller closes control.channel. Raises ConnectionFailed and its subclasses, TlsRefused, ProtocolViolation.
    """
    return _Login(endpoint, Credentials(), trust, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)).meet(for_tls=for_tls)


class _Login:
    def __init__(self, endpoint: Endpoint, credentials: Credentials, trust: TlsTrust, context: ssl.SSLContext) -> None:
        self._endpoint = endpoint
        self._credentials = credentials
        self._implicit = trust.mode == IMPLICIT
        self._ca_file = trust.ca_file
        self._port = endpoint.port or (_IMPLICIT_PORT if self._implicit else _EXPLICIT_PORT)
        self._where = f"{display_text(endpoint.host)} port {self._port}"
        self._pins = parse_pins(trust.pins)
        self._context = context
        self._pause = 0.0
        self._user = flight([(b"USER", _secret(endpoint.username or "", "username"))])
        self._password = flight([(b"PASS", _secret(credentials.password or "", "password"))])

    def run(self) -> LoggedIn:
        try:
            done, _channel = self._within_deadline(self._converse)
        except NotTls:
            if self._implicit:
                raise another_protocol(self._where, self._first_words()) from None
            self._pause = _PAUSE
            done, _channel = self._within_deadline(self._converse)
        return done

    def run_unprotected(self) -> Tuple[Control, TlsPeer]:
        done, _channel = self._within_deadline(self._converse_unprotected)
        return done

    def meet(self, *, for_tls: bool) -> Control:
        control, _channel = self._within_deadline(self._before_tls if for_tls else self._greeted)
        return control

    def meet_proven(self) -> Control:
        control, _channel = self._within_deadline(self._proven)
        return control

    def look(self) -> TlsPeer:
        (_greeting, peer), channel = self._within_deadline(self._secure)
        channel.close()
        return peer

    def _within_deadline(self, act: Callable[[Control], T]) -> Tuple[T, Channel]:
        patience = Patience(self._where, self._endpoint.stall_timeout)
        patience.deadline = time.monotonic() + self._endpoint.connect_timeout
        channel = self._connect(patience)
        try:
            done = act(Control(channel))
        except ConnectionLost as error:
            channel.close()
            raise ConnectionFailed(error.message, cure="Read the server's log.") from None
        except BaseException:
            channel.close()
            raise
        patience.deadline = None
        return done, channel

    def _connect(self, patience: Patience) -> Channel:
        deadline = patience.deadline or 0.0
        found = addresses_of(self._endpoint.host, self._port, where=self._where, seconds=deadline - time.monotonic())
        for left, (family, _type, _number, _name, address) in zip(range(len(found), 0, -1), found):
            # An address that does not answer must leave time for the others.
            patience.deadline = time.monotonic() + (deadline - time.monotonic()) / left
            try:
                channel = connect(address, family, patience)
            except (ConnectionFailed, ConnectTimeout):
                if left == 1:
                    raise
            else:
                patience.deadline = deadline
                return channel
        raise AssertionError("addresses_of returns at least one address")

    def _converse(self, control: Control) -> LoggedIn:
        greeting, peer = self._secure(control)
        self._authenticate(control)
        features, round_trip = self._prepare(control)
        return LoggedIn(control, peer, features, display(b" ".join(greeting.lines)[:300]), round_trip)

    def _converse_unprotected(self, control: Control) -> Tuple[Control, TlsPeer]:
        peer = self._secure(control)[1]
        self._authenticate(control)
        return control, peer

    def _proven(self, control: Control) -> Control:
        self._secure(control)
        return control

    def _greeted(self, control: Control) -> Control:
        if not self._implicit:
            self._greeting(control)
        return control

    def _before_tls(self, control: Control) -> Control:
        self._greeted(control)
        if not self._implicit:
            self._ask_for_tls(control)
        return control

    def _secure(self, control: Control) -> Tuple[Reply, TlsPeer]:
        """Return the greeting and the peer that is proven; no credential has been sent."""
        if self._implicit:
            try:
                peer = self._start_tls(control)
            except ConnectTimeout as error:
                error.answered = control.channel.agreed
                raise (error if error.answered else silent(self._where)) from None
            return self._greeting(control), peer
        greeting = self._greeting(control)
        self._ask_for_tls(control)
        return greeting, self._start_tls(control)

    def _first_words(self) -> bytes:
        """Return the first bytes that the server sends by itself, b"" if none come soon."""
        with contextlib.suppress(SyncError):
            words, channel = self._within_deadline(_words)
            channel.close()
            return bytes(words)
        return b""

    def _greeting(self, control: Control) -> Reply:
        if not self._implicit and not control.channel.readable(_FOR_A_GREETING * control.channel.patience.left()):
            raise self._why_silent(control)
        words = b"" if self._implicit else control.channel.peek()
        if words.startswith(b"SSH-"):
            raise another_protocol(self._where, words)
        reply = self._reply(control)
        if not reply.good:
            raise ConnectionFailed(f"{self._where}: the server says: {reply.text}", cure="Read the server's log.")
        return reply

    def _why_silent(self, control: Control) -> SyncError:
        """Try TLS: a server that begins with it does not greet."""
        try:
            control.channel.start_tls(self._context, self._endpoint.host.rstrip("."))
        except (ConnectTimeout, ConnectionLost, NotTls):
            return silent(self._where)
        except SyncError:
            pass  # an untrusted certificate is a certificate, too
        return implicit_expected(self._where)

    def _ask_for_tls(self, control: Control) -> None:
        control.expect_silence()
        control.send(flight([(b"AUTH", b"TLS")]))
        reply = self._reply(control)
        if reply.code != _TLS_BEGINS:
            raise TlsRefused(
                f"{self._where}: the server does no TLS: {reply.text}",
                cure="Enable TLS on the server. This collection sends nothing without TLS.",
            )
        # Bytes before TLS could come from an attacker, and must not count as a reply inside TLS (CVE-2011-0411).
        if control.front() is not None or not control.idle or control.channel.readable(self._pause):
            raise ProtocolViolation(f"{self._where}: the server sends bytes after its reply to AUTH TLS")

    def _start_tls(self, control: Control) -> TlsPeer:
        try:
            control.channel.start_tls(self._context, self._endpoint.host.rstrip("."))
        except CertificateUntrusted as error:
            raise untrusted_by(self._ca_file, error) from None
        control.channel.patience.answered = True
        peer = observe(control.channel.sock)
        if self._pins and peer.pin not in self._pins:
            raise TlsPinMismatch(
                f"tls_pins: {self._where} shows the key {peer.pin}, which is not "
                f"pinned: {', '.join(sorted(self._pins))}",
                cure="If the key was changed on purpose, check it over another channel and add it to tls_pins.",
            )
        return peer

    def _authenticate(self, control: Control) -> None:
        control.expect_silence()
        control.send(self._user)
        reply = self._reply(control)
        if reply.code == _NEED_PASSWORD:
            if self._credentials.password is None:
                raise AuthenticationFailed(f"{self._where}: the server requires a password", cure="Set password.")
            control.expect_silence()
            control.send(self._password)
            reply = self._reply(control)
        if reply.code not in _LOGGED_IN:
            raise AuthenticationFailed(
                f"{self._where}: the login as {display_text(self._endpoint.username or '')} is refused: {reply.text}",
                cure="Check username and password, and whether the account may log in over FTP.",
            )

    def _prepare(self, control: Control) -> Tuple[Features, float]:
        began = time.monotonic()
        self._demand(control, b"PBSZ", b"0")
        round_trip = time.monotonic() - began
        self._demand(control, b"PROT", b"P")
        control.expect_silence()
        control.send(flight([(b"TYPE", b"I"), (b"FEAT", b"")]))
        typed, reported = self._reply(control), self._reply(control)
        if not typed.good:
            raise ProtocolViolation(f"{self._where}: the server does not support binary transfers: {typed.text}")
        features = Features(reported.lines[1:-1] if reported.good else ())
        if features.utf8:
            control.send(flight([(b"OPTS", b"UTF8 ON")]))
            self._reply(control)
        return features, round_trip

    def _demand(self, control: Control, verb: bytes, argument: bytes) -> None:
        control.expect_silence()
        control.send(flight([(verb, argument)]))
        reply = self._reply(control)
        if not reply.good:
            raise TlsRefused(
                f"{self._where}: the server does not protect data connections: {reply.text}",
                cure="Enable TLS for data on the server. This collection sends nothing without TLS.",
            )

    def _reply(self, control: Control) -> Reply:
        reply = control.take_final(closing=True)
        control.channel.patience.answered = True
        if too_many(reply):
            raise TooManyConnections(f"{self._where}: the server says: {reply.text}", cure=_LIMIT_CURE)
        if reply.code == CLOSING:
            raise ConnectionFailed(f"{self._where}: the server says: {reply.text}", cure="Read the server's log.")
        return reply


def _words(control: Control) -> bytes:
    control.channel.readable(_SOON)
    return control.channel.peek()


def _secret(text: str, option: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    try:
        flight([(b"", data)])
    except UnsafeName:
        raise InvalidRequest(f"{option}: must not hold CR, LF or NUL, which FTP cannot carry") from None
    return data


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


def another_protocol(where: str, words: bytes) -> SyncError:
    """Return the error for a port that should begin with TLS or a greeting and sends `words`."""
    message = display(words.splitlines()[0][:_SHOWN]) if words.strip() else ""
    if words.startswith(b"SSH-"):
        return NotTls(
            f"{where}: this is an SSH server: {message}",
            cure="Set protocol to sftp, or set port to the port of the FTPS server.",
        )
    if words[:3] == b"220":
        return NotTls(
            f"{where}: the server greets before TLS, as with explicit TLS: {message}",
            cure="Set tls_mode to explicit.",
        )
    return NotTls(f"{where}: the answer is not TLS{message and ': ' + message}", cure="Check port and tls_mode.")


def implicit_expected(where: str) -> TlsRefused:
    """Return the error for a server that waits for TLS from the first byte, where its greeting was waited for."""
    return TlsRefused(f"{where}: the server does not greet: it waits for TLS", cure="Set tls_mode to implicit.")


def silent(where: str) -> SilentServer:
    """Return the error for a server that took the connection and sent no byte within connect_timeout."""
    return SilentServer(
        f"{where}: the server accepted the connection and sent nothing within connect_timeout",
        cure="Check port and tls_mode, and whether the server is overloaded; or raise connect_timeout.",
    )
