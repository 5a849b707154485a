# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Content: how the content of files moves over SFTP: up, down, and back for a proof. Loaded by the first such file."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Callable, Dict, Iterable, Iterator, Mapping, Optional, Union

from ...errors import OperationFailed, SyncError
from ...model.relpath import RelPath
from ...sftp.packets import EXTENDED_REPLY, string
from ...sftp.pool import Operation
from ..base import Digested, LocalSide, Sources, Staged, Transfer
from .digest import ReadBack
from .download import Download
from .root import Root
from .sessions import SftpSessions
from .small_upload import SMALL, SmallDownload, SmallUpload
from .upload import Upload, no_space

if TYPE_CHECKING:
    from ...model.blocks import Basis
    from .copy_file import Copying

Resumable = Union[Upload, Download, ReadBack]
_NO_REASON = "Read the server's log; SFTP has no status for many causes, such as an exceeded quota."


class Content:
    """The content of the tree at `root`. note: called with notes for the result. durable: see SftpOptions."""

    def __init__(self, root: Root, sessions: SftpSessions, note: Callable[[str], None], *, durable: bool) -> None:
        self._root = root
        self._sessions = sessions
        self._note = note
        self._durable = durable
        self._copying: Optional[Copying] = None
        self._under_way: Dict[RelPath, Resumable] = {}
        """Operations that a later session can continue, by the path of the stage, or of the file that is hashed."""

    def halfway(self) -> Dict[RelPath, int]:
        """Implement PeerTransport.halfway. Operations that begin again are given up."""
        reached = {path: operation.reached for path, operation in self._under_way.items()}
        self._give_up([path for path, size in reached.items() if not size])
        return {path: size for path, size in reached.items() if size}

    def forget_halfway(self) -> None:
        self._give_up(list(self._under_way))

    def _give_up(self, paths: Iterable[RelPath]) -> None:
        for path in paths:
            operation = self._under_way.pop(path)
            if not isinstance(operation, ReadBack):
                operation.give_up()

    def _resumed(self, path: RelPath, new: Callable[[], Operation]) -> Operation:
        """Return the operation that a lost session left halfway, or a new operation."""
        halfway = self._under_way.get(path)
        if halfway is not None and halfway.reached:
            halfway.take_up(self._sessions.pool)
            return halfway
        operation = new()
        if isinstance(operation, (Upload, Download, ReadBack)):
            self._under_way[path] = operation
        return operation

    def digest(self, sizes: Mapping[RelPath, int]) -> Iterator[Digested]:
        pool, full = self._sessions.pool, self._root.full
        reads = (self._resumed(path, partial(ReadBack, path, full(path), pool, size)) for path, size in sizes.items())
        for digested in pool.run(reads):
            self._under_way.pop(digested.path, None)
            yield digested

    def upload(self, transfers: Iterable[Transfer], source: Sources) -> Iterator[Staged]:
        transfers = list(transfers)
        self._sessions.widen(transfers)
        if self._copying is not None:
            self._copying.begin()
        uploads = (self._resumed(one.stage, partial(self._upload, one, source)) for one in transfers)
        for staged in self._sessions.pool.run(uploads):
            self._under_way.pop(staged.transfer.stage, None)
            yield staged if staged.error is None else staged._replace(error=self._explained(staged))
        self._sessions.tell_refusals()

    def download(self, transfers: Iterable[Transfer], sink: LocalSide) -> Iterator[Staged]:
        transfers = list(transfers)
        self._sessions.widen(transfers)
        if self._copying is not None:
            self._copying.begin()
        downloads = (self._resumed(one.stage, partial(self._download, one, sink)) for one in transfers)
        for staged in self._sessions.pool.run(downloads):
            self._under_way.pop(staged.transfer.stage, None)
            yield staged
        self._sessions.tell_refusals()

    def copy(self, transfers: Iterable[Transfer]) -> Iterator[Staged]:
        """Implement PeerTransport.copy. Its module is loaded by the first copy."""
        from .copy_file import CopyFile  # pylint: disable=import-outside-toplevel

        full, pool = self._root.full, self._sessions.pool
        return pool.run(
            CopyFile(one, full(one.source), full(one.stage), pool, durable=self._durable) for one in transfers
        )

    def _upload(self, transfer: Transfer, source: Sources) -> Operation:
        remote, pool, durable = self._root.prefix + transfer.stage, self._sessions.pool, self._durable
        if transfer.basis is not None:
            return self._delta_upload(transfer, transfer.basis, remote, source)
        if 0 < transfer.entry.size <= SMALL and not durable and pool.setting.by_handle:
            return SmallUpload(transfer, remote, source, pool)
        return Upload(transfer, remote, source, pool, durable=durable)

    def _delta_upload(self, transfer: Transfer, basis: Basis, remote: bytes, source: Sources) -> Operation:
        """Its modules are loaded by the first large file."""
        from .delta_upload import DeltaUpload  # pylint: disable=import-outside-toplevel

        paths, pool = (remote, self._root.prefix + transfer.path), self._sessions.pool
        return DeltaUpload(transfer, basis, paths, source, pool, self._known_copying(), durable=self._durable)

    def _known_copying(self) -> Copying:
        from .copy_file import Copying  # pylint: disable=import-outside-toplevel

        self._copying = self._copying or Copying(self._note, self._sessions.widen_for)
        return self._copying

    def _download(self, transfer: Transfer, sink: LocalSide) -> Operation:
        if transfer.basis is not None and self._known_copying().works:
            return self._delta_download(transfer, transfer.basis, sink)
        kind = SmallDownload if 0 < transfer.entry.size <= SMALL else Download
        return kind(transfer, self._root.prefix + transfer.source, sink, self._sessions.pool)

    def _delta_download(self, transfer: Transfer, basis: Basis, sink: LocalSide) -> Operation:
        from .delta_download import DeltaDownload  # pylint: disable=import-outside-toplevel

        remote, pool = self._root.prefix + transfer.source, self._sessions.pool
        return DeltaDownload(transfer, basis.blocks.block, remote, sink, pool, self._known_copying())

    def _explained(self, staged: Staged) -> Optional[SyncError]:
        """SFTP version 3 has one code for every failure: ask how much room there is before calling it a mystery."""
        client, error = self._sessions.pool.clients[0], staged.error
        if not isinstance(error, OperationFailed):
            return error
        error = error.at(error.path, cure=_NO_REASON)
        if b"statvfs@openssh.com" not in client.extensions:
            return error
        request = partial(client.extended, b"statvfs@openssh.com", string(self._root.path), expected=EXTENDED_REPLY)
        reply = self._sessions.pool.call(client, request)
        return error if isinstance(reply, int) else no_space(reply, error, staged.transfer.entry.size)
