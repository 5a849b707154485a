# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The frozen requests and reports of bundles."""

from __future__ import annotations

from typing import NamedTuple, Tuple

from ..model.plan import Skipped
from ..model.request import Signing
from ..signing.purpose import ARCHIVES, BAGS, Purpose
from ..signing.signature_check import SignaturePolicy
from .listing import Member

PLAIN = "plain"
BAGIT = "bagit"
LAYOUTS = (PLAIN, BAGIT)


class BundleRequest(NamedTuple):
    """An archive to make.

    archive, source: absolute paths of the archive and of the directory to archive
    layout: one of LAYOUTS
    links: see SyncRequest
    signing: the key; its other fields do not apply
    labels: for bag-info.txt, with their values
    """

    archive: bytes
    source: bytes
    signing: Signing
    layout: str = PLAIN
    links: str = "skip"
    labels: Tuple[Tuple[str, str], ...] = ()
    check_mode: bool = False


class BundleCheck(NamedTuple):
    """An archive to verify.

    policy: whose signature counts; its purpose is set by the engine
    """

    archive: bytes
    policy: SignaturePolicy
    layout: str = PLAIN


class BundleReport(NamedTuple):
    """The result for one archive.

    key: fingerprint of the key that signed
    size, digest: bytes of the archive, and SHA-256 in hexadecimal digits; -1 and "" if it was not made (check mode)
    members: the entries of the tree in the archive
    before: the entries of the archive that is replaced; empty if there is none that this key signed
    skipped: entries of the tree that are not in the archive
    """

    changed: bool
    key: str
    size: int
    digest: str
    members: Tuple[Member, ...]
    before: Tuple[Member, ...] = ()
    skipped: Tuple[Skipped, ...] = ()


def purposes(layout: str) -> Tuple[Purpose, ...]:
    return (ARCHIVES, BAGS) if layout == BAGIT else (ARCHIVES,)


def signature_of(archive: bytes) -> bytes:
    return archive + b".sig"
