# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests for certificates as a compromised host makes them, and the certificates that it was given."""

from __future__ import annotations

__all__ = ["certificates_in", "make_authority", "names_in", "request"]

import datetime
import functools
import json
import re
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from .played_host import PlayedHost

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.S)


@functools.cache
def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def request(names: Sequence[str], *, ca: bool = False, client: bool = False, broken: bool = False) -> str:
    """Return a request in PEM form. client: for logins at servers; broken: its signature is wrong."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    builder = x509.CertificateSigningRequestBuilder(subject)
    alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
    usage = ExtendedKeyUsageOID.CLIENT_AUTH if client else ExtendedKeyUsageOID.SERVER_AUTH
    builder = builder.add_extension(alternatives, critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    der = bytearray(builder.sign(_key(), hashes.SHA256()).public_bytes(serialization.Encoding.DER))
    if broken:
        der[-1] ^= 1
    return x509.load_der_x509_csr(bytes(der)).public_bytes(serialization.Encoding.PEM).decode()


def make_authority(directory: Path, passphrase: str) -> None:
    """Make a private authority as the roles keep it: ca.key, encrypted, and ca.pem."""
    directory.mkdir(mode=0o700, parents=True)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "FTPS servers")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(name, name, _key().public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=3650))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    certificate = builder.sign(_key(), hashes.SHA256())
    (directory / "ca.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    closed = serialization.BestAvailableEncryption(passphrase.encode())
    forms = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (directory / "ca.key").touch(0o600)
    (directory / "ca.key").write_bytes(_key().private_bytes(*forms, closed))


def certificates_in(host: PlayedHost) -> list[x509.Certificate]:
    """Return every certificate that the host was sent."""
    texts = [json.dumps(asked.arguments).replace("\\n", "\n") + asked.content for asked in host.asked]
    return [x509.load_pem_x509_certificate(pem.encode()) for text in texts for pem in _PEM.findall(text)]


def names_in(certificate: x509.Certificate) -> set[str]:
    """Return all names that a certificate is for."""
    alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    common = [attribute.value for attribute in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    return {*alternatives.get_values_for_type(x509.DNSName), *map(str, common)}
