# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who a server is: its certificates in a whole handshake, whether an authority vouches for them, and whether it wants a
certificate of the client."""

from __future__ import annotations

import ssl
import warnings
from dataclasses import dataclass
from typing import Any, List, Optional, Tuple

from ..errors import (
    AuthenticationFailed,
    CertificateExpired,
    CertificateNotYetValid,
    ConnectionLost,
    Stalled,
    TlsFailed,
    TrustError,
)
from ..ftps.control import Control
from ..ftps.replies import flight
from ..tls.context import client_context
from ..tls.survey import NOT_ASKED, OPTIONAL, REQUIRED
from .dialer import Dialer, Target

_CERTIFICATE, _CERTIFICATE_REQUEST = 11, 13
_ALERT_WAIT = 1.0
"""Seconds in which an alert about a missing certificate comes, where no reply can be waited for."""
_ANY_CIPHER = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"
_ANY_WITH_CERTIFICATE = "ALL:COMPLEMENTOFALL:!aNULL:@SECLEVEL=0"


@dataclass(frozen=True)
class Shown:
    """The server's side of a handshake.

    chain: DER, the server's own first, empty if no handshake came about
    client_certificate: see survey.Identity
    why: it did not come about, "" if it did
    """

    chain: Tuple[bytes, ...] = ()
    client_certificate: Optional[str] = None
    why: str = ""


@dataclass(frozen=True)
class Verdict:
    """As the parts of survey.Identity with these names; why: neither could be found out, "" if they were."""

    untrusted: Optional[str] = None
    outdated: Optional[str] = None
    why: str = ""


def observing_context() -> ssl.SSLContext:
    """Return a context that trusts any server and offers all of this machine's OpenSSL: to observe, never to log in."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    _open_up(context, _ANY_CIPHER)
    return context


def _open_up(context: ssl.SSLContext, ciphers: str) -> None:
    context.set_ciphers(ciphers)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1


def shown(dialer: Dialer, *, asks_client: Optional[bool]) -> Shown:
    """Do a handshake without a client certificate. asks_client: observed with versions before TLS 1.3, whose handshakes
    are not encrypted. Raises ConnectionFailed and its subclasses."""
    control = dialer.for_tls()
    context, messages = observing_context(), _Messages()
    messages.watch(context)
    try:
        control.channel.start_tls(context, dialer.target.endpoint.host.rstrip("."))
        chain = messages.chain or tuple(filter(None, [control.channel.sock.getpeercert(binary_form=True)]))
        _first_word(control, dialer.target)
    except AuthenticationFailed:
        return Shown(messages.chain, REQUIRED)
    except (TrustError, ConnectionLost) as error:
        # Some servers hang up without an error.
        given = REQUIRED if messages.asks_client else OPTIONAL if asks_client else None
        return Shown(messages.chain, given, error.message)
    finally:
        control.channel.close()
    return Shown(chain, OPTIONAL if asks_client or messages.asks_client else NOT_ASKED)


def _first_word(control: Control, target: Target) -> None:
    """Hear from the server inside TLS: with TLS 1.3 only then it is known whether it goes on without a certificate."""
    if target.explicit:
        control.send(flight([(b"NOOP", b"")]))
    if target.ftp:
        control.take_final(closing=True)
    elif control.channel.readable(_ALERT_WAIT):
        control.channel.receive_now(memoryview(bytearray(1)))


class _Messages:
    """The server's handshake messages. Python's ssl module exposes neither the additional certificates (before 3.13)
    nor the request for a client certificate; an attribute that exists since 3.8 passes the messages on."""

    def __init__(self) -> None:
        self.asks_client = False
        self.chain: Tuple[bytes, ...] = ()

    def watch(self, context: Any) -> None:
        if hasattr(context, "_msg_callback"):
            context._msg_callback = self._take

    def _take(self, _connection: Any, direction: str, _version: Any, *details: Any) -> None:
        _content, kind, data = details
        if direction != "read":
            return
        if kind == _CERTIFICATE_REQUEST:
            self.asks_client = True
        elif kind == _CERTIFICATE:
            self.chain = _certificates(data)


def _certificates(message: bytes) -> Tuple[bytes, ...]:
    """Return the certificates of a Certificate message of TLS 1.3 (RFC 8446 section 4.4.2) or older, without context
    and extensions."""
    newer = _chain_from(message, 5, 2)
    return newer or _chain_from(message, 4, 0)


def _chain_from(message: bytes, at: int, extension_header: int) -> Tuple[bytes, ...]:
    found: List[bytes] = []
    if at + 3 > len(message) or at + 3 + int.from_bytes(message[at : at + 3], "big") != len(message):
        return ()
    at += 3
    while at + 3 <= len(message):
        end = at + 3 + int.from_bytes(message[at : at + 3], "big")
        found.append(message[at + 3 : end])
        at = end + extension_header
        if extension_header:
            at += int.from_bytes(message[end:at], "big")
    return tuple(found)


def verdict(dialer: Dialer) -> Verdict:
    """Check whether an authority proves the server, regardless of its name. Raises ConnectionFailed and its subclasses,
    TrustStoreUnreadable, PrivateKeyUnusable."""
    context = client_context(dialer.target.tls, dialer.target.credentials)
    context.check_hostname = False
    # Weak keys, digests and versions are separate findings. A handshake without a certificate proves no server.
    _open_up(context, _ANY_WITH_CERTIFICATE)
    control = dialer.for_tls()
    try:
        control.channel.start_tls(context, dialer.target.endpoint.host.rstrip("."))
    except (CertificateExpired, CertificateNotYetValid) as error:
        return Verdict("", error.message.rpartition(": ")[2])
    except AuthenticationFailed:
        return Verdict("", "")  # the server's certificate comes before the client's
    except (TlsFailed, ConnectionLost, Stalled) as error:
        return Verdict(why=error.message)
    except TrustError as error:
        return Verdict(error.message.rpartition(": ")[2], "")
    finally:
        control.channel.close()
    return Verdict("", "")
