# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recall: before a run, load the recorded digests of both sides, while this host waits for the peer's listing."""

from __future__ import annotations

from typing import Iterable, Iterator, Optional, Tuple

from ..integrity.manifest import RecordedFile, recorded_digests
from ..model.tree import Digests, Stamps, Tree
from .record import LOCAL, PEER, Record
from .scan import Scanned, SideScan

__all__ = ["Recall"]


class Recall:
    """The content of `record`. stamped: whether the stamps of the files on this host count. peer: whether the peer's
    part is wanted."""

    def __init__(self, record: Record, *, stamped: bool, peer: bool = True) -> None:
        self._record = record
        self._stamped = stamped
        self._local: Optional[Digests] = None
        self._peer: Optional[Iterable[RecordedFile]] = None if peer else ()

    def steps(self, local: SideScan) -> Iterator[None]:
        """Return the steps to take after the scan of this host's side."""
        self._local = self._of_local(local.result)
        yield
        if self._peer is None:
            self._peer = self._record.load(PEER)
            yield

    def _of_local(self, local: Scanned) -> Digests:
        stamps: Optional[Stamps] = local.stamps if self._stamped else None
        return self._record.digests(LOCAL, local.tree, stamps)

    def digests(self, local: Scanned, peer: Tree) -> Tuple[Digests, Digests]:
        """Return the digests of the files that are as they were when they were recorded; once."""
        if self._local is None:
            self._local = self._of_local(local)
        if self._peer is None:
            self._peer = self._record.load(PEER)
        return self._local, recorded_digests(self._peer, peer)
