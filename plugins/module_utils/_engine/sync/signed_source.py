# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SignedSource: on a pull with `verify`, the source is the signed set, not the server's listing.

The listing is held against the set before anything changes. While a sender is at work (a lock, or a higher number than
before), the reader waits a little and lists again.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from itertools import count
from typing import TYPE_CHECKING, Callable, Dict, List, Optional

from ..errors import ContentUnsigned, DigestMismatch, SetIncomplete, SyncError
from ..integrity.published_manifest import PublishedManifest
from ..model.human import counted
from ..model.plan import Skipped
from ..model.relpath import RelPath
from ..model.report import PROVEN_BY_SIGNATURE, SetSize
from ..model.request import ERROR, NONE, VerifyRequest
from ..model.tree import FILE, LINK, Digests, Entry, Tree
from ..transport.base import Digested, Staged, Transfer
from .contents import PeerDigest, PeerHash
from .feature import Feature, RunParts
from .proof import Proven, Prover
from .retry import Recovery
from .roots import Sides
from .scan import Scanned
from .verified_manifest import IndexCopy, ManifestReader, newest_number

if TYPE_CHECKING:
    from .claim import Claim
    from .contents import Contents
    from .sessions import Sessions

UNSIGNED_ENTRY = "not in the signed set"
MOST_WAITS = 3
WAIT_SECONDS = 5.0


class SignedSource(Feature):
    """The signed set as the source of a run. The word of a signer is not a proof of the peer's files. A signed set has
    the targets of its links. stack: removes private files at the end.

    digests: of the files of the run
    listed: digests of all its files
    set_size: of the part that the filters select
    """

    equal_proof = PROVEN_BY_SIGNATURE
    keeps_root = False
    finds_by_name = reads_links = believes_peer = takes_blocks = False

    def __init__(self, parts: RunParts, demands: VerifyRequest, sessions: Sessions, stack: ExitStack) -> None:
        super().__init__()
        opened = parts.opened
        parts.peer_hash.policy = NONE
        self._demands = demands
        self._reader = ManifestReader(parts.request, demands, opened.sides.peer, stack)
        self.notes = self._reader.notes
        self._selection, self._peer_hash = parts.selection, parts.peer_hash
        self._opened, self._file = opened, opened.file
        self._sessions = sessions
        self.digests: Digests = {}
        self.listed: Digests = {}
        self._published: Tree = {}
        self._listing: Tree = {}

    def begin(self, claim: Optional[Claim]) -> None:
        """In check mode nothing is claimed, and the manifest is fetched all the same."""
        if claim is None:
            self._sessions.session.begin_changes(Recovery(self._opened.names.beside, lambda peer: None))

    def arrange(self, source: Scanned, destination: Scanned, list_again: Callable[[], Scanned]) -> Scanned:
        """Return the source: the entries of the signed set, with the times and modes of the listing where the set has
        none. Raises SetIncomplete, ContentUnsigned, and the errors of ManifestReader."""
        scanned = source
        for waits in count():
            self._require_manifests(scanned)
            verified = self._reader.newest(scanned.apart, self._opened.source_root)
            self.signed_set = verified.accepted
            self.listed, self._published = verified.manifest.digests, scanned.apart
            tree = self._selected(verified.manifest)
            problem = self._difference(tree, scanned)
            if problem is None:
                self.set_size = _size(tree)
                return self._source(verified.manifest, tree, scanned)
            scanned = self._later(scanned, list_again, problem, waits)
        raise AssertionError  # count() has no end

    def know(self, contents: Contents) -> None:
        contents.source = self.digests

    def prover(self, contents: Contents) -> Prover:
        return SignedProver(self._opened.sides, self._peer_hash, contents.source)

    def staged(self, transfer: Transfer) -> Transfer:
        """Expect the entry as the peer listed it: the plan has signed times."""
        return transfer._replace(entry=self._listing[transfer.path])

    def index(self, extension: bytes) -> Optional[IndexCopy]:
        """Return a copy of the sealed index of the set; None if it has none. Raises SetIncomplete, DigestMismatch."""
        return self._reader.index(self._published, extension)

    def _require_manifests(self, scanned: Scanned) -> None:
        """Raise the error with which the directory of manifests could not be listed."""
        directory = RelPath(self._demands.path)
        for problem in scanned.problems:
            if directory in (problem.path, os.path.dirname(problem.path or b"")):
                raise problem

    def _selected(self, manifest: PublishedManifest) -> Tree:
        """Return the part of the set that the run is about."""
        if not self._file:
            self.digests = manifest.digests
            return self._selection.select(dict(manifest.tree)).tree
        real, _slash, shown = (RelPath(part) for part in self._file.partition(b"/"))
        entry = manifest.tree.get(real)
        self.digests = {shown: manifest.digests[real]} if real in manifest.digests else {}
        return {} if entry is None else {shown: entry}

    def _difference(self, tree: Tree, scanned: Scanned) -> Optional[SyncError]:
        """Return the error with which a listing is refused; None if it shows every entry of the set."""
        lacking = [path for path, entry in tree.items() if not _is_there(entry, scanned.tree.get(path))]
        if lacking:
            many = len(lacking) != 1
            first = min(lacking)
            because = "".join(f": {problem.message}" for problem in scanned.problems[:1])
            return SetIncomplete(
                "%s of the signed set %s missing at the server, or %s another type or size%s"
                % (counted(len(lacking), "entry", "entries"), *(("are", "have") if many else ("is", "has")), because),
                path=first,
                cure="Ask the sender to push again; a server that is not honest may have changed them.",
            )
        if not self._refuses_unsigned:
            return None
        unsigned = min(scanned.tree.keys() - tree.keys(), default=None)
        if unsigned is None:
            return next(iter(scanned.problems), None)
        return ContentUnsigned(
            "verify.unsigned is error, and the signed set does not name this entry",
            path=unsigned,
            cure="Ask the sender; set verify.unsigned to skip to leave such entries alone.",
        )

    @property
    def _refuses_unsigned(self) -> bool:
        return self._demands.unsigned == ERROR or bool(self._file)

    def _later(self, scanned: Scanned, list_again: Callable[[], Scanned], problem: SyncError, waits: int) -> Scanned:
        """Return a later listing; raise the problem if nothing shows that a sender is at work."""
        if waits == MOST_WAITS:
            raise problem
        if scanned.locks:
            self._sessions.wait(WAIT_SECONDS)
        later = list_again()
        if not (scanned.locks or later.locks or self._number(later) > self._number(scanned)):
            raise problem
        return later

    def _number(self, scanned: Scanned) -> int:
        return newest_number(scanned.apart, self._demands.path) or 0

    def _source(self, manifest: PublishedManifest, tree: Tree, scanned: Scanned) -> Scanned:
        listed = self._listing = scanned.listed = scanned.tree
        scanned.unsigned = _outermost(listed, tree)
        scanned.unsigned += [Skipped(RelPath(each.path or b""), each.message) for each in scanned.problems]
        scanned.tree = _with_attributes(self._chosen(tree), listed, signed=manifest.attributes)
        # The set is complete: entries that could not be listed are not part of it.
        scanned.problems, scanned.vanished = [], set()
        return scanned

    def _chosen(self, tree: Tree) -> Tree:
        """Return the part of the set to pull, with the directories of its files."""
        if self._demands.choose is None or self.signed_set is None:
            return tree
        wanted = set(self._demands.choose(self.signed_set.tree, tree))
        for path in tuple(wanted):
            while path.parent:
                path = path.parent
                wanted.add(path)
        return {path: entry for path, entry in tree.items() if path in wanted}


def _is_there(entry: Entry, listed: Optional[Entry]) -> bool:
    return listed is not None and entry[0] == listed[0] and (entry[0] != FILE or entry[1] == listed[1])


def _size(tree: Tree) -> SetSize:
    sizes = [entry[1] for entry in tree.values() if entry[0] == FILE]
    return SetSize(len(sizes), sum(sizes))


def _with_attributes(tree: Tree, listed: Tree, *, signed: bool) -> Tree:
    """Return the tree with modes and times. signed: it has its own, except for links."""
    if not signed:
        return {path: entry if entry[0] == LINK else listed[path] for path, entry in tree.items()}
    return dict(tree)


def _outermost(listed: Tree, tree: Tree) -> List[Skipped]:
    """Return the unsigned entries that are not below another."""
    unsigned = listed.keys() - tree.keys()
    return [Skipped(path, UNSIGNED_ENTRY) for path in sorted(unsigned) if path.parent not in unsigned]


class SignedProver(Prover):
    """A stage of a pull is proven if its content has the digest that the sender signed. The peer is not asked again:
    its word would add nothing. signed: the digests of the set."""

    def __init__(self, sides: Sides, peer_hash: PeerHash, signed: Digests) -> None:
        super().__init__(sides, peer_hash, NONE)
        self._signed = signed

    def _judge(self, one: Staged, here: Staged | Digested, far: Dict[RelPath, PeerDigest]) -> Proven:
        path, error = one.transfer.path, here.error
        wanted = self._signed.get(path)
        if error is None and (wanted is None or here.digest != wanted):
            error = DigestMismatch(
                "the content that the server sent is not the signed content",
                path=path,
                cure="Run again; if it fails again, ask the sender: the server may have changed the file.",
            )
        return Proven(one, wanted, here.digest, PROVEN_BY_SIGNATURE, error)
