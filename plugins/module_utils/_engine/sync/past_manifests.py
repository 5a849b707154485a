# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manifests that were published before, as the server shows them and as this host knows them.

The server may lie. This host's own state decides which manifest must be there:

- none, or one with a lower number: refused (`manifest_rollback`)
- the same number with other bytes: refused (`manifest_fork`)
- a higher number: accepted if this task's key signed it for the same tree (a run ended between publication and state,
  or published from another host), else refused

Without a state nothing is published over manifests (`manifest_unknown`), unless `sign.adopt` has the id of the tree and
the number of the newest, and this task's key signed it. A state with the number 0 belongs to a first publication that
was killed. A manifest that was accepted once is recognized by size and mtime, and read again if these differ or
`compare` is checksum.
"""

from __future__ import annotations

import time
from typing import Dict, List, NamedTuple, Optional

from ..errors import (
    ManifestForeign,
    ManifestFork,
    ManifestMisnamed,
    ManifestRollback,
    ManifestTooLarge,
    ManifestUnknown,
)
from ..integrity.digest import UnusableManifest, sha256
from ..integrity.header import ManifestHeader
from ..integrity.published_manifest import (
    MANIFEST_LIMIT,
    MOST_FILES,
    SIGNATURE_LIMIT,
    SUMS,
    Published,
    PublishedManifest,
    complete_pairs,
    manifest_name,
    parse_published,
    read_published,
    signature_name,
)
from ..model.relpath import RelPath
from ..model.request import Signing
from ..model.tree import FILE, Entry, Tree
from ..signing.purpose import MANIFESTS
from ..signing.set_state import SetState
from ..signing.signer import Signer
from ..transport.base import Transport
from .set_files import SetContent


class Past(NamedTuple):
    """The earlier publications.

    newest: the manifest that the next follows; None if nothing was published
    number: of the next manifest
    pairs: numbers with both files, highest first
    orphans: files of killed publications, or of removals that did not end
    """

    newest: Optional[SetState]
    number: int
    pairs: List[int]
    orphans: List[RelPath]


class PastManifests:
    """directory: of the manifests. listed: its entries. known: this host's state. always_read: whether bytes are
    compared in every run."""

    def __init__(
        self,
        peer: Transport,
        directory: RelPath,
        listed: Tree,
        known: Optional[SetState],
        signer: Signer,
        *,
        signing: Signing,
        always_read: bool,
    ) -> None:
        self._peer = peer
        self._directory = directory
        self._listed = listed
        self._known = known
        self._signer = signer
        self._signing = signing
        self._always_read = always_read

    def look(self) -> Past:
        """Return the past. Raises ManifestRollback, ManifestFork, ManifestForeign, ManifestMisnamed, ManifestTooLarge,
        SigningFailed and errors of the peer."""
        self._require_bounded()
        files: Dict[RelPath, Published] = {}
        for path, entry in self._listed.items():
            published = parse_published(path.name) if entry.kind == FILE else None
            if published is not None:
                files[path] = published
        pairs = complete_pairs(path.name for path in files)
        newest = self._newest(pairs[0] if pairs else 0)
        taken = {published.sequence for published in files.values()}
        number = 1 if newest is None else newest.sequence + 1
        while number in taken:
            number += 1
        orphans = sorted(path for path, published in files.items() if published.sequence not in pairs)
        return Past(newest, number, pairs, orphans)

    def _require_bounded(self) -> None:
        """Old manifests and orphans are removed by this run, a file each: a hostile server could show any number."""
        if len(self._listed) > MOST_FILES:
            raise ManifestTooLarge(
                f"the directory of manifests has {len(self._listed)} entries, the limit is {MOST_FILES}",
                path=self._directory,
                cure="Find out who stored them. Remove all files but the newest pair.",
            )

    def _newest(self, shown: int) -> Optional[SetState]:
        known = self._known
        if known is None:
            return self._adopted(shown) if shown else None
        if shown < known.sequence:
            raise ManifestRollback(
                f"the server shows manifest {shown} as the newest, and this host has published {known.sequence}",
                path=self._directory,
                cure="Find out who removed it and restore it. To begin a new tree, set another path in sign.",
            )
        if shown > known.sequence:
            return self._later(self._read_signed(shown), known)
        return self._recognized(known) if shown else None

    def _adopted(self, sequence: int) -> SetState:
        """Return the state of a manifest that the operator adopts."""
        shown = self._read_signed(sequence)
        if self._signing.adopt != (shown.tree, sequence):
            raise ManifestUnknown(
                f"this task's key signed manifest {sequence} of tree {shown.tree}, and state_dir has no state of it",
                path=self._manifest(sequence),
                cure="Restore state_dir. If it is lost, compare tree and number with the result of the sender's last "
                "run or of a reader: a server can hide newer sets. If they agree, set sign.adopt to them.",
            )
        return shown

    def _later(self, shown: SetState, known: SetState) -> SetState:
        if shown.tree != known.tree:
            raise ManifestForeign(
                f"manifest {shown.sequence} belongs to another tree than manifest "
                f"{known.sequence}, which this host has published",
                path=self._directory,
                cure="Look for another task that publishes here, and give each its own dest.",
            )
        return shown

    def _recognized(self, known: SetState) -> SetState:
        """Return the known manifest, if the server still has its bytes."""
        path = self._manifest(known.sequence)
        entry = self._listed[path]
        if not self._always_read and (entry.size, entry.mtime) == (known.size, known.mtime):
            return known
        for digested in self._peer.digest({path: entry.size}):
            if digested.error is not None:
                raise digested.error
            if digested.digest is None or digested.digest.hex() != known.digest:
                raise ManifestFork(
                    f"the server shows another manifest {known.sequence} than this host has published",
                    path=path,
                    cure="Find out who changed it: it may be an attack, or a second sender with the same dest.",
                )
        return known._replace(size=entry.size, mtime=entry.mtime)

    def _read_signed(self, sequence: int) -> SetState:
        """Return the state of a manifest that this host does not know. Its signature is checked before it is parsed."""
        path = self._manifest(sequence)
        entry = self._listed[path]
        if entry.size > MANIFEST_LIMIT:
            raise ManifestTooLarge(f"the manifest has {entry.size} bytes", path=path, cure="Remove it by hand.")
        text = self._peer.read_file(path, limit=MANIFEST_LIMIT)
        signature = self._peer.read_file(self._directory.child(signature_name(sequence)), limit=SIGNATURE_LIMIT)
        key = self._signer.open().fingerprint
        if not self._signer.is_made_by(key, text, signature, MANIFESTS):
            raise ManifestForeign(
                f"manifest {sequence} is not signed by the key of this task, and this host has no state of it",
                path=path,
                cure="Sign once with the key that signed it, or set another path in sign to begin a new tree.",
            )
        return self._state_of(self._read(text, path), text, entry, sequence)

    def _read(self, text: bytes, path: RelPath) -> PublishedManifest:
        try:
            return read_published(text, directory=self._directory)
        except UnusableManifest as error:
            raise ManifestForeign(
                f"the manifest is not of this version: {error}", path=path, cure="Set another path in sign."
            ) from error

    def _state_of(self, read: PublishedManifest, text: bytes, entry: Entry, sequence: int) -> SetState:
        header: ManifestHeader = read.header
        if header.sequence != sequence:
            raise ManifestMisnamed(
                f"the manifest's number is {header.sequence}, and its name has {sequence}",
                path=self._manifest(sequence),
                cure="Find out who renamed it.",
            )
        content = SetContent.of(read.tree, read.digests, self._signing, without=frozenset())
        same_form = read.attributes == content.attributes and (not content.sums or SUMS in read.digests)
        return SetState(
            tree=header.tree,
            sequence=sequence,
            digest=sha256(text).hexdigest(),
            issued=header.issued,
            first_seen=int(time.time()),
            expires=header.expires,
            content=content.digest() if same_form else "",
            key=self._signer.open().fingerprint,
            size=entry.size,
            mtime=entry.mtime,
        )

    def _manifest(self, sequence: int) -> RelPath:
        return self._directory.child(manifest_name(sequence))
