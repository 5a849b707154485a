# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SSLContext of one run: the proofs of the server, and the client certificate."""

from __future__ import annotations

import ssl
from typing import List, Optional

from ..errors import InvalidRequest, PrivateKeyUnusable, SyncError, TrustStoreUnreadable
from ..model.display import display_text
from ..model.endpoint import Credentials, TlsTrust

_VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
_PARTIAL_CHAIN = 0x80000
_IGNORE_UNEXPECTED_EOF = 0x80
"""X509_V_FLAG_PARTIAL_CHAIN (openssl/x509_vfy.h) and SSL_OP_IGNORE_UNEXPECTED_EOF (openssl/ssl.h): the ssl module names
them from Python 3.10 on."""


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
    if trust.client_cert_file is not None:
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
        f"ca_file: the certificates in {display_text(path)} cannot be used: {why}",
        cure="Set ca_file to a readable file of PEM certificates.",
    )


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
        which = certificate if key is None else f"{certificate} or {key}"
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
