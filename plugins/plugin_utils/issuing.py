# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of a private authority: the controller decides their content; the host provides only its public key."""

from __future__ import annotations

import datetime
import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

try:
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
except ImportError:
    pass

from ..module_utils._engine.errors import InvalidRequest, Refused
from ..module_utils._engine.model.display import plain
from .authority import Authority, key_usage
from .name_constraints import require_permitted

SHORTEST_RSA = 2048
LONGEST_COMMON_NAME = 64
MOST_REQUEST_CHARACTERS = 32768
_SKEW = datetime.timedelta(hours=1)
"""Between the clocks of controllers that sign with the same authority."""
_LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST_NAME = re.compile(rf"(\*\.)?{_LABEL}(\.{_LABEL})*")


class RequestRefused(Refused):
    """A host sent a request that is not signed."""

    code = "request_refused"


@dataclass(frozen=True)
class Subject:
    """The subject of a certificate.

    names: host names and addresses, the first is the common name
    usage: "server" or "client"
    days: of validity
    """

    names: Sequence[str]
    usage: str
    days: int

    def __post_init__(self) -> None:
        if not self.names:
            raise InvalidRequest("names: must not be empty", cure="List the host names that clients use.")
        if self.days < 1:
            raise InvalidRequest("days: must be at least 1", cure="Set the days of validity.")


def require_names(names: Sequence[str]) -> None:
    """Raise InvalidRequest if no certificate can have these names."""
    for name in Subject(names, "server", 1).names:
        _alternative(name)


def certificate_for(request: str, present: str, authority: Authority, subject: Subject) -> str:
    """Return the present certificate if it is still good, or a new certificate. Raise RequestRefused."""
    public_key = public_key_of(request)
    if still_good(present, authority, public_key, subject):
        return present
    return issued(authority, public_key, subject)


def public_key_of(request: str) -> Any:
    """Return the public key of a request in PEM form, of which the host proved to have the private key."""
    try:
        parsed = x509.load_pem_x509_csr(request[:MOST_REQUEST_CHARACTERS].encode("utf-8", "replace"))
        key, proven = parsed.public_key(), parsed.is_signature_valid
    except Exception as error:  # bytes of a host: cryptography raises many kinds, not all of them ValueErrors
        raise _refused(f"cannot be read: {plain(str(error))}") from None
    if not proven:
        raise _refused("its signature is wrong, so the host did not prove that it has the private key")
    if not _is_strong(key):
        raise _refused(f"its key is neither EC, Ed25519 nor RSA with at least {SHORTEST_RSA} bits")
    return key


def _refused(why: str) -> RequestRefused:
    return RequestRefused(f"request of the host: {why}", cure="Find out why the host sent it: it was not signed.")


def _is_strong(key: Any) -> bool:
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size >= SHORTEST_RSA
    if isinstance(key, ec.EllipticCurvePublicKey):
        return isinstance(key.curve, (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1))
    return isinstance(key, ed25519.Ed25519PublicKey)


def issued(authority: Authority, public_key: Any, subject: Subject) -> str:
    """Return a new certificate in PEM form, which ends no later than the authority's."""
    require_permitted([_alternative(name) for name in subject.names], authority.certificate)
    now = datetime.datetime.now(datetime.timezone.utc)
    end = min(now + datetime.timedelta(days=subject.days), authority.certificate.not_valid_after_utc)
    builder = x509.CertificateBuilder(
        authority.certificate.subject, _name(subject), public_key, x509.random_serial_number()
    )
    builder = builder.not_valid_before(now).not_valid_after(end)
    for extension, critical in _extensions(authority, public_key, subject):
        builder = builder.add_extension(extension, critical=critical)
    signed = builder.sign(authority.key, authority.digest)
    return signed.public_bytes(serialization.Encoding.PEM).decode()


def still_good(pem: str, authority: Authority, public_key: Any, subject: Subject) -> bool:
    """Return whether a certificate has the same content, more than a third of its days is left, and no more days than
    a new certificate would have."""
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode("utf-8", "replace"))
        certificate.verify_directly_issued_by(authority.certificate)
        extensions = {(each.value, each.critical) for each in certificate.extensions}
    except Exception:  # bytes of a host, as above
        return False
    now = datetime.datetime.now(datetime.timezone.utc)
    days = datetime.timedelta(days=subject.days)
    expected = set(_extensions(authority, public_key, subject))
    return (
        certificate.public_key() == public_key
        and certificate.subject == _name(subject)
        # A certificate without basic constraints is no authority's either.
        and expected - {(_leaf(), True)} <= extensions <= expected
        and certificate.not_valid_before_utc <= now
        and now + days / 3 < certificate.not_valid_after_utc <= now + days + _SKEW
    )


def _name(subject: Subject) -> Any:
    first = subject.names[0]
    fits = len(first) <= LONGEST_COMMON_NAME  # the limit of X.520; clients check the names, not the common name
    return x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, first)] if fits else [])


def _extensions(authority: Authority, public_key: Any, subject: Subject) -> list[tuple[Any, bool]]:
    usages = {"server": x509.oid.ExtendedKeyUsageOID.SERVER_AUTH, "client": x509.oid.ExtendedKeyUsageOID.CLIENT_AUTH}
    return [
        (_leaf(), True),
        (key_usage("digital_signature"), True),
        (x509.ExtendedKeyUsage([usages[subject.usage]]), False),
        # RFC 5280: critical where it is the only name.
        (x509.SubjectAlternativeName([_alternative(name) for name in subject.names]), not list(_name(subject))),
        (x509.SubjectKeyIdentifier.from_public_key(public_key), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), False),
    ]


def _leaf() -> Any:
    return x509.BasicConstraints(ca=False, path_length=None)


def _alternative(name: str) -> Any:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        if len(name) > 253 or not _HOST_NAME.fullmatch(name):
            raise InvalidRequest(
                f"names: {plain(name)} is neither a host name nor an address", cure="Correct the names."
            ) from None
        return x509.DNSName(name)
