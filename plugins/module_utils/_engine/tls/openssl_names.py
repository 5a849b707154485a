# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenSSL's names for IANA's suites and groups. Pure."""

from __future__ import annotations

import re
from typing import AbstractSet, Iterable, Tuple

from ..errors import InvalidRequest
from .suites import TLS12, suite_name, suites_for

_SUITE = re.compile(
    r"TLS_(?P<exchange>(?:EC)?DHE_(?:RSA|ECDSA))_WITH_(?P<cipher>AES_(?:128|256)|CHACHA20)_(?P<rest>\w+)\Z"
)
_GROUPS = {
    "x25519": "X25519",
    "x448": "X448",
    "secp256r1": "P-256",
    "secp384r1": "P-384",
    "secp521r1": "P-521",
}


def cipher_list(suites: AbstractSet[str]) -> str:
    """Return the suites up to TLS 1.2 in the form of openssl-ciphers(1), in the order of the registry; the suites of
    TLS 1.3 are fixed. Raises InvalidRequest for a suite without an OpenSSL name."""
    ordered = (suite_name(number) for number in suites_for(TLS12))
    return ":".join(_openssl_name(name) for name in ordered if name in suites)


def group_names(groups: Iterable[str]) -> Tuple[str, ...]:
    """Return the groups as SSL_CTX_set1_groups_list(3) takes them, hybrids first: a server prefers them in this
    order."""
    ordered = sorted(groups, key=lambda name: (name not in ("X25519MLKEM768",), name != "x25519", name))
    return tuple(_GROUPS.get(name, name) for name in ordered)


def _openssl_name(suite: str) -> str:
    found = _SUITE.match(suite)
    if found is None:
        raise InvalidRequest(
            "profile: %s cannot be written into a server's configuration" % suite,
            cure="Use ECDHE or DHE suites with AES or ChaCha20.",
        )
    cipher, rest = found.group("cipher").replace("_", ""), found.group("rest")
    if cipher == "CHACHA20":
        rest = "POLY1305"
    parts = rest.replace("CBC_", "").replace("CCM_8", "CCM8").split("_")
    return "-".join((*found.group("exchange").split("_"), cipher, *parts))
