# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate and its key on this host: readable, closed to others, and belonging together."""

from __future__ import annotations

import os
import re
import ssl
import stat
from typing import NamedTuple, Tuple

from ..errors import PrivateKeyUnusable, TrustStoreUnreadable
from ..model.display import display
from ..tls.certificate import CertificateFacts, read_certificate

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")
_OTHERS = stat.S_IROTH | stat.S_IWOTH | stat.S_IWGRP


class KeyPair(NamedTuple):
    """A certificate with its key.

    certificate, key: PEM files
    chain: the certificates, DER, the server's first
    key_type: "rsa", "ec"...
    """

    certificate: str
    key: str
    chain: Tuple[bytes, ...]
    key_type: str


def load_key_pair(certificate: str, key: str, passphrase: str = "") -> KeyPair:
    """Read the pair. Raises PrivateKeyUnusable, also if others may read the key or write it."""
    try:
        mode = os.stat(key).st_mode
        chain = _chain(certificate)
        _fit(certificate, key, passphrase)
    except ssl.SSLError as error:
        raise _unusable(certificate, key, error) from None
    except (OSError, ValueError) as error:
        name = getattr(error, "filename", None) or f"{certificate} or {key}"
        why = getattr(error, "strerror", None) or str(error)
        raise PrivateKeyUnusable(
            f"certificate or key cannot be read: {_shown(name)}: {why}",
            cure="Check certificate_file and private_key_file.",
        ) from None
    if mode & _OTHERS:
        raise PrivateKeyUnusable(
            f"others may read or write the key {_shown(key)} (mode {stat.S_IMODE(mode):04o})",
            cure="chmod it to 0600; if it was readable for long, make a new key.",
        )
    return KeyPair(certificate, key, chain, _key_type(certificate, chain))


def read_chain(path: str) -> Tuple[bytes, ...]:
    """Return the certificates of a PEM file, DER, the server's own first. Raises TrustStoreUnreadable."""
    try:
        chain = _chain(path)
    except (OSError, ValueError) as error:
        raise TrustStoreUnreadable(
            f"{_shown(path)} cannot be read: {getattr(error, 'strerror', None) or error}",
            cure="Check certificate_file.",
        ) from None
    if not chain:
        raise TrustStoreUnreadable(f"{_shown(path)} holds no certificate in PEM form", cure="Check certificate_file.")
    return chain


def pem_chain(text: str) -> Tuple[CertificateFacts, ...]:
    """Return the facts of the certificates in a PEM text; none if one of them cannot be read."""
    try:
        return tuple(read_certificate(ssl.PEM_cert_to_DER_cert(pem)) for pem in _PEM.findall(text))
    except ValueError:
        return ()


def _chain(path: str) -> Tuple[bytes, ...]:
    with open(path, encoding="ascii", errors="replace") as file:
        return tuple(ssl.PEM_cert_to_DER_cert(pem) for pem in _PEM.findall(file.read()))


def require_authorities(path: str) -> None:
    """Raises TrustStoreUnreadable if the file has no certificate of an authority."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_verify_locations(cafile=path)
    except ssl.SSLError:
        raise _no_authorities(path, "it holds no certificate in PEM form") from None
    except OSError as error:
        raise _no_authorities(path, error.strerror or str(error)) from None
    except ValueError as error:
        raise _no_authorities(path, str(error)) from None


def _no_authorities(path: str, why: str) -> TrustStoreUnreadable:
    return TrustStoreUnreadable(
        f"the certificates of authorities in {_shown(path)} cannot be used: {why}",
        cure="Set client_ca_file to a readable file of PEM certificates.",
    )


def _fit(certificate: str, key: str, passphrase: str) -> None:
    def given() -> bytes:
        # A server starts unattended; without this, OpenSSL would prompt on the terminal.
        return passphrase.encode()

    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, given)


def _key_type(path: str, chain: Tuple[bytes, ...]) -> str:
    try:
        return read_certificate(chain[0]).key_type
    except (ValueError, IndexError):
        raise PrivateKeyUnusable(f"{_shown(path)} holds no certificate", cure="Check certificate_file.") from None


def _unusable(certificate: str, key: str, error: ssl.SSLError) -> PrivateKeyUnusable:
    if error.reason == "KEY_VALUES_MISMATCH":
        return PrivateKeyUnusable(
            f"the key {_shown(key)} is not the key of the certificate {_shown(certificate)}",
            cure="Set certificate_file and private_key_file to a matching pair.",
        )
    return PrivateKeyUnusable(
        f"{_shown(certificate)} and {_shown(key)} hold no usable certificate and key: "
        f"{error.reason or 'not in PEM form, or encrypted'}",
        cure="Use PEM files, the key without a passphrase, because the server starts unattended.",
    )


def _shown(path: str) -> str:
    return display(os.fsencode(path))
