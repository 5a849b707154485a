# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DeliveryContents: the size and the digest of a source file that the record of deliveries has.

A file that is encrypted is known by its content. Its encrypted form differs each time it is made, and depends on the
recipients: neither a lost pair nor other recipients are a reason to deliver a file twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Iterator, List, Optional

from ..model.relpath import RelPath
from ..model.tree import Digests, Tree
from ..transport.base import Digested
from .deliveries import Delivered
from .peer_hash import PeerHash
from .sides import Sides

if TYPE_CHECKING:
    from .sealing import SealedRun


class DeliveryContents:
    """sealed: on a push with `encrypt`"""

    def __init__(self, sides: Sides, peer_hash: PeerHash, sealed: Optional[SealedRun]) -> None:
        self._sides = sides
        self._peer_hash = peer_hash
        self._sealed = sealed

    def tree(self, source: Tree) -> Tree:
        """Return the source with the sizes of contents."""
        return source if self._sealed is None else self._sealed.contents(source)

    def digests(self, paths: List[RelPath], known: Digests) -> Digests:
        """Return the digests of these contents. known: digests of the source; new digests are added."""
        found = known if self._sealed is None else self._sealed.content_digests(known)
        for digested in self._hashed([path for path in paths if path not in found]):
            if digested.digest is not None:
                found[digested.path] = digested.digest
        return found

    def _hashed(self, paths: List[RelPath]) -> Iterator[Digested]:
        if not paths:
            return
        if self._sealed is not None:
            yield from self._sealed.hash_contents(paths)
        elif self._sides.push:
            yield from self._sides.local.digest(paths)
        else:
            yield from (each.digested for each in self._peer_hash.digest(paths))

    def delivered(self, path: RelPath, size: int, mtime: int, digest: bytes, proof: str) -> Optional[Delivered]:
        """Return the record of a file that arrived with this size and digest; None if its content is not known."""
        if self._sealed is None:
            return Delivered(size, mtime, digest, proof)
        pair = self._sealed.pair_of(path, digest)
        return None if pair is None else Delivered(pair.size, mtime, pair.digest, proof)
