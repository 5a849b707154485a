# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recall: compare the files of both sides with the record while they are listed.

A file whose size, mtime and stamp are as recorded needs no more memory than its path in a set. Its stamp is dropped,
and its digest stays in the record until it is needed.
"""

from __future__ import annotations

from typing import AbstractSet, Callable, Dict, Iterable, Iterator, Mapping, Optional, Set, Tuple

from ..integrity.tree_record import Row, TreeRecord
from ..model.relpath import RelPath
from ..model.tree import FILE, Digests, Entry, RecordedSide, Stamps, paired_digests
from .record import LOCAL, PEER, Record
from .scan import Scanned, SideScan

_NOTHING: AbstractSet[bytes] = frozenset()
_NO_ROW: Row = (-1, 0, b"")


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
