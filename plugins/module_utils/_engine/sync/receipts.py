# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The receipt of a sync or of a check: the fields of its report, without names of files.

The directory and the key are tried before the run has any contact. At its end, also after an error, the receipt is
written from the report. A receipt that cannot be written fails the run; its changes stay.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import Counter
from contextlib import closing
from typing import Any, Callable, Dict, Generic, Optional, TypeVar

from ..errors import RunEnded, SyncError, failure_of
from ..integrity.digest import sha256
from ..integrity.manifest import write_manifest
from ..model.display import display, display_text
from ..model.endpoint import PeerIdentity
from ..model.plan import ACTIONS, ARCHIVE_SOURCE, DELETE_SOURCE, MORE_ACTIONS, PUBLISH, RELOCATIONS, Plan
from ..model.report import SignedSet, SyncReport, TreesAfter, WrittenReceipt
from ..model.request import Receipting, SyncRequest
from ..model.tree import Digests, Entry, Tree
from ..model.utc import utc
from ..signing.receipt_directory import SYNC, ReceiptDirectory
from ..signing.signer import Signer
from .outcomes import Outcomes
from .prepare import Prepared
from .remember import tree_after

PASSED, FAILED = "passed", "failed"

Fields = Dict[str, Any]
R = TypeVar("R")
SECURE_SYNC = "secure.ftp_synchronize.secure_sync"
_DEPARTURES = (ARCHIVE_SOURCE, DELETE_SOURCE)


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
        refusal = failure_of(directory.head)
        return run() if refusal is None else form.refused(refusal)
    with closing(Signer(receipts.key, option="receipts")) as signer:
        refusal = failure_of(signer.open) or failure_of(lambda: directory.prepare(receipts.job))
        if refusal is not None:
            return form.refused(refusal)
        writer = _Writer(receipts, signer, directory, started)
        try:
            report = run()
        except Exception:
            writer.write(form.fields(form.refused(Defect("a defect of the collection"))))
            raise
        return _completed(form, report, writer)


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


class SyncReceipt(ReceiptForm[SyncReport]):
    """Of a run of secure_sync. See ReceiptForm."""

    def __init__(self, request: SyncRequest) -> None:
        self._request = request

    def refused(self, error: SyncError) -> SyncReport:
        return SyncReport(plan=Plan(), error=error)

    def written(self, report: SyncReport, receipt: WrittenReceipt) -> SyncReport:
        return report._replace(receipt=receipt)

    def unwritten(self, report: SyncReport, error: SyncError) -> SyncReport:
        return report._replace(problems=(*report.problems, error))

    def fields(self, report: SyncReport) -> Fields:
        done = Counter(each.action.action for each in report.outcomes if each.error is None)
        failures = sum(each.error is not None for each in report.outcomes) + len(report.problems)
        totals = {name: done[name] for name in (*ACTIONS, PUBLISH)}
        totals.update({name: done[name] for name in (*RELOCATIONS, *MORE_ACTIONS) if done[name]})
        return {
            "type": SYNC,
            "module": SECURE_SYNC,
            "direction": self._request.direction,
            "local_root": display(self._request.local_root),
            "changed": bool(done) or report.uncertain,
            "totals": {**totals, "failed_items": failures, "skipped_items": len(report.plan.skipped)},
            "proofs": dict(report.proofs),
            "stats": dict(report.stats),
            "after": None if report.after is None else report.after._asdict(),
            **({} if report.content_check is None else {"content_check": dict(report.content_check)}),
            **run_fields(self._request, peer=report.peer, signed_set=report.signed_set),
            **verdict(None if report.cause is None else report.cause.code),
        }


def trees_after(prepared: Prepared, outcomes: Outcomes, *, push: bool) -> TreesAfter:
    """Return one digest for each tree after the outcomes so far: equal digests stand for equal trees.

    It is the SHA-256 of the tree in the form of a manifest, with kind, size, content and target of each entry. Modes
    and times are left out, because servers choose them. A file without a known digest counts by its size."""
    source, destination = dict(prepared.contents.source), dict(prepared.contents.destination)
    for path, proven in outcomes.stored.items():
        for digests, digest in ((source, proven.source), (destination, proven.destination)):
            if digest is None:
                digests.pop(path, None)
            else:
                digests[path] = digest
    after = tree_after(prepared.destination.tree, outcomes)
    left = {path for (path, kind), one in outcomes.by_item.items() if kind in _DEPARTURES and one.error is None}
    here, there = (
        (_plain({path: entry for path, entry in prepared.source.tree.items() if path not in left}), source),
        (_plain(after), destination),
    )
    of_source = _digest(*here)
    of_destination = of_source if here == there else _digest(*there)
    return TreesAfter(of_source, of_destination) if push else TreesAfter(of_destination, of_source)


def _plain(tree: Tree) -> Tree:
    return {path: Entry(entry.kind, entry.size, 0, 0, entry.target) for path, entry in tree.items()}


def _digest(tree: Tree, digests: Digests) -> str:
    return sha256(write_manifest(tree, digests)).hexdigest()
