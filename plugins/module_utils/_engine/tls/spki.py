# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The public key inside a certificate, and pins of it.

The standard library does not give a certificate's key, so that this walks just far enough through its DER: Certificate,
TBSCertificate, subjectPublicKeyInfo (RFC 5280 section 4.1).
"""

from __future__ import annotations

import binascii
import hashlib
from base64 import b64decode, b64encode
from typing import FrozenSet, Iterable

from ..errors import InvalidRequest
from ..model.display import display_text
from .der import INTEGER, SEQUENCE, inside

_PREFIX = "sha256//"
_VERSION = 0xA0
_FIELDS_BEFORE_KEY = 4
"""Between the serial number and the key: signature, issuer, validity, subject."""


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
            "tls_pins: %s is not sha256// and the base64 of 32 bytes" % shown,
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
