# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The public key inside a certificate, and pins of it.

The standard library does not give a certificate's key, so that this walks just far enough through its DER:
Certificate, TBSCertificate, subjectPublicKeyInfo (RFC 5280 section 4.1).

DER (X.690) has definite lengths in their shortest form, and nothing else. Any defect raises ValueError.

TlsPeer has the properties of a connection: certificate, pin, version, cipher.
"""

from __future__ import annotations

import binascii
import hashlib
import ssl
from base64 import b64decode, b64encode
from typing import Any, Dict, FrozenSet, Iterable, Iterator, NamedTuple, Tuple

from ..errors import InvalidRequest, TlsFailed
from ..model.display import display_text
from ..model.utc import utc

_PREFIX = "sha256//"
_VERSION = 0xA0
_FIELDS_BEFORE_KEY = 4
"""Between the serial number and the key: signature, issuer, validity, subject."""
INTEGER, BIT_STRING, OCTET_STRING, OBJECT_ID = 0x02, 0x03, 0x04, 0x06
SEQUENCE, SET = 0x30, 0x31
_SHORT = {
    "commonName": "CN",
    "countryName": "C",
    "localityName": "L",
    "organizationName": "O",
    "organizationalUnitName": "OU",
    "stateOrProvinceName": "ST",
}


def pin_of(certificate: bytes) -> str:
    """Return the pin of a DER certificate's public key, "sha256//BASE64", as curl(1) --pinnedpubkey and RFC 7469
    section 2.4 form it. Raises ValueError if the bytes are no certificate."""
    return pin_of_key(public_key_info(certificate))


def pin_of_key(info: bytes) -> str:
    """Return the same, of a subjectPublicKeyInfo."""
    return _PREFIX + b64encode(hashlib.sha256(info).digest()).decode("ascii")


def parse_pins(pins: Iterable[str]) -> FrozenSet[str]:
    """Return the pins in their canonical spelling. Raises InvalidRequest unless each is "sha256//" and the base64 of 32
    bytes: a pin that can never match must not look like a pin that does not match today."""
    return frozenset(_canonical(pin) for pin in pins)


def _canonical(pin: str) -> str:
    try:
        digest = b64decode(pin[len(_PREFIX) :].encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        digest = b""
    if not pin.startswith(_PREFIX) or len(digest) != 32:
        shown = display_text(pin)
        raise InvalidRequest(
            f"tls_pins: {shown} is not sha256// and the base64 of 32 bytes",
            cure="Compute the pin: openssl x509 -in CERTIFICATE -noout -pubkey | openssl pkey -pubin -outform der | "
            "openssl dgst -sha256 -binary | base64",
        )
    return _PREFIX + b64encode(digest).decode("ascii")


def public_key_info(certificate: bytes) -> bytes:
    """Return the subjectPublicKeyInfo of a DER certificate, header included. Raises ValueError, and nothing else."""
    start, end = inside(certificate, 0, len(certificate), SEQUENCE)
    if end != len(certificate):
        raise ValueError("trailing bytes after the certificate")
    at, end = inside(certificate, start, end, SEQUENCE)
    if at < end and certificate[at] == _VERSION:
        at = inside(certificate, at, end, _VERSION)[1]
    at = inside(certificate, at, end, INTEGER)[1]
    for _field in range(_FIELDS_BEFORE_KEY):
        at = inside(certificate, at, end, SEQUENCE)[1]
    return certificate[at : inside(certificate, at, end, SEQUENCE)[1]]


class Value(NamedTuple):
    """One value in `data`: its tag, and where its content begins and ends."""

    data: bytes
    tag: int
    start: int
    end: int

    @classmethod
    def whole(cls, data: bytes, tag: int = SEQUENCE) -> Value:
        """Return the one value that `data` is."""
        value = cls.at(data, 0, len(data))
        if value.tag != tag or value.end != len(data):
            raise ValueError("trailing bytes after the value, or another type")
        return value

    @classmethod
    def at(cls, data: bytes, start: int, limit: int) -> Value:
        """Return the value that begins at `start`, with any tag."""
        if start >= limit:
            raise ValueError(f"no value at byte {start}")
        return cls(data, data[start], *inside(data, start, limit, data[start]))

    @property
    def content(self) -> bytes:
        """Return the bytes without the header."""
        return self.data[self.start : self.end]

    def parts(self) -> Iterator[Value]:
        at = self.start
        while at < self.end:
            value = Value.at(self.data, at, self.end)
            yield value
            at = value.end

    def of(self, tag: int) -> Value:
        """Return this value, which must have the tag."""
        if self.tag != tag:
            raise ValueError(f"a value of type {self.tag:#04x} in place of type {tag:#04x}")
        return self

    @property
    def number(self) -> int:
        """Return the INTEGER's value."""
        return int.from_bytes(self.of(INTEGER).content, "big", signed=True)


def object_id(value: Value) -> str:
    """Return an OBJECT IDENTIFIER in dotted form."""
    arcs, arc = [], 0
    for byte in value.of(OBJECT_ID).content:
        arc = arc << 7 | byte & 0x7F
        if byte < 0x80:
            arcs.append(arc)
            arc = 0
    if not arcs:
        raise ValueError("an empty object identifier")
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


def inside(data: bytes, at: int, limit: int, tag: int) -> Tuple[int, int]:
    """Return where the content of the value at `at`, which must have this tag and end by `limit`, begins and ends."""
    if at + 2 > limit or data[at] != tag:
        raise ValueError(f"no value of type {tag:#04x} at byte {at}")
    start, length = at + 2, data[at + 1]
    if length >= 0x80:
        octets = length & 0x7F
        start += octets
        if not 1 <= octets <= 4 or start > limit:
            raise ValueError(f"the length at byte {at} is not valid")
        length = int.from_bytes(data[at + 2 : start], "big")
        if length < 0x80 or length >> 8 * (octets - 1) == 0:
            raise ValueError(f"the length at byte {at} is not in its shortest form")
    if start + length > limit:
        raise ValueError(f"the value at byte {at} is longer than its container")
    return start, start + length


class TlsPeer(NamedTuple):
    """The peer of a TLS connection.

    certificate: DER
    fingerprint: "SHA256:" and its digest in hexadecimal digits
    pin: "sha256//BASE64" of its public key
    subject: "CN=name, O=organization", printable
    expires: "2027-01-31T12:00:00Z"
    protocol: "TLSv1.3"
    cipher: OpenSSL's or RFC 8446's name
    """

    certificate: bytes
    fingerprint: str
    pin: str
    subject: str
    expires: str
    protocol: str
    cipher: str


def observe(connection: ssl.SSLSocket) -> TlsPeer:
    """Return the properties of a connection after its handshake. Raises TlsFailed if the certificate is not DER."""
    certificate = connection.getpeercert(binary_form=True) or b""
    try:
        pin = pin_of(certificate)
    except ValueError as error:
        raise TlsFailed(f"the server's certificate cannot be read: {error}") from None
    fields: Dict[str, Any] = connection.getpeercert() or {}
    cipher = connection.cipher()
    return TlsPeer(
        certificate=certificate,
        fingerprint="SHA256:" + hashlib.sha256(certificate).hexdigest(),
        pin=pin,
        subject=_subject(fields),
        expires=_expires(fields),
        protocol=connection.version() or "",
        cipher=cipher[0] if cipher else "",
    )


def _subject(fields: Dict[str, Any]) -> str:
    parts = [f"{_SHORT.get(key, key)}={value}" for relative in fields.get("subject", ()) for key, value in relative]
    return display_text(", ".join(parts))


def _expires(fields: Dict[str, Any]) -> str:
    if "notAfter" not in fields:
        return ""
    return utc(ssl.cert_time_to_seconds(fields["notAfter"]))
