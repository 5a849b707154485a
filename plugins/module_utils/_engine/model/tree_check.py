# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TreeCheck, TreeFinding: the check of a tree at a server against its signed set, as values."""

from __future__ import annotations

from typing import NamedTuple, Optional, Tuple

from ..errors import SyncError
from .endpoint import PeerIdentity
from .findings import HIGH
from .report import SignedSet, WrittenReceipt
from .request import SyncRequest

LISTING = "listing"
SAMPLE = "sample"
WHOLE = "whole"
CONTENTS = (LISTING, SAMPLE, WHOLE)


class Sample(NamedTuple):
    """A part of the files of a set: one part of `rotate` parts, or a percentage, or so many bytes, by chance.

    run: with `rotate`, the number of the part, counted on from 0
    """

    rotate: int = 20
    percent: Optional[float] = None
    size: Optional[int] = None
    run: int = 0


class TreeCheck(NamedTuple):
    """One check.

    request: how to reach the tree, and the demands on its set
    allow: patterns of expected extra entries
    fail_on: the lowest severity with which the check fails, or NONE
    """

    request: SyncRequest
    content: str = SAMPLE
    sample: Sample = Sample()
    allow: Tuple[str, ...] = ()
    fail_on: str = HIGH


class TreeFinding(NamedTuple):
    """One difference between the tree and its signed set.

    id: stable, one for each kind of difference
    path: the entry; None for the whole tree
    observed, wanted: for people
    evidence: how it was found
    """

    id: str
    severity: str
    path: Optional[bytes]
    observed: str
    wanted: str
    evidence: str


class Coverage(NamedTuple):
    """The files whose content was read in this check, and their bytes. since: every file was read at this time (seconds
    since 1970) or later; None if some were never read."""

    files: int = 0
    size: int = 0
    since: Optional[int] = None


class TreeCheckReport(NamedTuple):
    """The result of one check. error: the error that ended it early, or of its receipt."""

    findings: Tuple[TreeFinding, ...] = ()
    coverage: Coverage = Coverage()
    signed_set: Optional[SignedSet] = None
    peer: Optional[PeerIdentity] = None
    notes: Tuple[str, ...] = ()
    error: Optional[SyncError] = None
    receipt: Optional[WrittenReceipt] = None
