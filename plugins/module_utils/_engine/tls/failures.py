# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Map the reasons of a failed TLS handshake in OpenSSL to errors of the engine."""

from __future__ import annotations

import ssl
from typing import Optional, Type

from ..errors import (
    AuthenticationFailed,
    CertificateExpired,
    CertificateNameMismatch,
    CertificateNotYetValid,
    CertificateUntrusted,
    ConnectionLost,
    NotTls,
    SyncError,
    TlsFailed,
    TrustError,
)
from ..model.display import display_text

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
_VERSIONS = ("UNSUPPORTED_PROTOCOL", "PROTOCOL_VERSION", "WRONG_SSL_VERSION", "NO_PROTOCOLS_AVAILABLE")


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
    if any(word in reason for word in _VERSIONS):
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
