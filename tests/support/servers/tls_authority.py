# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TLS authorities and the certificates that they sign: valid certificates, and every kind of invalid certificate that a
client must refuse.

    authority = Authority("ours")
    good = authority.server()
    late = authority.server(validity=EXPIRED)
    other = Authority("theirs").server()

All files are in a private directory, which is removed when the test run ends. Certificates have the extensions that RFC
5280 requires, so that a refusal can only be due to the intended defect."""

from __future__ import annotations

__all__ = [
    "EXPIRED",
    "NOT_YET_VALID",
    "VALID",
    "Authority",
    "Certificate",
    "authority",
    "certificate_directory",
    "self_signed",
]

import atexit
import base64
import functools
import hashlib
import ipaddress
import itertools
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ..running.scratch import scratch

_PEM = serialization.Encoding.PEM
_DER = serialization.Encoding.DER
_NAMES = ("127.0.0.1", "localhost")
_numbers = itertools.count(1)


class Validity(NamedTuple):
    """From when to when, in hours from now."""

    start: float
    end: float


VALID = Validity(-1, 24)
EXPIRED = Validity(-48, -1)
NOT_YET_VALID = Validity(1, 24)


@dataclass(frozen=True)
class Certificate:
    """A certificate with its key, in PEM files.

    kind: kind of its key; chain: the certificate, then the intermediate certificates; combined: the key and the chain;
    pin: "sha256//BASE64" of the public key (SPKI), in curl's format; der: the certificate.
    """

    kind: str
    chain: Path
    key: Path
    combined: Path
    pin: str
    der: bytes
    passphrase: str = ""

    @property
    def fingerprint(self) -> str:
        """SHA256: and the hexadecimal digits of the certificate's digest."""
        return f"SHA256:{hashlib.sha256(self.der).hexdigest()}"


class Authority:
    """A certificate authority.

    file: the trust of a client; `above` makes it an intermediate authority, signed by `above`.
    """

    def __init__(
        self, name: str, *, kind: str = "ecdsa", above: Authority | None = None, validity: Validity = VALID
    ) -> None:
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Test authority {name}")])
        self.key = _new_key(kind)
        self.above = above
        signer = above or self
        builder = _builder(self.name, self.key, signer, validity)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.certificate = _sign(
            builder.add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True), signer
        )
        self.file = _write(f"{next(_numbers)}-{name}-ca.pem", self.certificate.public_bytes(_PEM))

    def server(self, *names: str, **options: Any) -> Certificate:
        """Sign a certificate for the server `names` (host names and addresses), by default for loopback.

        kind: ecdsa, rsa, rsa3072 or ed25519; validity: VALID, EXPIRED, NOT_YET_VALID.
        """
        return self._issue(names or _NAMES, ExtendedKeyUsageOID.SERVER_AUTH, **options)

    def client(self, name: str = "mirror", **options: Any) -> Certificate:
        """Sign a certificate for a client; `passphrase` encrypts its key."""
        return self._issue((name,), ExtendedKeyUsageOID.CLIENT_AUTH, **options)

    def _issue(
        self,
        names: tuple[str, ...],
        purpose: x509.ObjectIdentifier,
        *,
        kind: str = "ecdsa",
        validity: Validity = VALID,
        passphrase: str = "",
    ) -> Certificate:
        key = _new_key(kind)
        builder = _leaf(names, key, self, validity).add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        certificate = _sign(builder, self)
        between = [each.certificate for each in self._up() if each.above is not None]
        return _describe((names[0], kind), key, [certificate, *between], passphrase)

    def _up(self) -> list[Authority]:
        return [self, *(self.above._up() if self.above else [])]


def authority(name: str = "ours") -> Authority:
    """Return the authority `name`: the same name is the same authority for the whole run."""
    return _made_once(name)


@functools.cache
def _made_once(name: str) -> Authority:
    return Authority(name)


def self_signed(*names: str) -> Certificate:
    """Return a server's self-signed certificate."""
    names = names or _NAMES
    signer = Authority("itself")
    signer.name = _subject(names)
    return _describe(("self", "ecdsa"), signer.key, [_sign(_leaf(names, signer.key, signer, VALID), signer)], "")


def _leaf(names: tuple[str, ...], key: Any, signer: Authority, validity: Validity) -> x509.CertificateBuilder:
    builder = _builder(_subject(names), key, signer, validity)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(digital_signature=True), critical=True)
    return builder.add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)


def _subject(names: tuple[str, ...]) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])


def _builder(subject: x509.Name, key: Any, signer: Authority, validity: Validity) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(signer.name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now + timedelta(hours=validity.start))
    builder = builder.not_valid_after(now + timedelta(hours=validity.end))
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key())
    return builder.add_extension(identifier, critical=False)


def _sign(builder: x509.CertificateBuilder, signer: Authority) -> x509.Certificate:
    # Ed25519 has its digest built in.
    digest = None if isinstance(signer.key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(signer.key, digest)


def _usage(**allowed: bool) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: allowed.get(name, False) for name in names})


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _new_key(kind: str) -> Any:
    if kind == "ecdsa":
        return ec.generate_private_key(ec.SECP256R1())
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(public_exponent=65537, key_size={"rsa": 2048, "rsa3072": 3072}[kind])


def _describe(label: tuple[str, str], key: Any, chain: list[x509.Certificate], passphrase: str) -> Certificate:
    name, kind = label
    stem = f"{next(_numbers)}-{name}"
    lock = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    private = key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, lock)
    public = b"".join(each.public_bytes(_PEM) for each in chain)
    spki = key.public_key().public_bytes(_DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return Certificate(
        kind=kind,
        chain=_write(f"{stem}.pem", public),
        key=_write(f"{stem}.key", private),
        combined=_write(f"{stem}-combined.pem", private + public),
        pin=f"sha256//{base64.b64encode(hashlib.sha256(spki).digest()).decode()}",
        der=chain[0].public_bytes(_DER),
        passphrase=passphrase,
    )


def _write(name: str, content: bytes) -> Path:
    target = certificate_directory() / name
    target.touch(mode=0o600)
    target.write_bytes(content)
    return target


@functools.cache
def certificate_directory() -> Path:
    """Return the private directory of this run's certificates."""
    directory = scratch("certificates")
    owner = os.getpid()
    atexit.register(lambda: shutil.rmtree(directory, ignore_errors=True) if os.getpid() == owner else None)
    return directory
