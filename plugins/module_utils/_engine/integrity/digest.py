# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SHA-256, the one digest of the engine, and the error of files that it does not confirm."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash

DIGEST_SIZE = 32
"""Bytes of one digest."""


class UnusableManifest(ValueError):
    """The bytes are not a trusted manifest or record: truncated, changed, foreign, or with a name outside the tree."""


def sha256(data: bytes | memoryview = b"") -> _Hash:
    """Return a new running hash: `update(data)`, then `digest()`. FIPS 180-4.

    Loaded when it is first wanted, which is while a login goes on: OpenSSL's library takes time.
    """
    from hashlib import sha256 as new  # pylint: disable=import-outside-toplevel

    return new(data)
