# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check a tree at a server against its signed set. Nothing is changed at the server.

1. List the tree; fetch and verify the newest manifest as a pull with `verify` does (`verified_manifest`).
2. Compare the listing with the set (planning/tree_findings).
3. Read a sample of the files, or all of them: by the server's own hash, or over the session. Files that
   are newer than the manifest are always read.
"""

from __future__ import annotations

import time
from collections import Counter
from contextlib import ExitStack
from functools import partial
from itertools import count
from random import SystemRandom
from typing import Callable, List, Optional

from ..errors import KindConflict, SourceChanged, SyncError, failure_of
from ..model.findings import CRITICAL, HIGH, INFO, MEDIUM, POLICY_NOT_MET, SEVERITIES, at_least
from ..model.human import counted
from ..model.relpath import RelPath
from ..model.report import WrittenReceipt
from ..model.request import AUTO, SyncRequest
from ..model.tree import DIRECTORY, Entry, Tree
from ..model.tree_check import SAMPLE, WHOLE, Coverage, TreeCheck, TreeCheckReport, TreeFinding
from ..model.utc import utc
from ..planning.compare import restate_links, states_resolved_links
from ..planning.filters import Filters
from ..planning.rotating_sample import sample_paths
from ..planning.tree_findings import entry_findings, unexpected_findings
from ..signing.receipt_directory import VERIFY
from ..signing.set_state import CoverageFile, Rotation
from ..transport.base import PeerTransport
from ..transport.connect import open_peer
from .backoff import Backoff
from .contents import PeerHash
from .progress import Progress
from .receipts import Fields, ReceiptForm, run_fields, verdict, with_receipt
from .retry import Recovery, Retrying
from .scan import Scanned, SideScan, scan_both
from .selection import SideSelection
from .sessions import RootWords, source_kind
from .verified_manifest import ManifestReader, VerifiedManifest

_SECOND = 1_000_000_000
TREE_VERIFY = "secure.ftp_synchronize.tree_verify"
_NOTHING = Entry("", 0, 0, 0)
SOON = 4
"""A manifest expires soon in the last quarter of its validity."""


def check_tree(
    check: TreeCheck,
    *,
    opener: Callable[[SyncRequest], PeerTransport] = open_peer,
    sleep: Callable[[float], None] = time.sleep,
) -> TreeCheckReport:
    """Carry out one check. A SyncError that ends it becomes part of the report, as does a KeyboardInterrupt. With
    `receipts`, write its receipt."""
    run, receipts = partial(_check_tree, check, opener, sleep), check.request.receipts
    if receipts is None:
        return run()
    return with_receipt(receipts, CheckReceipt(check), run, check_mode=check.request.check_mode)


def _check_tree(
    check: TreeCheck, opener: Callable[[SyncRequest], PeerTransport], sleep: Callable[[float], None]
) -> TreeCheckReport:
    backoff = Backoff(check.request.retries, sleep=sleep)
    with ExitStack() as stack:
        checking = _Checking(check, stack)

        def run() -> None:
            peer = Retrying(backoff.attempt(lambda: opener(check.request)), backoff)
            stack.callback(peer.close)
            checking.run(peer)

        return checking.report(failure_of(run))


class _Checking:
    """One check under way."""

    def __init__(self, check: TreeCheck, stack: ExitStack) -> None:
        self._check = check
        self._request = check.request
        self._stack = stack
        self._selection = SideSelection.of(check.request)
        self._allowed = Filters((), check.allow)
        self._findings: List[TreeFinding] = []
        self._coverage = Coverage()
        self._verified: Optional[VerifiedManifest] = None
        self._notes: List[str] = []
        self._peer: Optional[Retrying] = None

    def report(self, error: Optional[SyncError]) -> TreeCheckReport:
        by_severity = sorted(self._findings, key=lambda each: SEVERITIES.index(each.severity))
        peer, verified = self._peer, self._verified
        return TreeCheckReport(
            findings=tuple(by_severity),
            coverage=self._coverage,
            signed_set=None if verified is None else verified.accepted,
            peer=None if peer is None else peer.identity,
            notes=(*self._notes, *(() if peer is None else peer.notes)),
            error=error,
        )

    def run(self, peer: Retrying) -> None:
        """List, verify, compare, read."""
        if source_kind(peer, RootWords.source(self._request)) != DIRECTORY:
            raise KindConflict("src: is not a directory", cure="Set src to the directory that was signed.")
        self._peer = peer
        numbers = count(1)
        peer.begin_changes(Recovery(lambda path: RelPath(b"%s.%d" % (path, next(numbers))), lambda again: None))
        scan = SideScan(peer, self._selection, is_stage=lambda path: False, read_links=True)
        scan_both(scan, None, Progress())
        scanned, root = scan.result, peer.real_root()
        if scanned.locks:
            self._notes.append("a sender is at work, or was ended without unlocking: findings may be of its changes")
        verified = self._verify(peer, scanned, root)
        if verified is not None:
            self._compare(peer, verified, scanned, root)
            self._read(peer, verified, scanned.tree, root)

    def _verify(self, peer: Retrying, scanned: Scanned, root: bytes) -> Optional[VerifiedManifest]:
        """Return the signed set. A set that no reader may take is a finding, and the end of the check."""
        if self._request.verify is None:
            raise AssertionError("the request has no verify")
        reader = ManifestReader(self._request, self._request.verify, peer, self._stack)
        try:
            self._verified = reader.newest(scanned.apart, root)
        except SyncError as error:
            if error.retryable:
                raise
            wanted = f"a current manifest of {self._request.verify.principal}"
            self._add(error.code, CRITICAL, error.path, error.message, wanted, "signature and manifest")
        self._notes += reader.notes
        if reader.first_seen:
            before = "a set that was accepted here before"
            self._add("first_seen", INFO, None, "no set of this tree was accepted here before", before, "state_dir")
        return self._verified

    def _compare(self, peer: Retrying, verified: VerifiedManifest, scanned: Scanned, root: bytes) -> None:
        manifest, able = verified.manifest, peer.capabilities
        if states_resolved_links(peer.identity):
            restate_links(scanned.tree, manifest.tree, root)
        self._findings += entry_findings(
            manifest.tree,
            scanned.tree,
            modes=manifest.attributes and able.stores_mode,
            mtimes=manifest.attributes and able.stores_mtime,
        )
        self._findings += unexpected_findings(manifest.tree, scanned.tree, self._allowed)
        for problem in scanned.problems:
            self._add("unreadable", HIGH, problem.path, problem.message, "a listing", "listing of the server")
        accepted = verified.accepted
        if (accepted.expires - time.time()) * SOON < accepted.expires - accepted.issued:
            self._add(
                "expires_soon", MEDIUM, None, f"valid until {utc(accepted.expires)}", "a new manifest", "manifest"
            )

    def _read(self, peer: Retrying, verified: VerifiedManifest, listed: Tree, root: bytes) -> None:
        """Compare the content of files with the signed digests."""
        signed, digests = verified.manifest.tree, verified.manifest.digests
        whole = [path for path in signed if path in digests and listed.get(path, _NOTHING)[:2] == signed[path][:2]]
        request, parts = self._request, self._check.sample.rotate
        words = (*request.place, RelPath(verified.accepted.path).parent, b"%d" % parts)
        state = CoverageFile(request.state_dir, *words, former=(*request.endpoint.former_account, root))
        rotation = Rotation.of(state.load(), verified.accepted.tree, parts)
        chosen = self._chosen(whole, listed, verified, rotation)
        size, unread = 0, len(digests) - len(whole)
        for result in PeerHash(peer, AUTO).digest({path: listed[path].size for path in sorted(chosen)}):
            path, found = result.digested.path, result.digested.digest
            error = result.digested.error
            if isinstance(error, SourceChanged):
                self._add("changed_content", CRITICAL, path, error.message, _hex(digests[path]), result.proof)
                continue
            if found is None:
                self._add("unreadable", HIGH, path, error.message if error else "unknown", "content", result.proof)
                continue
            size += listed[path].size
            if found != digests[path]:
                self._add("changed_content", CRITICAL, path, _hex(found), _hex(digests[path]), result.proof)
        self._keep(state, rotation, chosen, whole, unread=unread, size=size)

    def _chosen(
        self, whole: List[RelPath], listed: Tree, verified: VerifiedManifest, rotation: Rotation
    ) -> List[RelPath]:
        content, sample, accepted = self._check.content, self._check.sample, verified.accepted
        if content == WHOLE:
            return whole
        if content != SAMPLE:
            return []
        newer = {path for path in whole if listed[path].mtime // _SECOND > accepted.issued}
        some = sample_paths(sample._replace(run=rotation.run), accepted.tree, listed, whole, SystemRandom())
        return list(newer.union(some))

    def _keep(
        self,
        state: CoverageFile,
        rotation: Rotation,
        chosen: List[RelPath],
        whole: List[RelPath],
        *,
        unread: int,
        size: int,
    ) -> None:
        """Note the coverage, and keep it for the next check."""
        check, since, now = self._check, None, int(time.time())
        if check.content == WHOLE:
            since = now
        elif check.content == SAMPLE and check.sample.percent is None and check.sample.size is None:
            rotation = rotation.after(now)
            since = rotation.since
            self._save(state, rotation)
        self._coverage = Coverage(len(chosen), size, since)
        left = len(whole) - len(chosen)
        if left or unread:
            text = f"not read: {counted(left + unread, 'file')}, with a difference in the listing: {unread:,}"
            self._add("not_read", INFO, None, text, "every file", "coverage")

    def _save(self, state: CoverageFile, rotation: Rotation) -> None:
        if self._request.check_mode:
            return
        try:
            state.save(rotation)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            self._notes.append(f"state_dir: the progress of the sample cannot be kept: {reason}")

    def _add(self, name: str, severity: str, path: Optional[bytes], observed: str, wanted: str, evidence: str) -> None:
        self._findings.append(TreeFinding(name, severity, path, observed, wanted, evidence))


def _hex(digest: bytes) -> str:
    return f"sha256 {digest.hex()}"


class CheckReceipt(ReceiptForm[TreeCheckReport]):
    """Of a check by tree_verify. See ReceiptForm."""

    def __init__(self, check: TreeCheck) -> None:
        self._check = check

    def refused(self, error: SyncError) -> TreeCheckReport:
        return TreeCheckReport(error=error)

    def written(self, report: TreeCheckReport, receipt: WrittenReceipt) -> TreeCheckReport:
        return report._replace(receipt=receipt)

    def unwritten(self, report: TreeCheckReport, error: SyncError) -> TreeCheckReport:
        """The first error stays the cause."""
        if report.error is None:
            return report._replace(error=error)
        return report._replace(notes=(*report.notes, f"no receipt was written: {error.message}"))

    def fields(self, report: TreeCheckReport) -> Fields:
        counts = Counter(each.severity for each in report.findings)
        return {
            "type": VERIFY,
            "module": TREE_VERIFY,
            "changed": False,
            "content": self._check.content,
            "findings": {severity: counts[severity] for severity in SEVERITIES},
            "coverage": _coverage(report.coverage),
            **run_fields(self._check.request, peer=report.peer, signed_set=report.signed_set),
            **verdict(self._code(report)),
        }

    def _code(self, report: TreeCheckReport) -> Optional[str]:
        if report.error is not None:
            return report.error.code
        return POLICY_NOT_MET if at_least(report.findings, self._check.fail_on) else None


def _coverage(coverage: Coverage) -> Fields:
    since = None if coverage.since is None else utc(coverage.since)
    return {"files": coverage.files, "bytes": coverage.size, "since": since}
