# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The groups of key exchange, by the numbers of IANA's registry (TLS Supported Groups)."""

from __future__ import annotations

from typing import Dict, Tuple

_GROUPS: Dict[int, Tuple[str, int]] = {
    0x11EC: ("X25519MLKEM768", 256),
    0x11EB: ("SecP256r1MLKEM768", 256),
    0x11ED: ("SecP384r1MLKEM1024", 384),
    0x0200: ("MLKEM512", 512),
    0x0201: ("MLKEM768", 768),
    0x0202: ("MLKEM1024", 1024),
    0x6399: ("X25519Kyber768Draft00", 256),
    0x001D: ("x25519", 253),
    0x0017: ("secp256r1", 256),
    0x0018: ("secp384r1", 384),
    0x0019: ("secp521r1", 521),
    0x001E: ("x448", 448),
    0x001F: ("brainpoolP256r1tls13", 256),
    0x0020: ("brainpoolP384r1tls13", 384),
    0x0021: ("brainpoolP512r1tls13", 512),
    0x001A: ("brainpoolP256r1", 256),
    0x001B: ("brainpoolP384r1", 384),
    0x001C: ("brainpoolP512r1", 512),
    0x0100: ("ffdhe2048", 2048),
    0x0101: ("ffdhe3072", 3072),
    0x0102: ("ffdhe4096", 4096),
    0x0103: ("ffdhe6144", 6144),
    0x0104: ("ffdhe8192", 8192),
    0x0016: ("secp256k1", 256),
    0x0015: ("secp224r1", 224),
    0x0014: ("secp224k1", 224),
    0x0013: ("secp192r1", 192),
    0x0012: ("secp192k1", 192),
    0x0011: ("secp160r2", 160),
    0x0010: ("secp160r1", 160),
    0x000F: ("secp160k1", 160),
    0x000E: ("sect571r1", 571),
    0x000D: ("sect571k1", 571),
    0x000C: ("sect409r1", 409),
    0x000B: ("sect409k1", 409),
    0x000A: ("sect283r1", 283),
    0x0009: ("sect283k1", 283),
    0x0008: ("sect239k1", 239),
    0x0007: ("sect233r1", 233),
    0x0006: ("sect233k1", 233),
    0x0005: ("sect193r2", 193),
    0x0004: ("sect193r1", 193),
    0x0003: ("sect163r2", 163),
    0x0002: ("sect163r1", 163),
    0x0001: ("sect163k1", 163),
}
POST_QUANTUM = frozenset(("X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024"))
"""Hybrids of an elliptic curve and ML-KEM (FIPS 203)."""
_NEVER_OF_13 = frozenset((*range(0x0001, 0x0017), 0x001A, 0x001B, 0x001C))
"""Some servers refuse a hello of TLS 1.3 that has one of these (RFC 8446 section 4.2.7)."""
_OF_13_ALONE = ("MLKEM", "Kyber", "tls13")


def group_name(number: int) -> str:
    """IANA's name of a group, or "0x1234"."""
    return _GROUPS[number][0] if number in _GROUPS else f"0x{number:04X}"


def group_bits(name: str) -> int:
    """Return the bits of the field or of the curve; 0 for an unknown group."""
    return next((bits for known, bits in _GROUPS.values() if known == name), 0)


def groups_for(*, tls13: bool) -> Tuple[int, ...]:
    """Return the groups to offer to a server: with TLS 1.3 all groups of RFC 8446 and later, before it the elliptic
    curves."""
    if tls13:
        return tuple(number for number in _GROUPS if number not in _NEVER_OF_13)
    others = (*_OF_13_ALONE, "ffdhe")
    return tuple(number for number, (name, _bits) in _GROUPS.items() if not any(word in name for word in others))
