# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build one ClientHello, and read the server's answer up to the start of encryption.

OpenSSL no longer supports old features, so it cannot detect them: a version or suite that is missing in this machine's
library would look disabled. This module speaks only the first flight, which needs no cryptography: the ServerHello
holds the server's choice, followed up to TLS 1.2 by its certificates, its key exchange and its request for a client
certificate (RFC 5246 section 7.4, RFC 8446 section 4.1).
"""

from __future__ import annotations

import ipaddress
import os
import struct
from typing import TYPE_CHECKING, Dict, List, NamedTuple, Optional, Tuple

from ..errors import ProtocolViolation
from .suites import SSL3, TLS10, TLS12, TLS13, suite_name

if TYPE_CHECKING:
    from ..model.blocks import Buffer

_ALERT, _HANDSHAKE = 21, 22
_SERVER_HELLO, _CERTIFICATE, _KEY_EXCHANGE, _CERTIFICATE_REQUEST, _DONE = 2, 11, 12, 13, 14
_FATAL = 2
_NAME, _GROUPS, _POINTS, _SIGNATURES, _MASTER_SECRET = 0, 10, 11, 13, 23
_VERSIONS, _PSK_MODES, _KEY_SHARE, _RENEGOTIATION = 43, 45, 51, 0xFF01
_SIGNAL_RENEGOTIATION = 0x00FF
"""TLS_EMPTY_RENEGOTIATION_INFO_SCSV, which has the meaning of the extension (RFC 5746 section 3.3)."""
_ALGORITHMS = (
    *(0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x081A, 0x081B, 0x081C, 0x0904, 0x0905, 0x0906),
    *(0x0804, 0x0805, 0x0806, 0x0809, 0x080A, 0x080B, 0x0401, 0x0501, 0x0601),
    *(0x0303, 0x0301, 0x0203, 0x0201, 0x0402, 0x0302, 0x0202, 0x0101),
)
_MOST_BYTES = 1 << 20
_NAMED_CURVE = 3


class Offer(NamedTuple):
    """The client's offer.

    version: the only version, 0x0300 to 0x0304
    suites, groups: numbers
    host: a name for the server to choose its certificate by; an address is not sent
    compression: whether it is offered
    """

    version: int
    suites: Tuple[int, ...]
    groups: Tuple[int, ...]
    host: str = ""
    compression: bool = True


class Answer(NamedTuple):
    """The server's choice.

    group: of the key exchange, None if unknown
    dh_bits: of the prime of a finite field, 0 if there is none
    certificates: DER, the server's first
    client_certificate: whether it requests a client certificate
    extensions: numbers
    """

    version: int
    suite: int
    compression: bool = False
    group: Optional[int] = None
    dh_bits: int = 0
    extensions: Tuple[int, ...] = ()
    certificates: Tuple[bytes, ...] = ()
    client_certificate: bool = False

    @property
    def secure_renegotiation(self) -> bool:
        """Return whether renegotiation would be bound to the connection (RFC 5746)."""
        return _RENEGOTIATION in self.extensions

    @property
    def extended_master_secret(self) -> bool:
        """Return whether the keys would be bound to the whole handshake (RFC 7627)."""
        return _MASTER_SECRET in self.extensions


def client_hello(offer: Offer) -> bytes:
    """Return the record that asks. With TLS 1.3 it has no key share: the server answers by naming the group that it
    takes (RFC 8446 section 4.2.8), so that no key of any group need be made."""
    suites = offer.suites if offer.version == TLS13 else (*offer.suites, _SIGNAL_RENEGOTIATION)
    methods = b"\x01\x00" if offer.compression and offer.version != TLS13 else b"\x00"
    body = struct.pack("!H", min(offer.version, TLS12)) + os.urandom(32)
    body += _short(os.urandom(32) if offer.version == TLS13 else b"") + _long(_numbers(suites)) + _short(methods)
    if offer.version != SSL3:
        extensions = _extensions(offer)
        body += _long(b"".join(struct.pack("!H", kind) + _long(data) for kind, data in extensions))
    message = b"\x01" + len(body).to_bytes(3, "big") + body
    return struct.pack("!BHH", _HANDSHAKE, min(offer.version, TLS10), len(message)) + message


def _extensions(offer: Offer) -> List[Tuple[int, bytes]]:
    extensions = [(_NAME, _long(b"\x00" + _long(offer.host.encode("ascii"))))] if _is_name(offer.host) else []
    extensions.append((_GROUPS, _long(_numbers(offer.groups))))
    if offer.version >= TLS12:
        extensions.append((_SIGNATURES, _long(_numbers(_ALGORITHMS))))
    if offer.version == TLS13:
        return [
            *extensions,
            (_VERSIONS, _short(_numbers((TLS13,)))),
            (_PSK_MODES, b"\x01\x01"),
            (_KEY_SHARE, _long(b"")),
        ]
    return [*extensions, (_POINTS, b"\x01\x00"), (_MASTER_SECRET, b"")]


def _is_name(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(host) and host.isascii()
    return False


def _numbers(numbers: Tuple[int, ...]) -> bytes:
    return struct.pack(f"!{len(numbers)}H", *numbers)


def _short(data: bytes) -> bytes:
    return bytes((len(data),)) + data


def _long(data: bytes) -> bytes:
    return struct.pack("!H", len(data)) + data


class ServerFlight:
    """Collects the server's bytes.

    answer: None until the server has chosen
    alert: the number of the alert with which it refused, None if there was none
    done: no more bytes are expected
    """

    def __init__(self) -> None:
        self.answer: Optional[Answer] = None
        self.alert: Optional[int] = None
        self.done = False
        self._records = bytearray()
        self._messages = bytearray()
        self._taken = 0

    def feed(self, data: Buffer) -> None:
        """Raises ProtocolViolation if the bytes are no TLS."""
        self._taken += len(data)
        if self._taken > _MOST_BYTES:
            raise ProtocolViolation("the server's TLS handshake does not end")
        self._records += data
        try:
            while not self.done and len(self._records) >= 5:
                if not self._record():
                    break
        except (ValueError, IndexError, struct.error):
            raise ProtocolViolation("the server's TLS handshake cannot be read") from None

    def _record(self) -> bool:
        kind, version, length = struct.unpack_from("!BHH", self._records)
        if kind not in (_ALERT, _HANDSHAKE, 20, 23) or version >> 8 != 3:
            raise ProtocolViolation("the answer is not TLS")
        if len(self._records) < 5 + length:
            return False
        content = bytes(self._records[5 : 5 + length])
        del self._records[: 5 + length]
        if kind == _ALERT and len(content) == 2:
            self._take_alert(*content)
        elif kind == _HANDSHAKE:
            self._messages += content
            self._take_messages()
        else:
            self.done = True
        return True

    def _take_alert(self, level: int, number: int) -> None:
        if level == _FATAL or number == 0:
            self.alert = None if self.answer else number
            self.done = True

    def _take_messages(self) -> None:
        while not self.done and len(self._messages) >= 4:
            end = 4 + int.from_bytes(self._messages[1:4], "big")
            if len(self._messages) < end:
                return
            kind, body = self._messages[0], bytes(self._messages[4:end])
            del self._messages[:end]
            self._take_message(kind, body)

    def _take_message(self, kind: int, body: bytes) -> None:
        if kind == _SERVER_HELLO and self.answer is None:
            self.answer = _server_hello(body)
            self.done = self.answer.version == TLS13
        elif self.answer is not None and kind == _CERTIFICATE:
            self.answer = self.answer._replace(certificates=_certificates(body))
        elif self.answer is not None and kind == _KEY_EXCHANGE:
            self.answer = _with_key_exchange(self.answer, body)
        elif self.answer is not None and kind == _CERTIFICATE_REQUEST:
            self.answer = self.answer._replace(client_certificate=True)
        elif kind == _DONE:
            self.done = True


def _server_hello(body: bytes) -> Answer:
    version, session = struct.unpack_from("!H", body)[0], body[34]
    suite, compression = struct.unpack_from("!HB", body, 35 + session)
    extensions = _read_extensions(body[38 + session :])
    if _VERSIONS in extensions:
        version = struct.unpack("!H", extensions[_VERSIONS])[0]
    group = None
    if _KEY_SHARE in extensions:  # in a HelloRetryRequest the group alone, else with a key
        group = struct.unpack_from("!H", extensions[_KEY_SHARE])[0]
    return Answer(version, suite, bool(compression), group, extensions=tuple(extensions))


def _read_extensions(data: bytes) -> Dict[int, bytes]:
    found, at = {}, 2
    while at + 4 <= len(data):
        kind, length = struct.unpack_from("!HH", data, at)
        found[kind] = data[at + 4 : at + 4 + length]
        at += 4 + length
    return found


def _certificates(body: bytes) -> Tuple[bytes, ...]:
    found, at = [], 3
    while at + 3 <= len(body):
        length = int.from_bytes(body[at : at + 3], "big")
        found.append(body[at + 3 : at + 3 + length])
        at += 3 + length
    return tuple(found)


def _with_key_exchange(answer: Answer, body: bytes) -> Answer:
    """Return the group or prime, if the suite's message begins with it (RFC 8422 section 5.4, RFC 5246 section
    7.4.3)."""
    name = suite_name(answer.suite)
    if name.startswith(("TLS_ECDHE_RSA", "TLS_ECDHE_ECDSA", "TLS_ECDH_anon")) and body[0] == _NAMED_CURVE:
        return answer._replace(group=struct.unpack_from("!H", body, 1)[0])
    if name.startswith(("TLS_DHE_RSA", "TLS_DHE_DSS", "TLS_DH_anon")):
        length = struct.unpack_from("!H", body)[0]
        return answer._replace(dh_bits=int.from_bytes(body[2 : 2 + length], "big").bit_length())
    return answer
