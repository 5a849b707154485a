# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contents: the known content of the files on both sides, from the record, and by hashing the files that the record
does not cover."""

from __future__ import annotations

from typing import Callable, Dict, Iterator, List, Set, Tuple

from ..errors import NotFound, SyncError
from ..model.plan import VANISHED, Skipped
from ..model.relpath import RelPath
from ..model.tree import Digests, Tree
from ..planning.compare import undecided
from ..transport.base import Digested
from .peer_hash import PeerDigest, PeerHash
from .sides import Sides

Differing = Callable[[List[RelPath]], Set[RelPath]]


def _none(_paths: List[RelPath]) -> Set[RelPath]:
    """Hash every file as a whole."""
    return set()


class Contents:
    """The known digests of both sides.

    source, destination: the digests
    proofs: kind of proof for each file that the peer hashed in this run
    by_delta: files whose recorded digest at the peer rests on copies that were not read
    differing: files that were seen to differ, so that they were not hashed as a whole
    unreadable: sources whose content could not be read, and which are left alone
    vanished: sources that were removed meanwhile
    """

    def __init__(self, source: Digests, destination: Digests) -> None:
        self.source = source
        self.destination = destination
        self.proofs: Dict[RelPath, str] = {}
        self.by_delta: Set[RelPath] = set()
        self.differing: Set[RelPath] = set()
        self.compared: Set[RelPath] = set()
        self.problems: List[SyncError] = []
        self.unreadable: Set[RelPath] = set()
        self.vanished: List[Skipped] = []

    def settle(
        self, sides: Sides, source: Tree, destination: Tree, peer_hash: PeerHash, differing: Differing = _none
    ) -> None:
        """Hash every file whose content is known at one end at most and could be equal, at the end where it is
        not. differing: given files here, returns those that are seen to differ."""
        paths = undecided(source, destination, self.source, self.destination)
        if not paths:
            return
        self.compared.update(paths)
        local_known, peer_known = (self.source, self.destination) if sides.push else (self.destination, self.source)
        self.differing = differing([path for path in paths if path not in local_known])
        local_paths = [path for path in paths if path not in local_known and path not in self.differing]
        peer_paths = [path for path in paths if path not in peer_known]
        sides.progress.hashing(len(local_paths) + len(peer_paths))
        for at_source, digested in self._hash(sides, local_paths, peer_paths, peer_hash):
            sides.progress.files += 1
            self._take(digested, at_source, source, destination)

    def _hash(
        self, sides: Sides, local_paths: List[RelPath], peer_paths: List[RelPath], peer_hash: PeerHash
    ) -> Iterator[Tuple[bool, Digested]]:
        from .interleave import interleaved  # pylint: disable=import-outside-toplevel

        local = sides.local.digest(local_paths) if local_paths else ()
        for result in interleaved(local, peer_hash.digest(peer_paths)):
            if isinstance(result, PeerDigest):
                self.proofs[result.digested.path] = result.proof
                yield not sides.push, result.digested
            else:
                yield sides.push, result

    def _take(self, digested: Digested, at_source: bool, source: Tree, destination: Tree) -> None:
        path, tree, known = (
            digested.path,
            source if at_source else destination,
            self.source if at_source else self.destination,
        )
        # A server that hashes does not report how many bytes it read.
        size, digest = tree[path].size, digested.digest
        if digested.error is None and digest is not None and (digested.size or size) == size:
            known[path] = digest
        elif at_source and isinstance(digested.error, NotFound):
            self.vanished.append(Skipped(path, VANISHED))
            self.unreadable.add(path)
        elif at_source and digested.error is not None:
            self.problems.append(digested.error)
            self.unreadable.add(path)
        # A destination that cannot be read, or a file that changed since it was listed, is stored again.
