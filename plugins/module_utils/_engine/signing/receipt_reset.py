# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reset closes the faults of a chain of receipts, and the chain continues.

A person decides it: the reset names the last good receipt, as the check found it, and the reason. Nothing is removed or
repaired, and the reset is a signed receipt itself.
"""

from __future__ import annotations

import time
from contextlib import closing
from typing import NamedTuple, Optional

from ..errors import InvalidRequest
from ..model.request import Signing
from ..model.utc import utc
from .receipt_chain import Chain
from .receipt_directory import RESET, Head, ReceiptDirectory
from .signer import Signer

MODULE = "secure.ftp_synchronize.receipt_verify"
NO_GOOD = "none"
"""The value of `good` if no receipt is good."""
_FIRST_JOB = "sync"


class Reset(NamedTuple):
    """The decision of a person.

    good: digest of the last good receipt, or NO_GOOD
    lost: digest of a receipt that is known to be lost
    version: of this collection
    """

    reason: str
    good: str
    key: Signing
    version: str
    lost: Optional[str] = None


def close_chain(path: bytes, chain: Chain, reset: Reset) -> Head:
    """Append the reset to a broken chain, which was checked just now. Raises InvalidRequest, SigningFailed,
    OperationFailed."""
    _require_agreed(chain, reset.good)
    now = utc(time.time())
    fields = {
        "type": RESET,
        "job": chain.job or _FIRST_JOB,
        "started": now,
        "ended": now,
        "version": reset.version,
        "module": MODULE,
        "reason": reset.reason,
        "good": None if chain.good is None else chain.good._asdict(),
        "lost": reset.lost if any(each.id == "cut_tail" for each in chain.findings) else None,
    }
    with closing(Signer(reset.key, option="reset")) as signer:
        signer.open()
        return ReceiptDirectory(path, option="path").write(fields, signer, follows=False)


def _require_agreed(chain: Chain, good: str) -> None:
    found = NO_GOOD if chain.good is None else chain.good.digest
    if good != found:
        number = "there is none" if chain.good is None else "number %d, %s" % chain.good
        raise InvalidRequest(
            f"reset.good: is {good}, and the last good receipt is: {number}",
            cure="Compare the findings, then set reset.good to this digest, or to none if there is none.",
        )
