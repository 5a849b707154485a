# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contents: the known content of the files on both sides, from the record, and by hashing the files that the record
does not cover; PeerHash: by the server's own hash, or by reading them over the session; PlainForm: what the server has
of the content of a source.

Recall: compare the files of both sides with the record while they are listed. A file whose size, mtime and stamp are as
recorded needs no more memory than its path in a set. Its stamp is dropped, and its digest stays in the record until it
is needed.
"""

from __future__ import annotations

from typing import (
    TYPE_CHECKING,
    AbstractSet,
    Callable,
    Dict,
    Iterable,
    Iterator,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Set,
    Tuple,
    TypeVar,
)

from ..errors import NotFound, NotSupported, SyncError
from ..integrity.tree_record import Row, TreeRecord
from ..model.plan import VANISHED, Skipped
from ..model.relpath import RelPath
from ..model.report import PROVEN_BY_READ_BACK, PROVEN_BY_SERVER_HASH
from ..model.request import AUTO, READ_BACK, SERVER_HASH
from ..model.tree import FILE, Digests, Entry, RecordedSide, Stamps, Tree, paired_digests
from ..planning.compare import undecided
from ..transport.base import Digested, PeerTransport
from .record import LOCAL, PEER, Record
from .roots import Sides
from .scan import Scanned, SideScan

if TYPE_CHECKING:
    from ..integrity.header import IndexFile
    from .set_files import SetContent

_NOTHING: AbstractSet[bytes] = frozenset()
_NO_ROW: Row = (-1, 0, b"")

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
        self.policy = policy
        self._by_server: Optional[bool] = None
        self.read = 0

    def require(self) -> None:
        """Raise NotSupported where the policy demands a hash that the server does not give."""
        if self.policy == SERVER_HASH and self._peer.server_hash() is None:
            raise NotSupported(
                "proof: is server_hash, and the server cannot hash files",
                cure="Set proof to auto or read_back, or enable check-file or sha256sum on the server.",
            )

    def foresee(self) -> None:
        """Files will be hashed before long."""
        if self.policy in _BY_SERVER:
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
            if digested.error is not None and self.policy == AUTO:
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
        return self.policy == READ_BACK or (self.policy == AUTO and self._by_server is False)

    def server_hashes(self) -> bool:
        """Return whether the server hashes its files. Asks the server once."""
        if self._by_server is None:
            self._by_server = self.policy in _BY_SERVER and self._peer.server_hash() is not None
        return self._by_server


class PlainForm:
    """The server has the files of the source as they are. See `SealedForm` for the other form."""

    def __init__(self, sides: Sides, peer_hash: PeerHash) -> None:
        self.sides = sides
        self.peer_hash = peer_hash

    def tree(self, source: Tree) -> Tree:
        """Return the source with the sizes of contents."""
        return source

    def digests(self, sizes: Mapping[RelPath, int], known: Digests) -> Digests:
        """Return the digests of these contents. known: digests of the source; new digests are added."""
        found = self._known(known)
        unknown = {path: size for path, size in sizes.items() if path not in found}
        for digested in self._hashed(unknown) if unknown else ():
            if digested.digest is not None:
                found[digested.path] = digested.digest
        return found

    def _known(self, known: Digests) -> Digests:
        return known

    def _hashed(self, sizes: Mapping[RelPath, int]) -> Iterator[Digested]:
        if self.sides.push:
            return self.sides.local.digest(sizes)
        return (each.digested for each in self.peer_hash.digest(sizes))

    def content(self, path: RelPath, size: int, digest: bytes) -> Optional[Tuple[int, bytes]]:
        """Return size and digest of the content of a file that arrived with these; None if it is not known."""
        return size, digest

    def is_listed(self, size: int, listed: Entry) -> bool:
        """Return whether a file of this size can be the listed file."""
        return size == listed.size

    def indexed(self, content: SetContent, source: Tree) -> SetContent:
        """Return the signed set with the index of its contents. source: the entries here."""
        return content

    def index_file(self, content: SetContent) -> Tuple[bytes, Optional[IndexFile]]:
        """Return the file of that index, and its place in the manifest."""
        return b"", None


def interleaved(first: Iterable[First], second: Iterable[Second]) -> Iterator[First | Second]:
    """Yield the items of both in turn; then the rest of the longer iterable."""
    turns: List[Iterator[First | Second]] = [iter(first), iter(second)]
    while turns:
        for items in tuple(turns):
            try:
                yield next(items)
            except StopIteration:
                turns.remove(items)


class Recall:
    """The content of `record`. stamped: whether the stamps of the files on this host count. peer: whether the peer's
    part is wanted."""

    def __init__(self, record: Record, *, stamped: bool, peer: bool = True) -> None:
        self._local = _Side(record, LOCAL, stamped=stamped)
        self._peer = _Side(record, PEER, stamped=False) if peer else None

    def attach(self, local: SideScan, peer: SideScan) -> None:
        """Compare both sides while they are listed, and the entries that are listed already now."""
        local.recall_by(self._local)
        if self._peer is not None:
            peer.recall_by(self._peer)

    def digests(self, local: Scanned, peer: Scanned) -> Tuple[Digests, Digests]:
        """Return the digests of the files that are as they were when they were recorded."""
        here = self._local.found(local)
        there = RecordedSide(_NOTHING, _unknown) if self._peer is None else self._peer.found(peer)
        differing = _NOTHING if self._peer is None else _differing(self._local.record, self._peer.record)
        local.stamps = _RecalledStamps(local.stamps, here.paths, self._local.stamp)
        return paired_digests(here, there, differing)


class _Side:
    """The record of one side, which is opened for the first page of its listing."""

    def __init__(self, record: Record, side: str, *, stamped: bool) -> None:
        self._open = record.open_tree
        self._side = side
        self._stamped = stamped
        self._opened = False
        self._record: Optional[TreeRecord] = None
        self._directory = b""
        self._rows: Dict[bytes, Row] = {}

    @property
    def record(self) -> Optional[TreeRecord]:
        if not self._opened:
            self._opened = True
            self._record = self._open(self._side)
        return self._record

    def rows(self, directory: bytes) -> Dict[bytes, Row]:
        """Return the recorded files of a directory; the last directory is kept."""
        record = self.record
        if record is None:
            return {}
        if self._directory != directory or not self._rows:
            block = record.block(directory)
            self._directory, self._rows = directory, {} if block is None else block.rows()
        return self._rows

    def compare(self, directory: bytes, entries: Iterable[Tuple[RelPath, Entry]], stamps: Stamps) -> Set[bytes]:
        """Return the files that are as they were recorded."""
        rows = self.rows(directory)
        if not rows:
            return set()
        find = rows.get
        if not self._stamped:
            return {path for path, entry in entries if entry[1:3] == find(path, _NO_ROW)[:2] and entry[0] == FILE}
        stamp_of = stamps.get
        return {
            path for path, entry in entries if (entry[1], entry[2], stamp_of(path)) == find(path) and entry[0] == FILE
        }

    def found(self, scanned: Scanned) -> RecordedSide:
        """Return the part of the record that holds, after the listing."""
        record = self.record
        if record is None:
            return RecordedSide(_NOTHING, _unknown)
        paths = scanned.known if scanned.known else _NOTHING
        return RecordedSide(paths, record.digest)

    def stamp(self, path: bytes) -> bytes:
        """Return the recorded stamp of a file whose record holds."""
        return self.rows(path.rpartition(b"/")[0])[path][2]


class _RecalledStamps(Mapping[bytes, bytes]):
    """The stamps of all files on this host. own: of the files whose record does not hold."""

    def __init__(self, own: Stamps, recorded: AbstractSet[bytes], stamp: Callable[[bytes], bytes]) -> None:
        self._own = own
        self._recorded = recorded
        self._stamp = stamp

    def __contains__(self, path: object) -> bool:
        return path in self._own or path in self._recorded

    def __getitem__(self, path: bytes) -> bytes:
        return self._stamp(path) if path in self._recorded else self._own[path]

    def __iter__(self) -> Iterator[bytes]:
        yield from self._recorded
        yield from (path for path in self._own if path not in self._recorded)

    def __len__(self) -> int:
        return sum(1 for _path in self)


def _differing(local: Optional[TreeRecord], peer: Optional[TreeRecord]) -> Set[bytes]:
    """Return the files that are recorded with different digests."""
    differing: Set[bytes] = set()
    if local is None or peer is None:
        return differing
    for directory in local.directories:
        here, there = local.block(directory), peer.block(directory)
        if here is None or there is None or (here.names == there.names and here.digests == there.digests):
            continue
        others = there.digests_by_path()
        differing.update(path for path, digest in here.digests_by_path().items() if others.get(path, digest) != digest)
    return differing


def _unknown(_path: bytes) -> Optional[bytes]:
    return None
