# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The receipt of a run, of a sync (`sync_receipt`) or of a check (`check_receipt`).

The directory and the key are tried before the run has any contact. At its end, also after an error, the receipt is
written from the report. A receipt that cannot be written fails the run; its changes stay.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from contextlib import closing
from typing import Any, Callable, Dict, Generic, Optional, TypeVar

from ..errors import RunEnded, SyncError
from ..model.display import display, display_text
from ..model.endpoint import PeerIdentity
from ..model.report import SignedSet, WrittenReceipt
from ..model.request import Receipting, SyncRequest
from ..model.utc import utc
from ..signing.receipt_directory import ReceiptDirectory
from ..signing.signer import Signer

PASSED, FAILED = "passed", "failed"

Fields = Dict[str, Any]
R = TypeVar("R")


class Defect(SyncError):
    """Stands for an exception that is no SyncError."""

    code = "internal"


class ReceiptForm(ABC, Generic[R]):
    """How the report R of one kind of run becomes a receipt."""

    @abstractmethod
    def refused(self, error: SyncError) -> R:
        """Return the report of a run that ended before it began."""

    @abstractmethod
    def fields(self, report: R) -> Fields:
        """Return the fields of the receipt for this run."""

    @abstractmethod
    def written(self, report: R, receipt: WrittenReceipt) -> R:
        """Return the report with its receipt."""

    @abstractmethod
    def unwritten(self, report: R, error: SyncError) -> R:
        """Return the report, failed, because its receipt could not be written."""


def with_receipt(receipts: Receipting, form: ReceiptForm[R], run: Callable[[], R], *, check_mode: bool) -> R:
    """Carry out `run` and write its receipt; return its report with the receipt.

    In check mode nothing is written, but a broken chain is found.
    """
    directory, started = ReceiptDirectory(receipts.path), time.time()
    if check_mode:
        refusal = _refusal_by(directory.head)
        return run() if refusal is None else form.refused(refusal)
    with closing(Signer(receipts.key, option="receipts")) as signer:
        refusal = _refusal_by(signer.open) or _refusal_by(lambda: directory.prepare(receipts.job))
        if refusal is not None:
            return form.refused(refusal)
        writer = _Writer(receipts, signer, directory, started)
        try:
            report = run()
        except Exception:
            writer.write(form.fields(form.refused(Defect("a defect of the collection"))))
            raise
        return _completed(form, report, writer)


def _refusal_by(step: Callable[[], object]) -> Optional[SyncError]:
    """Return the error with which the step fails."""
    try:
        step()
    except SyncError as error:
        return error
    except KeyboardInterrupt as interruption:
        return RunEnded.by(interruption)
    return None


def _completed(form: ReceiptForm[R], report: R, writer: _Writer) -> R:
    """Return the report with its receipt, or with the error of the receipt."""
    try:
        return form.written(report, writer.write(form.fields(report)))
    except SyncError as error:
        return form.unwritten(report, error)
    except KeyboardInterrupt as interruption:
        return form.unwritten(report, RunEnded.by(interruption))


class _Writer:
    """Writes the receipt of one run."""

    def __init__(self, receipts: Receipting, signer: Signer, directory: ReceiptDirectory, started: float) -> None:
        self._receipts = receipts
        self._signer = signer
        self._directory = directory
        self._started = started

    def write(self, run: Fields) -> WrittenReceipt:
        """Sign and write the receipt. Raises SyncError."""
        fields = {
            "job": self._receipts.job,
            "started": utc(self._started),
            "ended": utc(time.time()),
            "version": self._receipts.version,
            **run,
        }
        head = self._directory.write(fields, self._signer)
        return WrittenReceipt(self._directory.path_of(head.seq), head.seq, head.digest)


def run_fields(request: SyncRequest, *, peer: Optional[PeerIdentity], signed_set: Optional[SignedSet]) -> Fields:
    """Return the fields that every run against a server has."""
    names = ("tree", "sequence", "digest")
    return {
        "run_id": request.run_id,
        "endpoint": _endpoint(request),
        "peer": None if peer is None else _peer(peer),
        "remote_root": display(request.remote_root),
        "set": None if signed_set is None else {name: getattr(signed_set, name) for name in names},
    }


def verdict(code: Optional[str]) -> Fields:
    """Return the outcome. code: of the first cause of a failure."""
    return {"verdict": PASSED if code is None else FAILED, "error": code}


def _endpoint(request: SyncRequest) -> Fields:
    endpoint = request.endpoint
    return {
        "protocol": endpoint.protocol,
        "host": display_text(endpoint.host),
        "port": endpoint.port,
        "username": None if endpoint.username is None else display_text(endpoint.username),
    }


def _peer(peer: PeerIdentity) -> Fields:
    values = {name: value for name, value in peer._asdict().items() if value is not None}
    return {name: display_text(value) if isinstance(value, str) else value for name, value in values.items()}
