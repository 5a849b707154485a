# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moving a small file over SFTP in one flight. Upload: its content is read first, and goes with its attributes and the
close. Download: it is read, looked at and closed, and then stored here.
"""

from __future__ import annotations

import hashlib
from typing import Callable, Optional

from ...errors import ProtocolViolation, SourceChanged, SyncError
from ...model.tree import Attributes
from ...sftp.client import Opened, Reply, SftpClient, data_of, entry_in
from ...sftp.packets import FSETSTAT, FX_EOF, FXF_READ, REMOVE, STATUS, UNCHANGED, attributes_field, string
from ...sftp.pool import Operation, SftpPool
from ..base import LocalSide, Sources, Staged, Transfer
from .download import Download
from .upload import NEW, Upload, tell_refusal

SMALL = 16 << 10
"""Bytes up to which a file is small: as many of them as may be under way can be kept in memory."""


class SmallUpload(Operation):
    """One Transfer of a file that was small when it was listed, not durable."""

    __slots__ = ("_awaited", "_client", "_content", "_digest", "_error", "_finished", "_handle", "_pool", "_remote",
                 "_source", "_transfer", "_unset")  # fmt: skip

    def __init__(self, transfer: Transfer, remote: bytes, source: Sources, pool: SftpPool) -> None:
        self._transfer = transfer
        self._remote = remote
        self._source = source
        self._pool = pool
        self._error: Optional[SyncError] = None
        self._unset: Optional[SyncError] = None

    def start(self, client: SftpClient, finished: Callable[[object], None]) -> None:
        self._client = client
        self._finished = finished
        try:
            content = self._read()
        except SyncError as error:
            finished(Staged(self._transfer, error=error))
            return
        if content is None:
            self._upload()
            return
        self._content = content
        client.open(self._remote, NEW, self._pool.setting.opening(self._transfer.attributes.mode), self._opened)

    def _upload(self) -> None:
        upload = Upload(self._transfer, self._remote, self._source, self._pool, durable=False)
        upload.start(self._client, self._finished)

    def _read(self) -> Optional[bytes]:
        """Return the whole file; None if it is empty, or no more as small as one WRITE. Raises SourceChanged,
        ItemError."""
        file = self._source.open_source(self._transfer.source)
        try:
            if not 0 < file.size <= min(SMALL, self._client.limits.write):
                return None
            # One byte more than there should be shows a file that grew.
            content = file.read(file.size + 1)
            self._digest = hashlib.sha256(content).digest()
            if len(content) != file.size or file.changed(lambda: self._digest):
                raise SourceChanged("it changed while it was read", path=self._transfer.path)
            return content
        finally:
            file.close()

    def _opened(self, reply: Opened) -> None:
        if isinstance(reply, int) and self._transfer.in_place:
            self._upload()
            return
        if isinstance(reply, int):
            tell_refusal(self._client, self._transfer, self._remote, reply, self._end)
            return
        self._handle = reply
        self._send()

    def _send(self) -> None:
        client, size = self._client, len(self._content)
        if not self._pool.may_move(client, self._send):
            return
        self._pool.pacer.spend(size)
        client.in_flight += size
        self._awaited = 3
        attributes = self._pool.setting.possible(self._transfer.attributes) or Attributes()
        client.store(self._handle, self._content, attributes_field(attributes), self._replied)

    def _replied(self, reply: Reply) -> None:
        self._awaited -= 1
        if reply and self._client.asked == FSETSTAT:
            self._unset = self._client.error(reply, self._transfer.path)
        elif reply:
            self._error = self._error or self._client.error(reply, self._transfer.path)
        if self._awaited:
            return
        size = len(self._content)
        self._client.in_flight -= size
        if self._error is None:
            self._finished(Staged(self._transfer, size, self._digest, unset=self._unset))
        else:
            # Remove the failed stage; the server's reply to that changes nothing.
            self._client.request(REMOVE, STATUS, string(self._remote), lambda _reply: self._end(self._error))

    def _end(self, error: Optional[SyncError]) -> None:
        self._finished(Staged(self._transfer, error=error))


class SmallDownload(Operation):
    """One Transfer of a file that is not empty and was small when it was listed. As with `Download`, the FSTAT after
    the READ must match the scan."""

    __slots__ = ("_awaited", "_client", "_content", "_error", "_finished", "_handle", "_pool", "_remote", "_sink",
                 "_transfer", "_unset")  # fmt: skip

    def __init__(self, transfer: Transfer, remote: bytes, sink: LocalSide, pool: SftpPool) -> None:
        self._transfer = transfer
        self._remote = remote
        self._sink = sink
        self._pool = pool
        self._content = b""
        self._error: Optional[SyncError] = None
        self._unset: Optional[SyncError] = None

    def start(self, client: SftpClient, finished: Callable[[object], None]) -> None:
        self._client = client
        self._finished = finished
        if self._transfer.entry.size > client.limits.read:
            self._download()
            return
        client.open(self._remote, FXF_READ, UNCHANGED, self._opened)

    def _opened(self, reply: Opened) -> None:
        if isinstance(reply, int):
            self._error = self._client.error(reply, self._transfer.path)
            self._end()
            return
        self._handle = reply
        self._ask()

    def _ask(self) -> None:
        client, size = self._client, self._transfer.entry.size
        if not self._pool.may_move(client, self._ask):
            return
        self._pool.pacer.spend(size)
        client.in_flight += size
        self._awaited = 3
        client.fetch(self._handle, self._remote, size, self._got, self._looked, self._closed)

    def _got(self, reply: Reply) -> None:
        size = self._transfer.entry.size
        self._client.in_flight -= size
        if reply == FX_EOF:
            self._error = SourceChanged(f"it ended before its {size} bytes", path=self._transfer.path)
        elif isinstance(reply, int):
            self._error = self._client.error(reply, self._transfer.path)
        else:
            try:
                self._take(data_of(reply))
            except ProtocolViolation as error:
                self._error = error
        self._answered()

    def _take(self, data: memoryview) -> None:
        if not 0 < len(data) <= self._transfer.entry.size:
            what = f"the server returned {len(data)} bytes for {self._transfer.entry.size}"
            self._error = SourceChanged(what, path=self._transfer.path)
        self._content = bytes(data)

    def _looked(self, reply: Reply) -> None:
        seen, entry = entry_in(reply), self._transfer.entry
        if seen is None:
            self._error = self._error or self._client.error(reply, self._transfer.path)
        elif (seen.size, seen.mtime) != (entry.size, entry.mtime):
            self._error = self._error or SourceChanged("it changed while it was read", path=self._transfer.path)
        self._answered()

    def _closed(self, _reply: Reply) -> None:
        self._answered()

    def _answered(self) -> None:
        """Continue when all three replies have come, in any order."""
        self._awaited -= 1
        if self._awaited:
            return
        if self._error is None and len(self._content) != self._transfer.entry.size:
            # Servers may give less than was asked for (draft-ietf-secsh-filexfer-02 section 6.4).
            self._download()
            return
        self._end()

    def _download(self) -> None:
        Download(self._transfer, self._remote, self._sink, self._pool).start(self._client, self._finished)

    def _end(self) -> None:
        digest = None
        if self._error is None:
            try:
                digest = self._store()
            except SyncError as error:
                self._error = error
        self._finished(Staged(self._transfer, len(self._content), digest, self._error, unset=self._unset))

    def _store(self) -> Optional[bytes]:
        stage = self._sink.create_stage(self._transfer.stage)
        try:
            stage.write_at(self._content, 0)
            digest = stage.digest(len(self._content))
            stage.finish(self._transfer.attributes)
            self._unset = stage.unset
        except SyncError:
            stage.abandon()
            raise
        return digest
