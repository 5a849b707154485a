# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SSH public keys and certificates as text, bytes and SHA-256 fingerprints; their wire form, read as strictly as
ssh-keygen -l reads it.

RFC 4253 section 6.6 (RSA), RFC 5656 section 3.1 (ECDSA), RFC 8709 section 4 (Ed25519); OpenSSH's PROTOCOL.u2f and
PROTOCOL.certkeys.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Callable, Dict, List, NamedTuple, Optional, Tuple

CERTIFICATE = "-cert-v01@openssh.com"
_ED25519_BYTES = 32
_RSA_LEAST_BITS, _RSA_MOST_BITS = 1024, 16384
_RSA_LEAST_EXPONENT = 3
_MOST_PRINCIPALS = 256
_USER, _HOST = 1, 2

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


class Validity(NamedTuple):
    """The time of a certificate, in seconds since 1970: `after` is the first second, `before` the first that is out."""

    after: int
    before: int


class _Certified(NamedTuple):
    """The part of a certificate after its plain key."""

    authority: bytes = b""
    validity: Optional[Validity] = None
    principals: Tuple[bytes, ...] = ()


class _Curve(NamedTuple):
    """The prime p, the b of y^2 = x^3 - 3x + b, and the order of a NIST curve (FIPS 186-4, D.1.2)."""

    name: bytes
    p: int
    b: int
    order: int

    @property
    def size(self) -> int:
        """Return the bytes of a coordinate."""
        return (self.p.bit_length() + 7) // 8


_P256 = _Curve(
    b"nistp256",
    2**256 - 2**224 + 2**192 + 2**96 - 1,
    0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
)
_P384 = _Curve(
    b"nistp384",
    2**384 - 2**128 - 2**96 + 2**32 - 1,
    0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
    0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
)
_P521 = _Curve(
    b"nistp521",
    2**521 - 1,
    0x51953EB9618E1C9A1F929A21A0B68540EEA2DA725B99B315F3B8B489918EF109E156193951EC7E937B1652C0BD3BB1BF073573DF883D2C34F1EF451FD46B503F00,
    0x1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFA51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409,
)


class _Fields:
    """The fields of a blob, one after the other; raises ValueError where they do not fit."""

    def __init__(self, blob: bytes) -> None:
        self._blob = blob
        self.position = 0

    def take(self, count: int) -> bytes:
        end = self.position + count
        if end > len(self._blob):
            raise ValueError("the key is truncated")
        found, self.position = self._blob[self.position : end], end
        return found

    def integer(self, count: int) -> int:
        """Return an unsigned number of `count` bytes."""
        return int.from_bytes(self.take(count), "big")

    def string(self) -> bytes:
        """Return a string (RFC 4251 section 5)."""
        return self.take(self.integer(4))

    def text(self) -> bytes:
        """Return a string without a NUL."""
        found = self.string()
        if b"\0" in found:
            raise ValueError("a name in the key holds a NUL")
        return found

    def number(self) -> int:
        """Return a positive mpint in its shortest form: any other form would have another fingerprint."""
        found = self.string()
        if not found or found[0] & 0x80 or (found[0] == 0 and not (len(found) > 1 and found[1] & 0x80)):
            raise ValueError("a number in the key is not in its shortest form")
        return int.from_bytes(found, "big")

    @property
    def ended(self) -> bool:
        """Return whether nothing is left."""
        return self.position == len(self._blob)

    def end(self) -> None:
        """Raise ValueError unless nothing is left."""
        if not self.ended:
            raise ValueError("the key has trailing bytes")


def plain_blob(key_type: str, blob: bytes) -> bytes:
    """Check a key or certificate of `key_type` and return the blob of its plain key.

    Raises ValueError. The signature of a certificate is not checked: this needs no cryptography.
    """
    return _read(key_type, blob)[0]


def authority_blob(key_type: str, blob: bytes) -> bytes:
    """Return the blob of the key that signed a certificate, b"" for a plain key. Raises as `plain_blob`."""
    return _read(key_type, blob)[1].authority


def validity(key_type: str, blob: bytes) -> Optional[Validity]:
    """Return the validity of a certificate, None for a plain key. Raises as `plain_blob`."""
    return _read(key_type, blob)[1].validity


def principals(key_type: str, blob: bytes) -> Tuple[bytes, ...]:
    """Return the principals of a certificate, none for a plain key. Raises as `plain_blob`."""
    return _read(key_type, blob)[1].principals


def _read(key_type: str, blob: bytes) -> Tuple[bytes, _Certified]:
    name = _string(key_type.encode("ascii", "replace"))
    if not blob.startswith(name):
        raise ValueError("the key is not of its declared type")
    fields = _Fields(blob)
    fields.take(len(name))
    is_certificate = key_type.endswith(CERTIFICATE)
    plain_type = base_key_type(key_type)
    if is_certificate:
        fields.string()  # the nonce
    start = fields.position
    _public_part(plain_type)(fields)
    public = blob[start : fields.position]
    certified = _certified(fields) if is_certificate else _Certified()
    fields.end()
    return _string(plain_type.encode("ascii")) + public, certified


def base_key_type(key_type: str) -> str:
    """Return the plain key type of a certificate type or of an RSA signature algorithm (RFC 8332)."""
    plain = key_type[: -len(CERTIFICATE)] if key_type.endswith(CERTIFICATE) else key_type
    if plain.startswith("sk-"):
        plain = plain if plain.endswith("@openssh.com") else plain + "@openssh.com"
    return "ssh-rsa" if plain in ("rsa-sha2-256", "rsa-sha2-512") else plain


def rsa_bits(blob: bytes) -> int:
    """Return the length of the modulus of a plain RSA key that was checked."""
    fields = _Fields(blob)
    fields.string()
    fields.number()
    return fields.number().bit_length()


def _string(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


def _ed25519(fields: _Fields) -> None:
    if len(fields.string()) != _ED25519_BYTES:
        raise ValueError(f"an Ed25519 key must have {_ED25519_BYTES} bytes")


def _rsa(fields: _Fields) -> None:
    exponent, modulus = fields.number(), fields.number()
    if not _RSA_LEAST_BITS <= modulus.bit_length() <= _RSA_MOST_BITS:
        raise ValueError(f"an RSA key must have from {_RSA_LEAST_BITS} to {_RSA_MOST_BITS} bits")
    # ssh-keygen takes these too; with an exponent of 1 anybody could sign.
    if not _RSA_LEAST_EXPONENT <= exponent < modulus or not exponent & modulus & 1:
        raise ValueError("these numbers are not an RSA key")


def _ecdsa(curve: _Curve) -> Callable[[_Fields], None]:
    def read(fields: _Fields) -> None:
        if fields.string() != curve.name:
            raise ValueError("the curve of the key does not match its type")
        point = fields.string()
        if len(point) != 1 + 2 * curve.size or point[0] != 4:
            raise ValueError("the point of the key is compressed")
        _require_point(curve, *(int.from_bytes(half, "big") for half in _halves(point[1:], curve.size)))

    return read


def _halves(point: bytes, size: int) -> Tuple[bytes, bytes]:
    return point[:size], point[size:]


def _require_point(curve: _Curve, x: int, y: int) -> None:
    """Require a point on the curve, of the size of a random point, as OpenSSH's sshkey_ec_validate_public does."""
    sane = all(2 * value.bit_length() > curve.order.bit_length() and value < curve.order - 1 for value in (x, y))
    if not sane or (y * y - x * x * x + 3 * x - curve.b) % curve.p:
        raise ValueError("the point of the key is not on its curve")


def _hardware(read: Callable[[_Fields], None]) -> Callable[[_Fields], None]:
    """Return a reader for a key in a FIDO token, which also names its application."""

    def read_both(fields: _Fields) -> None:
        read(fields)
        fields.text()

    return read_both


_PUBLIC_PARTS: Dict[str, Callable[[_Fields], None]] = {
    "ssh-ed25519": _ed25519,
    "ssh-rsa": _rsa,
    "ecdsa-sha2-nistp256": _ecdsa(_P256),
    "ecdsa-sha2-nistp384": _ecdsa(_P384),
    "ecdsa-sha2-nistp521": _ecdsa(_P521),
    "sk-ssh-ed25519@openssh.com": _hardware(_ed25519),
    "sk-ecdsa-sha2-nistp256@openssh.com": _hardware(_ecdsa(_P256)),
}


def _public_part(plain_type: str) -> Callable[[_Fields], None]:
    if plain_type not in _PUBLIC_PARTS:
        raise ValueError("the type of the key is unknown")
    return _PUBLIC_PARTS[plain_type]


def _certified(fields: _Fields) -> _Certified:
    """Read the fields after the public key in a certificate."""
    fields.integer(8)  # the serial number
    if fields.integer(4) not in (_USER, _HOST):
        raise ValueError("the certificate is neither for a user nor for a host")
    fields.text()  # the identity
    names = _principals(_Fields(fields.string()))
    times = Validity(fields.integer(8), fields.integer(8))
    _pairs(_Fields(fields.string()))
    _pairs(_Fields(fields.string()))
    fields.string()  # reserved
    authority = fields.string()
    _check_signature(authority, _Fields(fields.string()))
    return _Certified(authority, times, names)


def _principals(names: _Fields) -> Tuple[bytes, ...]:
    found: List[bytes] = []
    while not names.ended:
        found.append(names.text())
    if len(found) > _MOST_PRINCIPALS:
        raise ValueError(f"the certificate has more than {_MOST_PRINCIPALS} principals")
    return tuple(found)


def _pairs(options: _Fields) -> None:
    while not options.ended:
        options.string()
        options.string()


def _check_signature(authority: bytes, signature: _Fields) -> None:
    authority_type = _Fields(authority).text().decode("ascii", "replace")
    if authority_type.endswith(CERTIFICATE):
        raise ValueError("the authority of a certificate must not be a certificate")
    plain_blob(authority_type, authority)
    if base_key_type(signature.text().decode("ascii", "replace")) != authority_type:
        raise ValueError("the signature does not match the type of the authority's key")
    signature.string()
    if authority_type.startswith("sk-"):
        signature.take(5)  # flags and counter of the token
    signature.end()
