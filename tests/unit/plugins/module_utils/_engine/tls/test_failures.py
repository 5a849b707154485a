# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenSSL's reasons become errors of the collection.

The errors are made by hand; integration tests use real handshakes.
"""

from __future__ import annotations

import ssl

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.errors import (
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
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.tls.context import (
    client_certificate_refused,
    handshake_failed,
    untrusted_by,
)


def unverified(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "no")
    error.verify_code, error.verify_message = code, "as openssl says it"
    return error


def ssl_error(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, reason)
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (9, CertificateNotYetValid),
        (10, CertificateExpired),
        (18, CertificateUntrusted),
        (19, CertificateUntrusted),
        (20, CertificateUntrusted),
        (26, CertificateUntrusted),
        (62, CertificateNameMismatch),
        (64, CertificateNameMismatch),
        (9999, CertificateUntrusted),
    ],
)
def test_verification(code: int, kind: type[SyncError]) -> None:
    error = handshake_failed("h port 21", unverified(code))
    assert error.code == kind.code
    assert isinstance(error, TrustError)
    assert error.message == "h port 21: the certificate is not accepted: as openssl says it"
    assert error.cure
    assert not error.retryable


@pytest.mark.parametrize(
    ("ca_file", "named", "cure"),
    [
        ("/etc/ca.pem", "(ca_file: /etc/ca.pem)", "add the certificate of its authority to ca_file."),
        (None, "(ca_file: not set, the authorities of the system decide)", "as before"),
        ("/etc/c\x1ba.pem", "(ca_file: /etc/c\\x1ba.pem)", "add the"),
    ],
)
def test_who_decided_is_named(ca_file: str | None, named: str, cure: str) -> None:
    error = untrusted_by(ca_file, CertificateUntrusted("h port 21: no", cure="as before"))
    assert error.message == "h port 21: no " + named
    assert cure in error.cure


@pytest.mark.parametrize(
    ("reason", "agreed", "kind", "words"),
    [
        ("TLSV1_ALERT_PROTOCOL_VERSION", False, TlsFailed, "no common TLS version"),
        ("UNSUPPORTED_PROTOCOL", False, TlsFailed, "no common TLS version"),
        ("WRONG_VERSION_NUMBER", False, NotTls, "not TLS"),
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", False, TlsFailed, "no common cipher"),
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", True, AuthenticationFailed, "client certificate"),
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", False, AuthenticationFailed, "certificate required"),
        ("TLSV1_ALERT_UNKNOWN_CA", True, AuthenticationFailed, "unknown ca"),
        ("DH_KEY_TOO_SMALL", False, TlsFailed, "dh key too small"),
    ],
)
def test_reasons(reason: str, agreed: bool, kind: type[SyncError], words: str) -> None:
    error = handshake_failed("h", ssl_error(reason), agreed=agreed)
    assert error.code == kind.code
    assert words in error.message


@pytest.mark.parametrize("error", [ConnectionResetError(104, "reset"), ssl.SSLEOFError(8, "EOF")])
def test_a_connection_that_ends_may_be_tried_again(error: OSError) -> None:
    assert handshake_failed("h", error).code == ConnectionLost.code


def test_only_a_word_about_certificates_is_one() -> None:
    assert client_certificate_refused("h", ssl_error("BAD_RECORD_MAC"), agreed=False) is None
    assert client_certificate_refused("h", ConnectionResetError(), agreed=True) is None
