# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policies that a server is judged by: data, with the date in their names, so that a verdict can be repeated.

A later year gets profiles of its own; those that are here stay as they are.
"""

from __future__ import annotations

from typing import Dict, FrozenSet, NamedTuple, Tuple

_SUITES_13 = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
_SUITES_12 = (
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
)
_GROUPS = ("X25519MLKEM768", "x25519", "secp256r1", "secp384r1")
_NEWEST = {"modern": "modern-2026", "intermediate": "intermediate-2026"}


class Profile(NamedTuple):
    """The requirements of a dated policy.

    name: with its year
    source: the document
    versions, suites, groups: allowed offers
    wanted_versions: required versions
    post_quantum: whether a hybrid key exchange is expected
    key_types: of the certificate
    rsa_bits: the minimum
    rsa_bits_soon: the minimum of the BSI
    expiry_days: a certificate that ends sooner is reported
    lifespan_days: the longest life of a certificate
    """

    name: str
    source: str
    versions: FrozenSet[str]
    wanted_versions: Tuple[str, ...]
    suites: FrozenSet[str]
    groups: FrozenSet[str]
    post_quantum: bool
    key_types: FrozenSet[str]
    rsa_bits: int
    rsa_bits_soon: int
    expiry_days: int
    lifespan_days: int


# Mozilla's Server Side TLS 5.8 with the requirements of RFC 9325; the BSI's key lengths (TR-02102-2) as a hint.
PROFILES: Dict[str, Profile] = {
    "modern-2026": Profile(
        name="modern-2026",
        source="Mozilla Server Side TLS 5.8, modern",
        versions=frozenset(("TLSv1.3",)),
        wanted_versions=("TLSv1.3",),
        suites=frozenset(_SUITES_13),
        groups=frozenset(_GROUPS),
        post_quantum=True,
        key_types=frozenset(("ec",)),
        rsa_bits=2048,
        rsa_bits_soon=3000,
        expiry_days=14,
        lifespan_days=90,
    ),
    "intermediate-2026": Profile(
        name="intermediate-2026",
        source="Mozilla Server Side TLS 5.8, intermediate",
        versions=frozenset(("TLSv1.2", "TLSv1.3")),
        wanted_versions=("TLSv1.3",),
        suites=frozenset(_SUITES_12 + _SUITES_13),
        groups=frozenset(_GROUPS),
        post_quantum=False,
        key_types=frozenset(("ec", "rsa")),
        rsa_bits=2048,
        rsa_bits_soon=3000,
        expiry_days=14,
        lifespan_days=366,
    ),
}
PROFILE_NAMES = (*_NEWEST, *PROFILES)


def profile_named(name: str) -> Profile:
    """Return the profile; a name without a year means the newest. Raises KeyError."""
    return PROFILES[_NEWEST.get(name, name)]
