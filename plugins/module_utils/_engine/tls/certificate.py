# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fields of a certificate (RFC 5280), such as names, key and addresses of CRL and OCSP, read from its DER: the
standard library returns them only for certificates that it has verified.

Of a certificate signing request (PKCS #10, RFC 2986 section 4.1), names and key are read.
"""

from __future__ import annotations

import calendar
import hashlib
import ipaddress
import time
from dataclasses import dataclass
from typing import Dict, Iterator, List, NamedTuple, Tuple

from ..model.display import display
from .spki import BIT_STRING, INTEGER, OCTET_STRING, SEQUENCE, SET, Value, object_id, pin_of, pin_of_key

_NAMES = {
    "2.5.4.3": "CN",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
}
_SIGNATURES = {
    "1.2.840.113549.1.1.2": "md2WithRSAEncryption",
    "1.2.840.113549.1.1.4": "md5WithRSAEncryption",
    "1.2.840.113549.1.1.5": "sha1WithRSAEncryption",
    "1.2.840.113549.1.1.10": "rsassaPss",
    "1.2.840.113549.1.1.11": "sha256WithRSAEncryption",
    "1.2.840.113549.1.1.12": "sha384WithRSAEncryption",
    "1.2.840.113549.1.1.13": "sha512WithRSAEncryption",
    "1.2.840.10040.4.3": "dsa-with-SHA1",
    "1.2.840.10045.4.1": "ecdsa-with-SHA1",
    "1.2.840.10045.4.3.2": "ecdsa-with-SHA256",
    "1.2.840.10045.4.3.3": "ecdsa-with-SHA384",
    "1.2.840.10045.4.3.4": "ecdsa-with-SHA512",
    "1.3.101.112": "ed25519",
    "1.3.101.113": "ed448",
    "2.16.840.1.101.3.4.3.2": "dsa-with-SHA256",
    "2.16.840.1.101.3.4.3.17": "ML-DSA-44",
    "2.16.840.1.101.3.4.3.18": "ML-DSA-65",
    "2.16.840.1.101.3.4.3.19": "ML-DSA-87",
}
_CURVES = {
    "1.2.840.10045.3.1.1": ("secp192r1", 192),
    "1.3.132.0.33": ("secp224r1", 224),
    "1.2.840.10045.3.1.7": ("secp256r1", 256),
    "1.3.132.0.34": ("secp384r1", 384),
    "1.3.132.0.35": ("secp521r1", 521),
    "1.3.132.0.10": ("secp256k1", 256),
    "1.3.36.3.3.2.8.1.1.7": ("brainpoolP256r1", 256),
    "1.3.36.3.3.2.8.1.1.11": ("brainpoolP384r1", 384),
    "1.3.36.3.3.2.8.1.1.13": ("brainpoolP512r1", 512),
}
_RSA, _RSA_PSS, _EC, _DSA = "1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10", "1.2.840.10045.2.1", "1.2.840.10040.4.1"
_FIXED = {"1.3.101.112": ("ed25519", 256), "1.3.101.113": ("ed448", 456)}
_ALTERNATIVE_NAMES, _CRL_POINTS, _INFORMATION = "2.5.29.17", "2.5.29.31", "1.3.6.1.5.5.7.1.1"
_OCSP = "1.3.6.1.5.5.7.48.1"
_DNS_NAME, _URI, _ADDRESS = 0x82, 0x86, 0x87
_VERSION, _EXTENSIONS = 0xA0, 0xA3
_UTC_TIME, _UTF16 = 0x17, 0x1E
_ATTRIBUTES = 0xA0
_EXTENSION_REQUEST = "1.2.840.113549.1.9.14"
_FIELDS = 4
"""Version, subject, key, attributes."""


@dataclass(frozen=True)
class CertificateFacts:
    """The fields of a certificate.

    subject, issuer: "CN=name, O=organization", printable
    not_before, not_after: seconds since 1970
    key_type: "rsa", "ec", "ed25519", ...
    key_bits: 0 if unknown
    curve: of an ec key
    signature: of its issuer
    names: the DNS names and addresses that it is for
    ocsp, crl: addresses
    self_issued: subject and issuer are the same
    fingerprint, pin: as in `TlsPeer`
    """

    subject: str
    issuer: str
    not_before: int
    not_after: int
    key_type: str
    key_bits: int
    curve: str
    signature: str
    names: Tuple[str, ...]
    ocsp: Tuple[str, ...]
    crl: Tuple[str, ...]
    self_issued: bool
    fingerprint: str
    pin: str


def read_certificate(der: bytes) -> CertificateFacts:
    """Parse a certificate. Raises ValueError, and nothing else, for other bytes."""
    whole = list(Value.whole(der).parts())
    fields = list(whole[0].of(SEQUENCE).parts()) if whole else []
    if fields and fields[0].tag == _VERSION:
        del fields[0]
    if len(fields) < 6:
        raise ValueError("the certificate has too few fields")
    _serial, signature, issuer, validity, subject, key = fields[:6]
    found = _extensions(fields[6:])
    not_before, not_after = (_moment(value) for value in _two(validity))
    key_type, key_bits, curve = _key(key)
    return CertificateFacts(
        subject=_name(subject),
        issuer=_name(issuer),
        not_before=not_before,
        not_after=not_after,
        key_type=key_type,
        key_bits=key_bits,
        curve=curve,
        signature=_algorithm(signature),
        names=tuple(alternative_names(found)),
        ocsp=tuple(_ocsp(found)),
        crl=tuple(_crl(found)),
        self_issued=subject.content == issuer.content,
        fingerprint="SHA256:" + hashlib.sha256(der).hexdigest(),
        pin=pin_of(der),
    )


def _two(value: Value) -> Tuple[Value, Value]:
    parts = list(value.of(SEQUENCE).parts())
    if len(parts) != 2:
        raise ValueError("expected two values")
    return parts[0], parts[1]


def _first(value: Value) -> Value:
    return Value.at(value.data, value.start, value.end)


def _algorithm(value: Value) -> str:
    dotted = object_id(_first(value.of(SEQUENCE)))
    return _SIGNATURES.get(dotted, dotted)


def _moment(value: Value) -> int:
    text = value.content.decode("ascii", "replace")
    if value.tag == _UTC_TIME:  # years from 1950 to 2049 (RFC 5280 section 4.1.2.5.1)
        text = ("19" if text[:2] >= "50" else "20") + text
    return calendar.timegm(time.strptime(text, "%Y%m%d%H%M%SZ"))


def _name(value: Value) -> str:
    parts = []
    for relative in value.of(SEQUENCE).parts():
        for pair in relative.parts():
            kind, text = _two(pair)
            dotted = object_id(kind)
            data = text.content.decode("utf-16-be", "replace").encode() if text.tag == _UTF16 else text.content
            parts.append(f"{_NAMES.get(dotted, dotted)}={display(data)}")
    return ", ".join(parts)


def _key(value: Value) -> Tuple[str, int, str]:
    algorithm, bits = _two(value)
    parts = list(algorithm.of(SEQUENCE).parts())
    dotted = object_id(parts[0]) if parts else ""
    if dotted in (_RSA, _RSA_PSS):
        modulus = _first(Value.whole(bits.of(BIT_STRING).content[1:]))
        return "rsa", modulus.number.bit_length(), ""
    if dotted == _EC and len(parts) > 1:
        curve, size = _CURVES.get(object_id(parts[1]), (object_id(parts[1]), 0))
        return "ec", size, curve
    if dotted == _DSA and len(parts) > 1:
        return "dsa", _first(parts[1]).of(INTEGER).number.bit_length(), ""
    if dotted in _FIXED:
        return (*_FIXED[dotted], "")
    return _SIGNATURES.get(dotted, dotted), 0, ""


def _extensions(rest: List[Value]) -> Dict[str, bytes]:
    found: Dict[str, bytes] = {}
    for value in rest:
        if value.tag == _EXTENSIONS:
            found.update(extensions_in(_first(value)))
    return found


def extensions_in(extensions: Value) -> Dict[str, bytes]:
    """Return the content of each extension by its identifier (RFC 5280 section 4.1: Extensions). Raises ValueError."""
    found = {}
    for extension in extensions.of(SEQUENCE).parts():
        parts = list(extension.of(SEQUENCE).parts())
        if len(parts) < 2:
            raise ValueError("an extension must have a name and a value")
        found[object_id(_first(extension))] = parts[-1].of(OCTET_STRING).content
    return found


def alternative_names(found: Dict[str, bytes]) -> Iterator[str]:
    """Yield the DNS names and addresses among extensions. Raises ValueError."""
    if _ALTERNATIVE_NAMES in found:
        for name in Value.whole(found[_ALTERNATIVE_NAMES]).parts():
            if name.tag == _DNS_NAME:
                yield display(name.content)
            elif name.tag == _ADDRESS and len(name.content) in (4, 16):
                yield str(ipaddress.ip_address(name.content))


def _ocsp(found: Dict[str, bytes]) -> Iterator[str]:
    if _INFORMATION in found:
        for access in Value.whole(found[_INFORMATION]).parts():
            method, place = _two(access)
            if object_id(method) == _OCSP and place.tag == _URI:
                yield display(place.content)


def _crl(found: Dict[str, bytes]) -> Iterator[str]:
    if _CRL_POINTS in found:
        for point in Value.whole(found[_CRL_POINTS]).parts():
            yield from _addresses(point, depth=2)


def _addresses(value: Value, *, depth: int) -> Iterator[str]:
    """Yield the addresses below a distribution point, which stand two constructed tags down; a peer's can be of any
    depth."""
    for part in value.parts():
        if part.tag == _URI:
            yield display(part.content)
        elif part.tag & 0x20 and depth:
            yield from _addresses(part, depth=depth - 1)


class RequestFacts(NamedTuple):
    """The fields of a certificate request.

    names: DNS names and addresses
    pin: of the key, "sha256//BASE64"
    """

    names: Tuple[str, ...]
    pin: str


def read_request(der: bytes) -> RequestFacts:
    """Parse a request. Raises ValueError, and nothing else, for other bytes."""
    whole = list(Value.whole(der).parts())
    fields = list(whole[0].of(SEQUENCE).parts()) if whole else []
    if len(fields) != _FIELDS:
        raise ValueError(f"a request must have {_FIELDS} fields")
    subject, key, attributes = fields[1:]
    # The key with its header, which begins where the subject ends.
    return RequestFacts(
        tuple(alternative_names(_requested_extensions(attributes))), pin_of_key(der[subject.end : key.end])
    )


def _requested_extensions(attributes: Value) -> Dict[str, bytes]:
    for attribute in attributes.of(_ATTRIBUTES).parts():
        kind, values = list(attribute.of(SEQUENCE).parts())[:2]
        if object_id(kind) == _EXTENSION_REQUEST:
            return extensions_in(Value.at(values.of(SET).data, values.start, values.end))
    return {}
