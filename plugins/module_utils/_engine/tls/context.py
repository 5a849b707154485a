# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SSLContext of one run: least TLS version, proofs of the server, client certificate; and the reasons of a failed
handshake in OpenSSL, as errors of the engine."""

from __future__ import annotations

import ssl
from typing import List, Optional, Type

from ..errors import (
    AuthenticationFailed,
    CertificateExpired,
    CertificateNameMismatch,
    CertificateNotYetValid,
    CertificateUntrusted,
    ConnectionLost,
    InvalidRequest,
    NotTls,
    PrivateKeyUnusable,
    SyncError,
    TlsFailed,
    TrustError,
    TrustStoreUnreadable,
)
from ..model.display import display_text
from ..model.endpoint import Credentials, TlsTrust
from ..model.local_path import local_path
from ..system.memory_file import in_memory

# X509_V_ERR_*, verify(1openssl)
_BY_VERIFY_CODE = {
    9: CertificateNotYetValid,
    10: CertificateExpired,
    62: CertificateNameMismatch,
    64: CertificateNameMismatch,
}
_CURES = {
    CertificateNotYetValid: "Check the clocks of both ends, then the server's certificate.",
    CertificateExpired: "Renew the certificate on the server.",
    CertificateNameMismatch: "Set host to a name in the certificate, or have a certificate issued for this name.",
    CertificateUntrusted: "Verify that this is your server. Then set ca_file to the certificate of its authority.",
}
_ADD_TO_FILE = "Verify that this is your server. Then add the certificate of its authority to ca_file."
# Alerts about a certificate that are sent by a server are about the client's (RFC 8446 section 6.2).
_ABOUT_CLIENT_CERTIFICATE = (
    "CERTIFICATE_REQUIRED",
    "ALERT_UNKNOWN_CA",
    "ALERT_BAD_CERTIFICATE",
    "ALERT_CERTIFICATE_EXPIRED",
    "ALERT_CERTIFICATE_REVOKED",
    "ALERT_CERTIFICATE_UNKNOWN",
    "ALERT_UNSUPPORTED_CERTIFICATE",
    "ALERT_NO_CERTIFICATE",
    "ALERT_ACCESS_DENIED",
)
_REFUSED_VERSIONS = ("UNSUPPORTED_PROTOCOL", "PROTOCOL_VERSION", "WRONG_SSL_VERSION", "NO_PROTOCOLS_AVAILABLE")
_VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
_PARTIAL_CHAIN = 0x80000
_IGNORE_UNEXPECTED_EOF = 0x80
"""X509_V_FLAG_PARTIAL_CHAIN (openssl/x509_vfy.h) and SSL_OP_IGNORE_UNEXPECTED_EOF (openssl/ssl.h): the ssl module names
them from Python 3.10 on."""


def handshake_failed(where: str, error: OSError, *, agreed: bool = False) -> SyncError:
    """Return the engine's error for a failed handshake with `where` (for people).

    agreed: version and cipher were already agreed; a failure without a reason is then about the client's certificate
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        return _unverified(where, error)
    refused = client_certificate_refused(where, error, agreed=agreed)
    if refused:
        return refused
    reason = getattr(error, "reason", None) or ""
    if any(word in reason for word in _REFUSED_VERSIONS):
        return TlsFailed(
            f"{where}: no common TLS version", cure="Enable TLS 1.2 or 1.3 on the server, or lower tls_min_version."
        )
    if "WRONG_VERSION_NUMBER" in reason or "RECORD_LAYER" in reason or "PACKET_LENGTH" in reason:
        return NotTls(f"{where}: the answer is not TLS", cure="Check port and tls_mode.")
    if "HANDSHAKE_FAILURE" in reason:
        return TlsFailed(f"{where}: no common cipher", cure="Check tls_ciphers and the server's ciphers.")
    if isinstance(error, (ssl.SSLEOFError, ConnectionError)):
        return ConnectionLost(
            f"{where}: the connection ended during the TLS handshake",
            cure="Check port and tls_mode; read the server's log.",
        )
    words = reason.replace("_", " ").lower() or getattr(error, "strerror", None) or type(error).__name__
    return TlsFailed(f"{where}: the TLS handshake failed: {words}", cure="Read the server's log.")


def client_certificate_refused(where: str, error: OSError, *, agreed: bool) -> Optional[SyncError]:
    """Return the error if the server wants another client certificate, else None. With TLS 1.3 that comes with
    the first bytes read after the handshake (RFC 8446 section 4.4.2.4)."""
    reason = getattr(error, "reason", None) or ""
    if any(word in reason for word in _ABOUT_CLIENT_CERTIFICATE) or (agreed and "HANDSHAKE_FAILURE" in reason):
        alert = reason.split("ALERT_")[-1].replace("_", " ").lower()
        return AuthenticationFailed(
            f"{where}: the server requires a client certificate, or rejects the given certificate ({alert})",
            cure="Set client_cert_file and client_key_file to a valid certificate that the server trusts.",
        )
    return None


def _unverified(where: str, error: ssl.SSLCertVerificationError) -> SyncError:
    kind: Type[TrustError] = _BY_VERIFY_CODE.get(error.verify_code, CertificateUntrusted)
    return kind(f"{where}: the certificate is not accepted: {error.verify_message}", cure=_CURES[kind])


def untrusted_by(ca_file: Optional[str], error: CertificateUntrusted) -> CertificateUntrusted:
    """Return the same error with the checked authorities. ca_file: None for the authorities of the system."""
    if ca_file is None:
        asked, cure = "not set, the authorities of the system decide", error.cure
    else:
        asked, cure = display_text(ca_file), _ADD_TO_FILE
    return CertificateUntrusted(f"{error.message} (ca_file: {asked})", cure=cure)


def client_context(trust: TlsTrust, credentials: Credentials) -> ssl.SSLContext:
    """Return the context. Raises TrustStoreUnreadable, PrivateKeyUnusable, InvalidRequest. May be shared by all
    sessions with one server, and by their threads.

    Made from the bare class, not by create_default_context, whose checks differ between Python versions:
    VERIFY_X509_STRICT, its default since 3.13, refuses every certificate without an authority key identifier, which
    many private authorities issue, and proves nothing more about the peer. It would also write the session's keys to
    the file that SSLKEYLOGFILE names.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # checks chain and host name
    context.minimum_version = _VERSIONS[trust.min_version]
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    # Python sets this on every context; a truncated connection would then look like a complete connection.
    context.options &= ~_IGNORE_UNEXPECTED_EOF
    _limit_ciphers(context, trust.ciphers)
    if trust.ca_file is None:
        context.load_default_certs()
    else:
        _load_authorities(context, trust.ca_file)
    if credentials.certificate is not None:
        _load_from_memory(context, credentials)
    elif trust.client_cert_file is not None:
        _load_client_certificate(context, trust, credentials.client_key_passphrase)
    elif trust.client_key_file is not None:
        raise InvalidRequest("client_key_file: needs a client certificate", cure="Set client_cert_file too.")
    return context


def offer_no_more_than(context: ssl.SSLContext, agreed: str) -> None:
    """Once the server has proven who it is and agreed on TLS 1.2, offer it nothing newer: it has nothing newer, as
    TLS 1.3 marks every downgrade (RFC 8446 section 4.1.3), and its data connections can resume that version alone.

    The keys that TLS 1.3 prepares before the server has sent anything are expensive: without them, the handshake of a
    data connection takes a quarter of the time.
    """
    if agreed == "TLSv1.2":
        context.maximum_version = ssl.TLSVersion.TLSv1_2


def _limit_ciphers(context: ssl.SSLContext, ciphers: Optional[str]) -> None:
    if ciphers is None:
        return
    try:
        context.set_ciphers(ciphers)
    except (ssl.SSLError, ValueError):
        raise InvalidRequest(
            f"tls_ciphers: OpenSSL knows no cipher of {display_text(ciphers)}",
            cure="Test it: openssl ciphers -v LIST",
        ) from None


def _load_authorities(context: ssl.SSLContext, path: str) -> None:
    # An intermediate authority, or the server's own certificate, in the file means exactly that certificate.
    context.verify_flags |= _PARTIAL_CHAIN
    try:
        context.load_verify_locations(cafile=path)
    except ssl.SSLError:
        raise _unusable_store(path, "it holds no certificate in PEM form") from None
    except (OSError, ValueError) as error:
        raise _unusable_store(path, getattr(error, "strerror", None) or str(error)) from None
    if not context.cert_store_stats()["x509"]:
        raise _unusable_store(path, "it holds no certificate in PEM form")


def _unusable_store(path: str, why: str) -> SyncError:
    return TrustStoreUnreadable(
        f"ca_file: the certificates in {display_text(local_path(path))} cannot be used: {why}",
        cure="Set ca_file to a readable file of PEM certificates.",
    )


def _load_from_memory(context: ssl.SSLContext, credentials: Credentials) -> None:
    """Load a certificate with its key, which no file holds. OpenSSL never asks for a passphrase on the terminal."""
    chain = f"{credentials.private_key}\n{credentials.certificate}\n".encode("utf-8", "surrogateescape")
    passphrase = (credentials.client_key_passphrase or "").encode("utf-8", "surrogateescape")
    try:
        with in_memory(chain) as path:
            context.load_cert_chain(path, password=lambda: passphrase)
    except (OSError, ValueError):
        raise PrivateKeyUnusable(
            "private_key: and certificate are not a key and its certificate in PEM form, or the key is encrypted",
            cure="Set private_key and certificate to a matching pair; for an encrypted key, set client_key_passphrase.",
        ) from None


def _load_client_certificate(context: ssl.SSLContext, trust: TlsTrust, passphrase: Optional[str]) -> None:
    asked: List[bool] = []

    def password() -> bytes:
        # Without this, OpenSSL would ask on the terminal.
        asked.append(True)
        return (passphrase or "").encode("utf-8", "surrogateescape")

    certificate, key = str(trust.client_cert_file), trust.client_key_file
    try:
        context.load_cert_chain(certificate, key, password)
    except ssl.SSLError as error:
        raise _unusable_key(key or certificate, error, asked=bool(asked), given=bool(passphrase)) from None
    except (OSError, ValueError) as error:
        which = " or ".join(map(local_path, filter(None, (certificate, key))))
        raise PrivateKeyUnusable(
            f"client_cert_file: the certificate or its key cannot be read: {display_text(which)}: "
            f"{getattr(error, 'strerror', None) or 'the passphrase is too long'}",
            cure="Check client_cert_file and client_key_file.",
        ) from None


def _unusable_key(path: str, error: ssl.SSLError, *, asked: bool, given: bool) -> SyncError:
    shown = display_text(path)
    if error.reason == "KEY_VALUES_MISMATCH":
        return PrivateKeyUnusable(
            f"client_key_file: {shown} is not the key of the client certificate",
            cure="Set client_cert_file and client_key_file to a matching pair.",
        )
    if asked and not given:
        return PrivateKeyUnusable(f"client_key_file: {shown} is encrypted", cure="Set client_key_passphrase.")
    if asked:
        return PrivateKeyUnusable(
            f"client_key_passphrase: does not decrypt {shown}", cure="Correct client_key_passphrase."
        )
    return PrivateKeyUnusable(
        f"{shown} holds no client certificate and key in PEM form", cure="Check client_cert_file and client_key_file."
    )
