# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS options: pins, ciphers and certificate files as the operator writes them, checked before a server is asked."""

from __future__ import annotations

import base64
import binascii
import re
import ssl
from typing import Any, List, Mapping, Optional

from .._engine.errors import InvalidRequest
from .._engine.model.endpoint import Endpoint, TlsTrust
from .login_words import is_pem

Params = Mapping[str, Any]

PIN_FORM = "sha256//"
SHA256_BYTES = 32

# openssl-ciphers(1): a cipher string is split at these; a word that begins with ! or - takes away.
_SEPARATORS = re.compile(r"[:, ]+")
_WORDS = re.compile(r"[A-Za-z0-9_+!@=.:, -]+\Z")
# No secrecy, no proof of the server, or broken; as parts of a word, and as parts of the names that a word selects.
_WEAK = re.compile(
    r"(?:^|[-+_])(?:[ae]?NULL|COMPLEMENTOFALL|COMPLEMENTOFDEFAULT|LOW|EXP(?:ORT)?[0-9]*|ADH|AECDH|RC[24]|I?DEA|DES|3DES"
    r"|CBC3|MD5)(?:$|[-+_])",
    re.I,
)
_NO_LEVEL = re.compile(r"@SECLEVEL=0", re.I)
_LEAST_BITS = 112


def pin(option: str, text: str) -> str:
    """Return the SHA-256 of a public key in curl's form, "sha256//" and 44 characters of base64."""
    word = text.strip()
    if word.startswith(PIN_FORM) and _is_digest(word[len(PIN_FORM) :]):
        return word
    raise InvalidRequest(
        f"{option}: {text!r} is not a pin",
        cure="Write each as sha256// and the 44 characters of base64 of the SHA-256 of the public key (SPKI), as curl "
        "does; a failed task shows the pin of the server.",
    )


def ciphers(option: str, text: Optional[str]) -> Optional[str]:
    """Return OpenSSL's cipher list for TLS 1.2, without weak ciphers; None stays None.

    Checked twice: the words, independent of this OpenSSL, and the ciphers that this OpenSSL selects.
    """
    if text is None:
        return None
    if not _WORDS.match(text):
        raise InvalidRequest(
            f"{option}: {text!r} is not a cipher list", cure="Write it in the form of openssl-ciphers(1)."
        )
    if _NO_LEVEL.search(text):
        raise _weak(option, "@SECLEVEL=0")
    for word in _SEPARATORS.split(text):
        if not word.startswith(("!", "-")) and _WEAK.search(word):
            raise _weak(option, word)
    for chosen in _selected(option, text):
        if _is_weak(chosen):
            raise _weak(option, chosen["name"])
    return text


def file(option: str, path: Optional[str]) -> Optional[str]:
    """Return the name of a PEM file; None stays None. It is opened when the connection is made."""
    if path is not None and (not path or not path.isprintable()):
        raise InvalidRequest(f"{option}: {path!r} is not a file name", cure="Give the path of a PEM file.")
    return path


def _is_digest(text: str) -> bool:
    try:
        digest = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return False
    # The same digest must have a single form: later comparisons use the text.
    return len(digest) == SHA256_BYTES and base64.b64encode(digest).decode("ascii") == text


def _selected(option: str, text: str) -> List[Any]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.set_ciphers(text)
    except ssl.SSLError:
        raise InvalidRequest(
            f"{option}: OpenSSL on the host that runs the module knows none of {text!r}",
            cure="Use a list that `openssl ciphers` accepts there.",
        ) from None
    return context.get_ciphers()


def _is_weak(cipher: Any) -> bool:
    if _WEAK.search(cipher["name"]) or "Au=None" in cipher["description"]:
        return True
    return bool(cipher["alg_bits"] < _LEAST_BITS)


def _weak(option: str, word: str) -> InvalidRequest:
    return InvalidRequest(
        f"{option}: {word} is refused: it would give up the proof of the server or secrecy",
        cure="Remove it (from a group such as HIGH with :!aNULL:!eNULL), or use AES-GCM or ChaCha20 suites "
        "with ECDHE, or leave the option out.",
    )


def tls_options(params: Params) -> TlsTrust:
    """Return the options of argspec.tls that are no secrets. Raises InvalidRequest."""
    in_memory = is_pem(params.get("certificate"))
    if in_memory and params["private_key"] is None:
        raise InvalidRequest("certificate: needs its key", cure="Set private_key to the key in PEM form.")
    for option, rival in (("client_cert_file", True), ("client_key_file", True), ("client_key_passphrase", False)):
        if params[option] is None:
            continue
        if in_memory and rival:
            raise InvalidRequest(f"{option}: and certificate exclude each other", cure="Keep one of them.")
        if not in_memory and params["client_cert_file"] is None:
            raise InvalidRequest(
                f"{option}: needs a client certificate",
                cure="Set client_cert_file too; the key may be in the same file.",
            )
    return TlsTrust(
        mode=params["tls_mode"],
        ca_file=file("ca_file", params["ca_file"]),
        client_cert_file=file("client_cert_file", params["client_cert_file"]),
        client_key_file=file("client_key_file", params["client_key_file"]),
        min_version=params["tls_min_version"],
        ciphers=ciphers("tls_ciphers", params["tls_ciphers"]),
        pins=tuple(pin("tls_pins", each) for each in params["tls_pins"] or ()),
    )


def tls_trust(params: Params, peer: Endpoint) -> TlsTrust:
    """Return `tls_options` with the current pins of tls_pins_file. A file without pins of the server fails.

    Raises UnknownHost, PinExpired, TrustStoreUnreadable.
    """
    trust, path = tls_options(params), file("tls_pins_file", params["tls_pins_file"])
    if path is None or peer.port is None:
        return trust
    from .._engine.pins.pin_lines import tls_pins_for  # pylint: disable=import-outside-toplevel

    return trust._replace(pins=(*trust.pins, *tls_pins_for(path, peer.host, peer.port)))
