# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contents: the known content of the files on both sides, from the record, and by hashing the files that the record
does not cover; PeerHash: by the server's own hash, or by reading them over the session."""

from __future__ import annotations

from typing import Callable, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Set, Tuple, TypeVar

from ..errors import NotFound, NotSupported, SyncError
from ..model.plan import VANISHED, Skipped
from ..model.relpath import RelPath
from ..model.report import PROVEN_BY_READ_BACK, PROVEN_BY_SERVER_HASH
from ..model.request import AUTO, READ_BACK, SERVER_HASH
from ..model.tree import Digests, Tree
from ..planning.compare import undecided
from ..transport.base import Digested, PeerTransport
from .roots import Sides

Differing = Callable[[List[RelPath]], Set[RelPath]]
_BY_SERVER = (AUTO, SERVER_HASH)
First = TypeVar("First")
Second = TypeVar("Second")


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
        far = destination if sides.push else source
        peer_sizes = {path: far[path].size for path in paths if path not in peer_known}
        sides.progress.hashing(len(local_paths) + len(peer_sizes))
        for at_source, digested in self._hash(sides, local_paths, peer_sizes, peer_hash):
            sides.progress.files += 1
            self._take(digested, at_source, source, destination)

    def _hash(
        self, sides: Sides, local_paths: List[RelPath], peer_sizes: Dict[RelPath, int], peer_hash: PeerHash
    ) -> Iterator[Tuple[bool, Digested]]:
        local = sides.local.digest(local_paths) if local_paths else ()
        for result in interleaved(local, peer_hash.digest(peer_sizes)):
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


class PeerDigest(NamedTuple):
    """One file's digest and the kind of proof that it is."""

    digested: Digested
    proof: str


class PeerHash:
    """policy: one of PROOF_POLICIES. Only server_hash and auto let the server hash; with auto, a file that the server
    does not hash is read. read: bytes that came over the session for hashing."""

    def __init__(self, peer: PeerTransport, policy: str) -> None:
        self._peer = peer
        self._policy = policy
        self._by_server: Optional[bool] = None
        self.read = 0

    def require(self) -> None:
        """Raise NotSupported where the policy demands a hash that the server does not give."""
        if self._policy == SERVER_HASH and self._peer.server_hash() is None:
            raise NotSupported(
                "proof: is server_hash, and the server cannot hash files",
                cure="Set proof to auto or read_back, or enable check-file or sha256sum on the server.",
            )

    def foresee(self) -> None:
        """Files will be hashed before long."""
        if self._policy in _BY_SERVER:
            self._peer.foresee_server_hash()

    def digest(self, sizes: Mapping[RelPath, int]) -> Iterator[PeerDigest]:
        """Yield the digests, or errors, in any order. sizes: of the files, see Transport.digest"""
        if not sizes:
            return
        if not self.server_hashes():
            yield from self._read(sizes)
            return
        refused: Dict[RelPath, int] = {}
        for digested in self._peer.digest_by_server(sizes):
            if digested.error is not None and self._policy == AUTO:
                refused[digested.path] = sizes[digested.path]
            else:
                yield PeerDigest(digested, PROVEN_BY_SERVER_HASH)
        yield from self._read(refused)

    def _read(self, sizes: Mapping[RelPath, int]) -> Iterator[PeerDigest]:
        for digested in self._peer.digest(sizes):
            self.read += digested.size
            yield PeerDigest(digested, PROVEN_BY_READ_BACK)

    def reads_back(self) -> bool:
        """Return whether files are read over the session, as far as that is known. Asks nothing."""
        return self._policy == READ_BACK or (self._policy == AUTO and self._by_server is False)

    def server_hashes(self) -> bool:
        """Return whether the server hashes its files. Asks the server once."""
        if self._by_server is None:
            self._by_server = self._policy in _BY_SERVER and self._peer.server_hash() is not None
        return self._by_server


def interleaved(first: Iterable[First], second: Iterable[Second]) -> Iterator[First | Second]:
    """Yield the items of both in turn; then the rest of the longer iterable."""
    turns: List[Iterator[First | Second]] = [iter(first), iter(second)]
    while turns:
        for items in tuple(turns):
            try:
                yield next(items)
            except StopIteration:
                turns.remove(items)
