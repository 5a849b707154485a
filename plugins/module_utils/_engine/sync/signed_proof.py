# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proof by the signed set: a stage is proven if its content has the digest that the sender signed. The peer is not
asked again: its word would add nothing."""

from __future__ import annotations

from typing import Dict

from ..errors import DigestMismatch
from ..model.relpath import RelPath
from ..model.report import PROVEN_BY_SIGNATURE
from ..model.request import NONE
from ..model.tree import Digests
from ..transport.base import Digested, Staged
from .peer_hash import PeerDigest, PeerHash
from .proof import Proven, Prover
from .sides import Sides


class SignedProver(Prover):
    """Proves stages of a pull. signed: the digests of the set."""

    def __init__(self, sides: Sides, peer_hash: PeerHash, signed: Digests) -> None:
        super().__init__(sides, peer_hash, NONE)
        self._signed = signed

    def _judge(self, one: Staged, here: Staged | Digested, far: Dict[RelPath, PeerDigest]) -> Proven:
        path, error = one.transfer.path, here.error
        wanted = self._signed.get(path)
        if error is None and (wanted is None or here.digest != wanted):
            error = DigestMismatch(
                "the content that the server sent is not the signed content",
                path=path,
                cure="Run again; if it fails again, ask the sender: the server may have changed the file.",
            )
        return Proven(one, wanted, here.digest, PROVEN_BY_SIGNATURE, error)
