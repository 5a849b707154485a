# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The frozen requests and the report of a restore drill."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Optional, Tuple

from ..errors import SyncError
from ..model.report import SyncReport, WrittenReceipt
from ..model.request import Receipting, SyncRequest
from ..model.tree_check import Sample


class DrillPolicy(NamedTuple):
    """The numbers that a drill must not exceed.

    max_age: seconds until the next drill must have passed
    rto, rpo: seconds; rto is judged for whole content only
    min_coverage: percent of files and of bytes that must be restored
    """

    max_age: Optional[int] = None
    rto: Optional[int] = None
    rpo: Optional[int] = None
    min_coverage: int = 0


class Check(NamedTuple):
    """One check of the operator on the restored tree."""

    name: str
    passed: bool


class DrillRequest(NamedTuple):
    """One drill.

    pull: an ordinary pull with `verify`; its local_root and, for a cold drill, its state_dir are set by the engine
    scratch: directory for the restored tree
    live: paths that the drill must not touch
    receipts: of the records
    sample: the part of the files to restore; None for the whole set
    cold: nothing of earlier runs is used
    waits: the restored tree stays for the checks of the operator, who ends the drill with a ChecksRequest
    """

    pull: SyncRequest
    scratch: bytes
    live: Tuple[bytes, ...]
    receipts: Receipting
    policy: DrillPolicy = DrillPolicy()
    sample: Optional[Sample] = None
    cold: bool = True
    waits: bool = False


class ChecksRequest(NamedTuple):
    """The end of a drill that waits for its checks."""

    scratch: bytes
    receipts: Receipting
    checks: Tuple[Check, ...]
    check_mode: bool = False


class DrillReport(NamedTuple):
    """The report of a drill.

    fields: the values of its record
    tree: path of the restored tree, if it stays
    receipt: of its record; None in check mode, and while it waits for checks
    aborted: of the record of a drill that was killed before
    sync: the report of the pull
    error: why the drill failed, if not by its policy
    """

    fields: Mapping[str, Any]
    tree: Optional[bytes] = None
    receipt: Optional[WrittenReceipt] = None
    aborted: Optional[WrittenReceipt] = None
    sync: Optional[SyncReport] = None
    error: Optional[SyncError] = None
