# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The purposes of signatures. A signature for one purpose never counts for another: its purpose is signed with it."""

from __future__ import annotations

import os
from typing import IO, NamedTuple

_SLOWEST = 8 << 20
"""Bytes a second, on a slow disk."""


class Purpose(NamedTuple):
    """One purpose.

    namespace: as ssh-keygen and lines of allowed signers name it
    subject: the signed text, in words
    """

    namespace: str
    subject: str


MANIFESTS = Purpose("manifest@ftp-synchronize", "manifest")
RECEIPTS = Purpose("receipt@ftp-synchronize", "receipt")
ARCHIVES = Purpose("bundle@ftp-synchronize", "archive")
BAGS = Purpose("bag@ftp-synchronize", "tag manifest")
REVOCATIONS = Purpose("krl@secure.ftp_synchronize", "key revocation list")
EVIDENCE = Purpose("evidence@secure.ftp_synchronize", "evidence")
AUDITS = Purpose("audit@ftp-synchronize", "audit report")


def seconds_to_hash(file: IO[bytes]) -> float:
    """Return the time after which a program that hashes the file must have come to its end."""
    return os.fstat(file.fileno()).st_size // _SLOWEST
