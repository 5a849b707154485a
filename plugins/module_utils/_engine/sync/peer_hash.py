# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PeerHash: how the content of the peer's files is learned: by the server's own hash, or by reading them over the
session."""

from __future__ import annotations

from typing import Iterator, List, NamedTuple, Optional, Sequence

from ..errors import NotSupported
from ..model.relpath import RelPath
from ..model.report import PROVEN_BY_READ_BACK, PROVEN_BY_SERVER_HASH
from ..model.request import AUTO, READ_BACK, SERVER_HASH
from ..transport.base import Digested, PeerTransport

_BY_SERVER = (AUTO, SERVER_HASH)


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

    def digest(self, paths: Sequence[RelPath]) -> Iterator[PeerDigest]:
        """Yield the digests, or errors, in any order."""
        if not paths:
            return
        if not self.server_hashes():
            yield from self._read(paths)
            return
        refused: List[RelPath] = []
        for digested in self._peer.digest_by_server(paths):
            if digested.error is not None and self._policy == AUTO:
                refused.append(digested.path)
            else:
                yield PeerDigest(digested, PROVEN_BY_SERVER_HASH)
        yield from self._read(refused)

    def _read(self, paths: Sequence[RelPath]) -> Iterator[PeerDigest]:
        for digested in self._peer.digest(paths):
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
