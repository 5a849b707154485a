# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SSH public keys as text, bytes and SHA-256 fingerprints."""

from __future__ import annotations

import base64
import binascii
import re
from typing import NamedTuple

from .key_blob import CERTIFICATE, base_key_type, plain_blob

_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}\Z")


class PublicKey(NamedTuple):
    """One public key: `key_type` as in RFC 4253 section 6.6 ("ssh-ed25519"), `blob` its wire form."""

    key_type: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """Return the form that ssh-keygen -l prints; of a certificate, the fingerprint of its plain key."""
        return fingerprint(plain_blob(self.key_type, self.blob) if self.is_certificate else self.blob)

    @property
    def is_certificate(self) -> bool:
        """Return whether this is a certificate, not a plain key."""
        return self.key_type.endswith(CERTIFICATE)

    @property
    def plain(self) -> PublicKey:
        """Return the key in a certificate; a plain key itself."""
        if not self.is_certificate:
            return self
        return PublicKey(base_key_type(self.key_type), plain_blob(self.key_type, self.blob))

    @property
    def text(self) -> str:
        """Return the form of a .pub file, without a comment."""
        return f"{self.key_type} {base64.b64encode(self.blob).decode('ascii')}"


def fingerprint(blob: bytes) -> str:
    """ "SHA256:" and the unpadded base64 of the key blob's digest (ssh-keygen(1), FingerprintHash)."""
    # Often no fingerprint is made before a login begins, and OpenSSL's library takes time to load.
    import hashlib  # pylint: disable=import-outside-toplevel

    digest = base64.b64encode(hashlib.sha256(blob).digest())
    return "SHA256:" + digest.decode("ascii").rstrip("=")


def is_fingerprint(text: str) -> bool:
    """Return whether `text` is a whole SHA-256 fingerprint."""
    return _FINGERPRINT.match(text) is not None


def parse_public_key(key_type: str, encoded: str) -> PublicKey:
    """Return a key or certificate from its two fields, where ssh-keygen -l would take it; else raises ValueError."""
    try:
        blob = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("not base64") from None
    # Python passes over bits that are left in the last character; OpenSSH does not.
    if base64.b64encode(blob).decode("ascii") != encoded:
        raise ValueError("not base64")
    plain_blob(key_type, blob)
    return PublicKey(key_type, blob)


def parse_plain_key(key_type: str, encoded: str) -> PublicKey:
    """Return a key from its two fields; raises ValueError for a certificate too."""
    key = parse_public_key(key_type, encoded)
    if key.is_certificate:
        raise ValueError("this is a certificate, not a key")
    return key
