# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of a signed set that exist only in memory here: uploaded, proven as the run proves files, then renamed."""

from __future__ import annotations

from typing import Callable, Dict, Optional

from ..errors import ItemError, ProofFailed, SyncError
from ..model.relpath import RelPath
from ..model.request import NONE
from ..model.tree import FILE, Attributes, Entry
from ..transport.base import PeerTransport, Rename, SourceFile, Sources, Transfer
from .peer_hash import PeerHash
from .stage_names import StageNames

_MODE = 0o644


class _Content(SourceFile):
    """Bytes as an open file."""

    def __init__(self, content: bytes) -> None:
        self.size = len(content)
        self.mtime = 0
        self._content = memoryview(content)

    def read(self, count: int) -> bytes:
        data, self._content = self._content[:count], self._content[count:]
        return bytes(data)

    def changed(self, read: Callable[[], bytes]) -> bool:
        return False

    def close(self) -> None:
        """Keep the bytes: they belong to the caller."""


class _Contents(Sources):
    """contents: by path."""

    def __init__(self, contents: Dict[RelPath, bytes]) -> None:
        self._contents = contents

    def open_source(self, path: RelPath) -> SourceFile:
        return _Content(self._contents[path])


class SetFiles:
    """policy: one of PROOF_POLICIES. count: called with the bytes of each file that was sent."""

    def __init__(
        self, peer: PeerTransport, names: StageNames, peer_hash: PeerHash, policy: str, count: Callable[[int], None]
    ) -> None:
        self._peer = peer
        self._names = names
        self._peer_hash = peer_hash
        self._policy = policy
        self._count = count

    def make_directory(self, path: RelPath) -> None:
        """Make a directory that every receiver may list. Raises the item's error."""
        for made in self._peer.make_directories([path]):
            _require(made.error, path)
        for done in self._peer.set_attributes([(path, Attributes(0o755, None))]):
            _require(done.error, path)

    def create(self, path: RelPath, content: bytes) -> None:
        """Make a file that was not there. Raises AlreadyExists, ItemError."""
        stage = self._stage(path, content)
        try:
            self._peer.rename_new(stage, path)
        except ItemError as error:
            raise error.at(path) from error
        self._names.release(stage)

    def replace(self, path: RelPath, content: bytes) -> None:
        """Make a file, or replace it. Raises ItemError."""
        stage = self._stage(path, content)
        for done in self._peer.rename([Rename(stage, path)]):
            _require(done.error, path)
        self._names.release(stage)

    def _stage(self, path: RelPath, content: bytes) -> RelPath:
        """Return the name under which the content is at the peer, proven."""
        entry = Entry(FILE, len(content), 0, _MODE)
        transfer = Transfer(path, path, self._names.beside(path), entry, Attributes(_MODE, None))
        for staged in self._peer.upload([transfer], _Contents({path: content})):
            _require(staged.error, path)
            self._count(staged.size)
            self._prove(path, staged.transfer.stage, staged.digest)
            return staged.transfer.stage
        raise AssertionError("an upload without a result")

    def _prove(self, path: RelPath, stage: RelPath, digest: Optional[bytes]) -> None:
        if self._policy == NONE:
            return
        for proven in self._peer_hash.digest([stage]):
            _require(proven.digested.error, path)
            if proven.digested.digest != digest:
                raise ProofFailed("the stored bytes differ from the sent bytes", path=path, cure="Run again.")


def _require(error: Optional[SyncError], path: RelPath) -> None:
    """Raise the error, of a temporary name too, as an error of the path."""
    if error is not None:
        raise error.at(path)
