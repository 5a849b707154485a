# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Downloading one file over SFTP: open, read every byte, look whether it held still, close."""

from __future__ import annotations

from functools import partial
from typing import Callable, List, Optional, Tuple

from ...errors import SourceChanged, SyncError
from ...sftp.client import Opened, Reply, SftpClient, data_of, entry_in
from ...sftp.packets import FX_EOF, FXF_READ, UNCHANGED
from ...sftp.pool import Operation, SftpPool, lightest
from ..base import LocalSide, Staged, StageFile, Transfer

STRIPED_FROM = 16 << 20
"""Bytes from which on a file is read over all sessions."""


class Download(Operation):
    """One Transfer: the content of the file at the full path `remote` goes to a stage at `sink`. After a lost session,
    `take_up` and `start` continue behind the bytes in the stage. Those of an earlier run are continued in the same way.

    As many bytes are read as the scan saw. An FSTAT behind the reads must show the size and mtime of the scan, else
    the bytes may be of two versions: SourceChanged.
    """

    __slots__ = ("_awaited", "_error", "_finished", "_lanes", "_missing", "_next", "_paused", "_pool", "_remote",
                 "_sink", "_stage", "_transfer")  # fmt: skip

    def __init__(self, transfer: Transfer, remote: bytes, sink: LocalSide, pool: SftpPool) -> None:
        self._transfer = transfer
        self._remote = remote
        self._sink = sink
        self._stage: Optional[StageFile] = None
        self.take_up(pool)

    def take_up(self, pool: SftpPool) -> None:
        """Prepare to `start` in a new session, where the lost session stopped."""
        self._pool = pool
        self._lanes: List[Tuple[SftpClient, bytes]] = []
        self._error: Optional[SyncError] = None
        self._next = self.reached
        self._awaited = 0
        self._paused = False
        self._missing: List[Tuple[int, int]] = []

    @property
    def reached(self) -> int:
        """Return the bytes in the stage, before the first gap."""
        return 0 if self._stage is None else self._stage.go_back()

    def give_up(self) -> None:
        stage, self._stage = self._stage, None
        if stage is not None:
            stage.leave()

    def start(self, client: SftpClient, finished: Callable[[object], None]) -> None:
        self._finished = finished
        self._open(client)

    def _open(self, client: SftpClient) -> None:
        clients = [client]
        if self._transfer.entry.size >= STRIPED_FROM:
            clients = self._pool.clients
            self._pool.joined.append(self._join)
        for each in clients:
            self._awaited += 1
            each.open(self._remote, FXF_READ, UNCHANGED, partial(self._opened, each))

    def _opened(self, client: SftpClient, reply: Opened) -> None:
        self._awaited -= 1
        if not isinstance(reply, int):
            self._lanes.append((client, reply))
            self._create_stage()
        elif not self._lanes and not self._awaited:
            self._error = self._error or client.error(reply, self._transfer.path)
        self._pump()

    def _join(self, client: SftpClient) -> None:
        self._awaited += 1
        client.open(self._remote, FXF_READ, UNCHANGED, partial(self._joined, client))

    def _joined(self, client: SftpClient, reply: Opened) -> None:
        # One that is refused is no loss.
        self._awaited -= 1
        if not isinstance(reply, int):
            self._lanes.append((client, reply))
        self._pump()

    def _create_stage(self) -> None:
        if self._stage is None and self._error is None:
            try:
                self._stage = self._sink.create_stage(self._transfer.stage, self._transfer.kept)
                self._next = self._stage.go_back()
                self._pool.pacer.spent += self._next
            except SyncError as error:
                self._error = error

    def _pump(self) -> None:
        """Ask for as much as the windows take."""
        while self._missing and self._lanes:
            self._ask(*self._lanes[0], *self._missing.pop())
        while self._next < self._transfer.entry.size and self._lanes and not self._paused and self._error is None:
            client, handle = lightest(self._lanes)
            if not self._pool.may_move(client, self._resume):
                self._paused = True
                self._awaited += 1
                break
            size = min(client.limits.read, self._transfer.entry.size - self._next)
            self._pool.pacer.spend(size)
            self._ask(client, handle, self._next, size)
            self._next += size
        self._settle()

    def _resume(self) -> None:
        self._paused = False
        self._awaited -= 1
        self._pump()

    def _ask(self, client: SftpClient, handle: bytes, offset: int, size: int) -> None:
        self._awaited += 1
        client.in_flight += size
        client.read(handle, offset, size, partial(self._got, client, offset, size))

    def _got(self, client: SftpClient, offset: int, size: int, reply: Reply) -> None:
        self._awaited -= 1
        client.in_flight -= size
        try:
            if isinstance(reply, int):
                raise self._refusal(client, reply)
            data = data_of(reply)
            if self._error is None and self._stage is not None:
                self._store(self._stage, offset, size, data)
        except SyncError as error:
            self._error = self._error or error
        self._pump()

    def _store(self, stage: StageFile, offset: int, size: int, data: memoryview) -> None:
        count = len(data)
        if not count or count > size:
            raise SourceChanged(f"the server returned {count} bytes for {size}", path=self._transfer.path)
        stage.write_at(data, offset)
        if count < size:
            # Servers may give less than was asked for (draft-ietf-secsh-filexfer-02 section 6.4).
            self._pool.reads_whole = False
            self._missing.append((offset + count, size - count))

    def _refusal(self, client: SftpClient, reply: Reply) -> SyncError:
        if reply == FX_EOF:
            return SourceChanged(f"it ended before its {self._transfer.entry.size} bytes", path=self._transfer.path)
        return client.error(reply, self._transfer.path)

    def _settle(self) -> None:
        """Continue with the next step: the final check after the last read, then the end."""
        asked_for_all = self._error is not None or self._next >= self._transfer.entry.size
        if asked_for_all and self._join in self._pool.joined:
            self._pool.joined.remove(self._join)
        in_order = len(self._lanes) == 1 and self._pool.reads_whole
        if self._lanes and asked_for_all and (in_order or not self._awaited):
            self._look_and_close()
        if not self._awaited and not self._lanes:
            if self._missing and self._error is None:
                self._open(self._pool.least_busy())
            else:
                self._end()

    def _look_and_close(self) -> None:
        lanes, self._lanes = self._lanes, []
        client, handle = lanes[0]
        self._awaited += 1
        client.look_open(handle, self._remote, partial(self._looked, client))
        for client, handle in lanes:
            self._awaited += 1
            client.close_handle(handle, self._closed)

    def _looked(self, client: SftpClient, reply: Reply) -> None:
        self._awaited -= 1
        entry = self._transfer.entry
        seen = entry_in(reply)
        if seen is None:
            self._error = self._error or client.error(reply, self._transfer.path)
        elif (seen.size, seen.mtime) != (entry.size, entry.mtime):
            self._error = self._error or SourceChanged("it changed while it was read", path=self._transfer.path)
        self._settle()

    def _closed(self, _reply: Reply) -> None:
        self._awaited -= 1
        self._settle()

    def _end(self) -> None:
        stage, self._stage = self._stage, None
        digest = None
        if stage is not None and self._error is None:
            try:
                digest = stage.followed_digest(self._next)
                stage.finish(self._transfer.attributes)
            except SyncError as error:
                self._error = error
        if stage is not None and self._error is not None:
            stage.abandon()
        unset = None if stage is None else stage.unset
        self._finished(Staged(self._transfer, self._next, digest, self._error, unset=unset))
