# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sides: the transports of source and destination. Later steps know roles, not directions."""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple, Sequence

from ..model.relpath import RelPath
from ..model.tree import Stamps
from ..transport.base import LocalSide, PeerTransport, Staged, Transfer, Transport
from .progress import Progress


class Sides(NamedTuple):
    """Both ends of one run. push: content goes from `local` to `peer`; else from `peer` to `local`. progress: counts
    the content that moves between them."""

    push: bool
    local: LocalSide
    peer: PeerTransport
    progress: Progress

    @property
    def source(self) -> Transport:
        return self.local if self.push else self.peer

    @property
    def destination(self) -> Transport:
        return self.peer if self.push else self.local

    def stamps_of_changed(self, paths: Iterable[RelPath]) -> Stamps:
        """Return the stamps that files at the destination have right after they were changed; none on a push."""
        return {} if self.push else self.local.stamps(paths)

    def move(self, transfers: Sequence[Transfer]) -> Iterator[Staged]:
        """Bring the content of each source file to its stage at the destination."""
        peer = self.peer
        staged = peer.upload(transfers, self.local) if self.push else peer.download(transfers, self.local)
        return self.progress.moving(staged, lambda: peer.carried)
