# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SSH public keys as text, bytes and SHA-256 fingerprints."""

from __future__ import annotations

import base64
import binascii
import re
from typing import NamedTuple

__all__ = ["PublicKey", "base_key_type", "fingerprint", "is_fingerprint", "parse_public_key"]

_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}\Z")
_CERTIFICATE = "-cert-v01@openssh.com"


class PublicKey(NamedTuple):
    """One public key: `key_type` as in RFC 4253 section 6.6 ("ssh-ed25519"), `blob` its wire form."""

    key_type: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """The form that ssh-keygen -l prints."""
        return fingerprint(self.blob)

    @property
    def text(self) -> str:
        """The form of a .pub file, without a comment."""
        return "%s %s" % (self.key_type, base64.b64encode(self.blob).decode("ascii"))


def fingerprint(blob: bytes) -> str:
    """ "SHA256:" and the unpadded base64 of the key blob's digest (ssh-keygen(1), FingerprintHash)."""
    # Often no fingerprint is made before a login begins, and OpenSSL's library takes time to load.
    import hashlib  # pylint: disable=import-outside-toplevel

    digest = base64.b64encode(hashlib.sha256(blob).digest())
    return "SHA256:" + digest.decode("ascii").rstrip("=")


def is_fingerprint(text: str) -> bool:
    """Whether `text` is a whole SHA-256 fingerprint."""
    return _FINGERPRINT.match(text) is not None


def parse_public_key(key_type: str, encoded: str) -> PublicKey:
    """A key from its two fields; raises ValueError when they are no key or do not belong together."""
    try:
        blob = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("not base64") from None
    name = key_type.encode("ascii", "replace")
    if not name or blob[: 4 + len(name)] != len(name).to_bytes(4, "big") + name:
        raise ValueError("the key is not of the type it says")
    return PublicKey(key_type, blob)


def base_key_type(key_type: str) -> str:
    """The plain key type of a certificate type or of an RSA signature algorithm (RFC 8332)."""
    plain = key_type[: -len(_CERTIFICATE)] if key_type.endswith(_CERTIFICATE) else key_type
    if plain.startswith("sk-"):
        plain = plain if plain.endswith("@openssh.com") else plain + "@openssh.com"
    return "ssh-rsa" if plain in ("rsa-sha2-256", "rsa-sha2-512") else plain
