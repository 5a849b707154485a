# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ProvenFiles: the proof of each stored file. A file that was stored as it was planned needs no more memory than its
digest."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Dict, Iterator, Mapping, NamedTuple, Optional, Tuple

from ..model.relpath import RelPath
from ..model.tree import Entry

if TYPE_CHECKING:
    from ..model.file_stores import FileStores
    from ..model.plan import Write
    from .proof import Proven


class _Kind(NamedTuple):
    """The kind of a proof, and the sides whose digest is known."""

    proof: str
    source: bool
    destination: bool


class ProvenFiles(Mapping[RelPath, "Proven"]):
    """The stored, moved and copied files.

    planned: the files that a plan stores
    """

    def __init__(self) -> None:
        self.planned: Optional[FileStores] = None
        self._as_planned: Dict[_Kind, Dict[RelPath, bytes]] = {}
        self._others: Dict[RelPath, Proven] = {}

    def __setitem__(self, path: RelPath, proven: Proven) -> None:
        # The newest proof counts.
        self._others.pop(path, None)
        for digests in self._as_planned.values():
            digests.pop(path, None)
        digest = proven.source or proven.destination
        if digest is None or not self._is_as_planned(path, proven):
            self._others[path] = proven.kept()
            return
        kind = _Kind(proven.proof, proven.source is not None, proven.destination is not None)
        self._as_planned.setdefault(kind, {})[path] = digest

    def _is_as_planned(self, path: RelPath, proven: Proven) -> bool:
        if self.planned is None or not self.planned.has(path) or proven.error is not None:
            return False
        one_digest = proven.source is None or proven.destination in (None, proven.source)
        return one_digest and proven.staged.size == self.planned.wanted(path).size

    def proof_as_planned(self, path: RelPath) -> Optional[str]:
        """Return the proof of a file that was stored as it was planned."""
        for kind, digests in self._as_planned.items():
            if path in digests:
                return kind.proof
        return None

    def as_planned(self) -> Iterator[RelPath]:
        """Return the files that were stored as they were planned."""
        return chain.from_iterable(self._as_planned.values())

    def other_sizes(self) -> Iterator[Tuple[RelPath, int]]:
        """Return the sizes of the files that were not stored as they were planned."""
        return ((path, proven.staged.size) for path, proven in self._others.items())

    def write(self, path: RelPath) -> Write:
        """Return the action of a file that was stored as it was planned."""
        if self.planned is None:
            raise KeyError(path)
        return self.planned.write(path)

    def by_proof(self) -> Dict[str, int]:
        """Return the number of files by kind of proof."""
        counts: Dict[str, int] = {}
        for kind, digests in self._as_planned.items():
            counts[kind.proof] = counts.get(kind.proof, 0) + len(digests)
        for proven in self._others.values():
            counts[proven.proof] = counts.get(proven.proof, 0) + 1
        return counts

    def digest(self, path: RelPath, *, source: bool) -> Optional[bytes]:
        """Return the digest of a stored file at one side, if it is known."""
        for kind, digests in self._as_planned.items():
            digest = digests.get(path)
            if digest is not None:
                return digest if (kind.source if source else kind.destination) else None
        other = self._others[path]
        return other.source if source else other.destination

    def __getitem__(self, path: RelPath) -> Proven:
        for kind, digests in self._as_planned.items():
            digest = digests.get(path)
            if digest is not None and self.planned is not None:
                return _proven(kind, digest, self.planned.wanted(path))
        return self._others[path]

    def __contains__(self, path: object) -> bool:
        for digests in self._as_planned.values():
            if path in digests:
                return True
        return path in self._others

    def __iter__(self) -> Iterator[RelPath]:
        return chain(self.as_planned(), self._others)

    def __len__(self) -> int:
        return len(self._others) + sum(map(len, self._as_planned.values()))


def _proven(kind: _Kind, digest: bytes, wanted: Entry) -> Proven:
    from .proof import proven_of  # pylint: disable=import-outside-toplevel

    return proven_of(wanted.size, digest if kind.source else None, digest if kind.destination else None, kind.proof)
