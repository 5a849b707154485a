# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The properties of a peer's TLS connection: certificate, pin, version, cipher."""

from __future__ import annotations

import hashlib
import ssl
from typing import Any, Dict, NamedTuple

from ..errors import TlsFailed
from ..model.display import display_text
from ..model.utc import utc
from .spki import pin_of

_SHORT = {
    "commonName": "CN",
    "countryName": "C",
    "localityName": "L",
    "organizationName": "O",
    "organizationalUnitName": "OU",
    "stateOrProvinceName": "ST",
}


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
