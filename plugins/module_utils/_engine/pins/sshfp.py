# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SSHFP records (RFC 4255, RFC 6594, RFC 7479): which keys they name."""

from __future__ import annotations

import hashlib
from typing import Iterable, NamedTuple, Tuple

from ..trust.fingerprint import PublicKey

_SHA256 = 2
"""The type of fingerprint. SHA-1 (1) proves nothing any more."""

_ALGORITHMS = {
    "ssh-rsa": 1,
    "ecdsa-sha2-nistp256": 3,
    "ecdsa-sha2-nistp384": 3,
    "ecdsa-sha2-nistp521": 3,
    "ssh-ed25519": 4,
}


class SshfpRecord(NamedTuple):
    """One record as it is in DNS."""

    algorithm: int
    fingerprint_type: int
    fingerprint: bytes


def named_keys(keys: Iterable[PublicKey], records: Iterable[SshfpRecord]) -> Tuple[PublicKey, ...]:
    """Return the keys that a record names by algorithm and SHA-256."""
    named = set(records)
    return tuple(key for key in keys if _record(key) in named)


def _record(key: PublicKey) -> SshfpRecord:
    return SshfpRecord(_ALGORITHMS.get(key.key_type, 0), _SHA256, hashlib.sha256(key.blob).digest())
