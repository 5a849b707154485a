# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copying one file within the server's tree: open both, copy-data part by part, look at the size, set attributes,
close. The next part is asked for when the last is done, so that other requests of the session come in between.

Copying: whether a server does its part in transfers by blocks, in one run.
"""

from __future__ import annotations

from functools import partial
from typing import Callable, Iterator, Optional

from ...errors import OperationFailed, SourceChanged, SyncError
from ...model.tree import FILE
from ...sftp.client import Opened, Reply, SftpClient, entry_in
from ...sftp.copy_data import CopiedPart, copy_data, parts_of
from ...sftp.packets import FX_OP_UNSUPPORTED, FXF_READ, REMOVE, STATUS, UNCHANGED, string
from ...sftp.pool import Operation, SftpPool
from ..base import Staged, Transfer
from .upload import NEW


class CopyFile(Operation):
    """One Transfer from the full path `origin` to the full path `stage`. transfer.entry: the file at `origin`."""

    __slots__ = ("_client", "_created", "_durable", "_error", "_finished", "_new", "_old", "_origin", "_parts", "_pool",
                 "_stage", "_transfer", "_unset")  # fmt: skip

    def __init__(self, transfer: Transfer, origin: bytes, stage: bytes, pool: SftpPool, *, durable: bool) -> None:
        self._transfer = transfer
        self._origin = origin
        self._stage = stage
        self._pool = pool
        self._durable = durable
        self._old = self._new = b""
        self._created = False
        self._parts: Iterator[CopiedPart] = iter(())
        self._error: Optional[SyncError] = None
        self._unset: Optional[SyncError] = None

    def start(self, client: SftpClient, finished: Callable[[object], None]) -> None:
        self._client = client
        self._finished = finished
        client.open(self._origin, FXF_READ, UNCHANGED, self._origin_opened)

    def _origin_opened(self, reply: Opened) -> None:
        if isinstance(reply, int):
            self._fail(self._client.error(reply, self._transfer.path))
        else:
            self._old = reply
            self._client.look_open(reply, self._origin, self._origin_looked)

    def _origin_looked(self, reply: Reply) -> None:
        found, wanted = entry_in(reply), self._transfer.entry
        if found is None or found.kind != FILE or (found.size, found.mtime) != (wanted.size, wanted.mtime):
            self._fail(SourceChanged("it changed since it was listed", path=self._transfer.path))
        else:
            attributes = self._pool.setting.opening(self._transfer.attributes.mode)
            self._client.open(self._stage, NEW, attributes, self._stage_opened)

    def _stage_opened(self, reply: Opened) -> None:
        if isinstance(reply, int):
            self._fail(self._client.error(reply, self._transfer.path))
            return
        self._new, self._created = reply, True
        self._parts = parts_of(CopiedPart(self._old, 0, self._transfer.entry.size, self._new, 0))
        self._copy()

    def _copy(self) -> None:
        part = next(self._parts, None)
        if part is None:
            self._client.look_open(self._new, self._stage, self._copy_looked)
        else:
            copy_data(self._pool, self._client, part, partial(self._go_on, self._copy))

    def _go_on(self, then: Callable[[], None], reply: Reply) -> None:
        if reply == 0:
            then()
        else:
            self._fail(self._client.error(reply, self._transfer.path))

    def _copy_looked(self, reply: Reply) -> None:
        found = entry_in(reply)
        if found is None or found.size != self._transfer.entry.size:
            self._fail(OperationFailed("the server copied it in part", path=self._transfer.path))
            return
        attributes, setting = self._transfer.attributes, self._pool.setting
        if not setting.set_open(self._client, self._new, self._stage, attributes, self._sync):
            self._sync(0)

    def _sync(self, reply: Reply) -> None:
        self._unset = self._client.error(reply, self._transfer.path) if reply else None
        if self._durable:
            self._client.extended(b"fsync@openssh.com", string(self._new), partial(self._go_on, self._close))
        else:
            self._close()

    def _fail(self, error: SyncError) -> None:
        self._error = error
        self._close()

    def _close(self) -> None:
        """Close the open handles, one after the other, and report the result."""
        if self._old:
            handle, self._old = self._old, b""
            self._client.close_handle(handle, lambda _reply: self._close())
        elif self._new:
            handle, self._new = self._new, b""
            self._client.close_handle(handle, self._closed)
        elif self._error is not None and self._created:
            self._created = False
            self._client.request(REMOVE, STATUS, string(self._stage), lambda _reply: self._close())
        else:
            size = 0 if self._error else self._transfer.entry.size
            self._finished(Staged(self._transfer, size, error=self._error, unset=self._unset))

    def _closed(self, reply: Reply) -> None:
        if reply != 0 and self._error is None:
            self._error = self._client.error(reply, self._transfer.path)
        self._close()


class Copying:
    """The copies that a server makes, and the blocks that it hashes. note: called with notes for the result. widen:
    called with the bytes that are left to send, where they are more than was expected.

    works: whether it is worth a try
    under_way: requests without a reply; a session that is lost over them leaves them here
    """

    def __init__(self, note: Callable[[str], None], widen: Callable[[int], None] = lambda size: None) -> None:
        self.widen = widen
        self.works = True
        self.under_way = 0
        self._note = note

    def begin(self) -> None:
        """New transfers begin, perhaps in a new session."""
        if self.under_way:
            self.under_way, self.works = 0, False
            self._note("the session was lost while the server worked on blocks: large files are transferred whole")

    def refused(self, code: Reply) -> None:
        self.works = self.works and code != FX_OP_UNSUPPORTED
        self._note("the server refused to copy blocks of a file: it was sent whole")
