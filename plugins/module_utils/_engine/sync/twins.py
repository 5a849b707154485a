# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find files that the destination has under another name. Loaded by runs that store files only.

Files on this host are hashed if a file of their size may be a twin. Files of the peer are hashed only by the server:
to read one costs as much as to transfer it. Nothing is asked if no sizes are equal. If neither the likely files nor
a sample of the others have a twin, the others are not hashed.
"""

from __future__ import annotations

from typing import AbstractSet, Iterable, List, Optional, Sequence

from ..model.relpath import RelPath
from ..model.report import PROVEN_BY_SERVER_HASH
from ..model.tree import Digests, Tree
from ..planning.planner import Draft
from ..planning.relocations import Twins
from ..transport.base import Digested
from .contents import Contents, PeerHash
from .roots import Sides


def find_twins(draft: Draft, sides: Sides, contents: Contents, peer_hash: PeerHash) -> None:
    """Turn stores of the draft into moves and copies. The digests that are learned for this are added to
    `contents`."""
    twins = Twins(draft, copies=sides.destination.capabilities.copies)
    if not twins.extra and not twins.staying:
        return
    learning = _Learning(sides, contents, peer_hash)
    learning.learn(twins, draft, among=twins.likely())
    if twins.found(contents.source, contents.destination):
        learning.learn(twins, draft)
    twins.relocate(contents.source, contents.destination)


def _of(paths: List[RelPath], among: Optional[AbstractSet[RelPath]]) -> List[RelPath]:
    return paths if among is None else [path for path in paths if path in among]


class _Learning:
    """Hashes files. A failure does not matter: a file without a digest is transferred."""

    def __init__(self, sides: Sides, contents: Contents, peer_hash: PeerHash) -> None:
        self._sides = sides
        self._contents = contents
        self._peer_hash = peer_hash

    def learn(self, twins: Twins, draft: Draft, *, among: Optional[AbstractSet[RelPath]] = None) -> None:
        """Hash the files that may be twins, or such files of `among`."""
        source, known = self._contents.source, self._contents.destination
        if self._sides.push:
            self.by_server(_of(twins.unknown_extra(known), among), draft.destination, known)
            self.here(_of(twins.unknown_stores(source, known), among), draft.source, source)
        elif any(each.path in source for each in twins.stores) or self._peer_hash.server_hashes():
            # Else no digest of a file to store can be known, and nothing needs to be hashed here.
            self.here(_of(twins.unknown_extra(known), among), draft.destination, known)
            learned = self.by_server(_of(twins.unknown_stores(source, known), among), draft.source, source)
            self._contents.proofs.update(dict.fromkeys(learned, PROVEN_BY_SERVER_HASH))

    def here(self, paths: List[RelPath], tree: Tree, known: Digests) -> None:
        """Hash files of this host; add their digests to `known`."""
        if paths:
            self._take(paths, self._sides.local.digest(paths), tree, known)

    def by_server(self, paths: List[RelPath], tree: Tree, known: Digests) -> List[RelPath]:
        """Let the server hash files, if it can; return the files whose digests were added to `known`."""
        if not paths or not self._peer_hash.server_hashes():
            return []
        return self._take(paths, self._sides.peer.digest_by_server(paths), tree, known)

    def _take(self, paths: Sequence[RelPath], results: Iterable[Digested], tree: Tree, known: Digests) -> List[RelPath]:
        self._sides.progress.hashing(len(paths))
        learned = []
        for path, digest, hashed, error in results:
            self._sides.progress.files += 1
            # A server that hashes does not report how many bytes it read.
            if error is None and digest is not None and hashed in (0, tree[path].size):
                known[path] = digest
                learned.append(path)
        self._contents.compared.update(learned)
        return learned
