# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A private authority on the controller: a directory with an encrypted key and a certificate, never replaced."""

from __future__ import annotations

import contextlib
import datetime
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519
except ImportError:
    HAS_CRYPTOGRAPHY = False
else:
    HAS_CRYPTOGRAPHY = True

from ..module_utils._engine.errors import InvalidRequest, Refused
from ..module_utils._engine.model.display import plain
from ..module_utils._engine.system.run_lock import wait_for_lock
from .name_constraints import constraints_for, constraints_of

KEY, CERTIFICATE = "ca.key", "ca.pem"
SHORTEST_PASSPHRASE = 12
VALID_DAYS = 3650
_KEY_USAGES = (
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
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class AuthorityRefused(Refused):
    """The authority cannot be used as it is."""

    code = "authority_refused"


class LibraryMissing(InvalidRequest):
    """A Python library is not installed on the controller."""

    code = "library_missing"


@dataclass(frozen=True)
class Place:
    """The place of an authority.

    directory: on the controller
    passphrase: of the key
    option: how the names of the role's options begin

    domains: the authority may sign only for these; for any if empty.
    """

    directory: str
    passphrase: str = field(repr=False)
    option: str = "ca"
    domains: Sequence[str] = ()


@dataclass(frozen=True)
class Authority:
    """An authority.

    key, certificate: as cryptography has them
    made: whether this call made it
    """

    key: Any = field(repr=False)
    certificate: Any
    made: bool = False

    @property
    def digest(self) -> Any:
        """Return the hash that goes with the key in a signature."""
        return digest_for(self.key)

    @property
    def pem(self) -> str:
        return str(self.certificate.public_bytes(serialization.Encoding.PEM), "ascii")


def require_cryptography() -> None:
    """Raise LibraryMissing if Python's cryptography is not installed, or too old."""
    if not HAS_CRYPTOGRAPHY or not hasattr(x509.Certificate, "not_valid_after_utc"):
        raise LibraryMissing(
            f"cryptography: a private authority needs version 42 or later for {sys.executable} on the controller",
            cure=f"Install it: {sys.executable} -m pip install 'cryptography>=42'.",
        )


def open_authority(place: Place, name: str, *, make: bool) -> Authority | None:
    """Return the authority of a directory. One that is not there is made, or with `make` false is None."""
    require_cryptography()
    _require_passphrase(place)
    if place.domains:
        constraints_for(place.domains)
    if not make and not os.path.isdir(place.directory):
        return None
    os.makedirs(place.directory, mode=0o700, exist_ok=True)
    with _alone(place.directory):
        missing = [each for each in (KEY, CERTIFICATE) if not os.path.lexists(os.path.join(place.directory, each))]
        if not missing:
            return _checked(Authority(_key(place), _certificate(place)), place)
        return _made(place, name, missing) if make else None


def _require_passphrase(place: Place) -> None:
    if len(place.passphrase) < SHORTEST_PASSPHRASE:
        raise InvalidRequest(
            f"{place.option}_passphrase: must have at least {SHORTEST_PASSPHRASE} characters",
            cure=f"Set {place.option}_passphrase from a look-up, and check that the look-up finds a value.",
        )


@contextlib.contextmanager
def _alone(directory: str) -> Iterator[None]:
    """Hold the directory: several hosts of a play ask for its authority at the same time."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        wait_for_lock(descriptor, f"{plain(directory)}: another run makes this authority")
        yield
    finally:
        os.close(descriptor)


def _made(place: Place, name: str, missing: list[str]) -> Authority:
    if KEY not in missing:
        key = _key(place)  # a run was killed between the two files
    elif CERTIFICATE in missing:
        key = ec.generate_private_key(ec.SECP384R1())
        _write(os.path.join(place.directory, KEY), _encrypted(key, place.passphrase), 0o600)
    else:
        raise AuthorityRefused(
            f"{plain(place.directory)}: holds {CERTIFICATE} and no {KEY}",
            cure=f"Restore the key from a backup, or set {place.option}_directory to a new directory.",
        )
    made = Authority(key, _self_signed(key, name, place.domains), made=True)
    _write(os.path.join(place.directory, CERTIFICATE), made.pem.encode(), 0o644)
    return made


def _encrypted(key: Any, passphrase: str) -> bytes:
    text: bytes = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode()),
    )
    return text


def _write(path: str, content: bytes, mode: int) -> None:
    """Write a new file under a temporary name and link it to its own; a file of that name is never replaced."""
    temporary = f"{path}.{os.getpid()}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
    finally:
        os.unlink(temporary)


def _self_signed(key: Any, name: str, domains: Sequence[str]) -> Any:
    subject = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=VALID_DAYS))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(key_usage("key_cert_sign", "crl_sign"), critical=True)
    if domains:
        builder = builder.add_extension(constraints_for(domains), critical=True)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return builder.add_extension(identifier, critical=False).sign(key, digest_for(key))


def key_usage(*usages: str) -> Any:
    """Return the extension that allows these usages and no others."""
    return x509.KeyUsage(**{usage: usage in usages for usage in _KEY_USAGES})


def digest_for(key: Any) -> Any:
    """Return the hash for signatures of a key; None for keys that bring their own."""
    return None if isinstance(key, (ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey)) else hashes.SHA256()


def _key(place: Place) -> Any:
    path = os.path.join(place.directory, KEY)
    content = _read(path, place)
    if os.stat(path).st_mode & _OTHERS:
        raise AuthorityRefused(f"{plain(path)}: others have access to it", cure="Set its mode to 0600.")
    try:
        return serialization.load_pem_private_key(content, place.passphrase.encode())
    except TypeError:
        raise AuthorityRefused(
            f"{plain(path)}: is not encrypted",
            cure=f"Encrypt it with openssl pkey -aes-256-cbc, and set {place.option}_passphrase.",
        ) from None
    except ValueError:
        raise AuthorityRefused(
            f"{place.option}_passphrase: does not open {plain(path)}",
            cure=f"Set {place.option}_passphrase to the passphrase that the authority was made with.",
        ) from None


def _certificate(place: Place) -> Any:
    path = os.path.join(place.directory, CERTIFICATE)
    try:
        return x509.load_pem_x509_certificate(_read(path, place))
    except ValueError:
        raise AuthorityRefused(
            f"{plain(path)}: is not a certificate in PEM form", cure="Restore it from a backup."
        ) from None


def _read(path: str, place: Place) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise AuthorityRefused(
            f"{plain(path)}: cannot be read: {error.strerror}", cure=f"Check {place.option}_directory."
        ) from None


def _checked(authority: Authority, place: Place) -> Authority:
    """Raise AuthorityRefused if key and certificate are no authority's, or the certificate has ended."""
    path = plain(os.path.join(place.directory, CERTIFICATE))
    certificate = authority.certificate
    if certificate.public_key() != authority.key.public_key():
        raise AuthorityRefused(f"{path}: is not for the key next to it", cure="Restore the matching pair.")
    if not _may_sign(certificate):
        raise AuthorityRefused(f"{path}: is not the certificate of an authority", cure="Restore it from a backup.")
    if certificate.not_valid_after_utc <= datetime.datetime.now(datetime.timezone.utc):
        raise AuthorityRefused(
            f"{path}: ended at {certificate.not_valid_after_utc.isoformat()}",
            cure=f"Set {place.option}_directory to a new directory, and give clients the new {CERTIFICATE}.",
        )
    if place.domains and constraints_of(certificate) != constraints_for(place.domains):
        raise AuthorityRefused(
            f"{path}: does not have the name constraints that domains asks for",
            cure=f"Set {place.option}_directory to a new directory, or remove domains.",
        )
    return authority


def _may_sign(certificate: Any) -> bool:
    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except (ValueError, x509.ExtensionNotFound):
        return False
