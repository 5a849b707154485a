# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hashing one file over SFTP by reading it back; and by ProFTPD's check-file extension."""

from __future__ import annotations

import hashlib
from functools import partial
from struct import Struct
from typing import TYPE_CHECKING, Callable, Dict, Optional

from ...errors import ItemError, SourceChanged, SyncError
from ...model.relpath import RelPath
from ...model.tree import FILE, Entry
from ...sftp.client import Opened, Reply, SftpClient, data_of, entry_in
from ...sftp.packets import (
    ATTRS,
    EXTENDED_REPLY,
    FX_EOF,
    FXF_READ,
    LSTAT,
    U32,
    UNCHANGED,
    string,
)
from ...sftp.pool import Operation, SftpPool
from ..base import Digested, longer

if TYPE_CHECKING:
    from ...model.blocks import Buffer

_SHA256_SIZE = 32
_RANGE = Struct(">QQI")
_FIRST_READ = 32768
"""Bytes requested before the size is known: every server returns them at once, and hundreds of small files fit in the
window."""
SLOWEST_HASH = 8 << 20
"""Bytes a second that a server hashes at least."""


class OrderedHash:
    """The SHA-256 of bytes that come in any order, of which `size` are hashed.

    Bytes behind a gap are kept, and stay in flight, so that nothing more is asked of a server that fills no gap.
    """

    __slots__ = ("_client", "_digest", "_early", "_held", "size")

    def __init__(self, client: SftpClient) -> None:
        self.size = 0
        self._client = client
        self._digest = hashlib.sha256()
        self._early: Dict[int, Buffer] = {}
        self._held = 0

    def take(self, offset: int, kept: Buffer, data: memoryview, *, whole: bool) -> Buffer:
        """Take `data`, which follows the bytes `kept` of the same request; return the bytes to keep with the rest of
        it, if these are not the `whole` rest."""
        if offset - len(kept) == self.size:
            if kept:
                self._digest.update(kept)
                self._hold(-len(kept))
            self._digest.update(data)
            self.size = offset + len(data)
            while self._early and self.size in self._early:
                early = self._early.pop(self.size)
                self._digest.update(early)
                self._hold(-len(early))
                self.size += len(early)
            return b""
        self._hold(len(data))
        if not isinstance(kept, bytearray):
            kept = bytearray()
        kept += data
        if whole:
            self._early[offset + len(data) - len(kept)] = kept
        return kept

    def _hold(self, size: int) -> None:
        self._client.in_flight += size
        self._held += size

    def digest(self) -> bytes:
        return self._digest.digest()

    def let_go(self) -> None:
        """Drop the bytes behind gaps."""
        self._early.clear()
        self._hold(-self._held)

    def take_up(self, client: SftpClient) -> None:
        """Continue in another session, behind the bytes that are hashed."""
        self.let_go()
        self._client = client


class ReadBack(Operation):
    """The SHA-256 of the file at the full path `remote`, of `most` bytes at most, every byte read on a new handle.

    The first READ and an FSTAT go out together: a small file needs no second round. After a lost session, `take_up` and
    `start` continue behind the bytes that are hashed, if size and mtime of the file are the same.
    """

    __slots__ = ("_awaited", "_client", "_error", "_finished", "_handle", "_hash", "_is_open", "_most", "_next",
                 "_path", "_paused", "_pool", "_remote", "_seen", "_size")  # fmt: skip

    def __init__(self, path: RelPath, remote: bytes, pool: SftpPool, most: int) -> None:
        self._path = path
        self._remote = remote
        self._most = most
        self._seen: Optional[Entry] = None
        self._hash: OrderedHash
        self.take_up(pool)

    def take_up(self, pool: SftpPool) -> None:
        """Prepare to `start` in a new session, where the lost session stopped."""
        self._pool = pool
        self._error: Optional[SyncError] = None
        self._handle = b""
        self._is_open = False
        self._next = self.reached
        self._size = -1
        self._awaited = 0
        self._paused = False

    @property
    def reached(self) -> int:
        """Return the bytes that are hashed."""
        return 0 if self._seen is None else self._hash.size

    def start(self, client: SftpClient, finished: Callable[[object], None]) -> None:
        self._client = client
        if self._next:
            self._hash.take_up(client)
        else:
            self._hash = OrderedHash(client)
        self._finished = finished
        self._awaited = 1
        client.open(self._remote, FXF_READ, UNCHANGED, self._opened)

    def _opened(self, reply: Opened) -> None:
        self._awaited -= 1
        if isinstance(reply, int):
            self._error = self._client.error(reply, self._path)
        else:
            self._handle, self._is_open = reply, True
            if not self._next:
                self._ask(0, min(_FIRST_READ, self._client.limits.read))
            self._awaited += 1
            self._client.look_open(self._handle, self._remote, self._looked)
        self._settle()

    def _looked(self, reply: Reply) -> None:
        self._awaited -= 1
        entry = entry_in(reply)
        if entry is None:
            self._fail(self._client.error(reply, self._path))
        elif entry.size > self._most:
            self._fail(longer(self._path, self._most))
        else:
            if self._seen not in (None, entry):
                self._hash, self._next = OrderedHash(self._client), 0
            self._size, self._seen = entry.size, entry
        self._pump()

    def _pump(self) -> None:
        while self._next < self._size and not self._paused and self._error is None:
            if not self._pool.may_move(self._client, self._resume):
                self._paused = True
                self._awaited += 1
                break
            self._ask(self._next, min(self._client.limits.read, self._size - self._next))
        self._settle()

    def _resume(self) -> None:
        self._paused = False
        self._awaited -= 1
        self._pump()

    def _ask(self, offset: int, size: int, kept: Buffer = b"") -> None:
        self._next = max(self._next, offset + size)
        self._pool.pacer.spend(size)
        self._awaited += 1
        self._client.in_flight += size
        self._client.read(self._handle, offset, size, partial(self._got, offset, size, kept))

    def _got(self, offset: int, size: int, kept: Buffer, reply: Reply) -> None:
        self._awaited -= 1
        self._client.in_flight -= size
        try:
            if reply == FX_EOF:
                self._check_end(offset)
            elif isinstance(reply, int):
                raise self._client.error(reply, self._path)
            elif self._error is None:
                self._take(offset, size, kept, data_of(reply))
        except SyncError as error:
            self._fail(error)
        self._pump()

    def _fail(self, error: SyncError) -> None:
        self._error = self._error or error
        self._hash.let_go()

    def _check_end(self, offset: int) -> None:
        """Raise SourceChanged for an end before the size, which may be false: reads would never end."""
        if offset < self._size:
            raise SourceChanged(f"it ended before its {self._size} bytes", path=self._path)

    def _take(self, offset: int, size: int, kept: Buffer, data: memoryview) -> None:
        count = len(data)
        if not count or count > size:
            raise SourceChanged(f"the server returned {count} bytes for {size}", path=self._path)
        kept = self._hash.take(offset, kept, data, whole=count == size)
        if count < size and self._size >= 0 and offset + count < self._size:
            self._ask(offset + count, min(size - count, self._size - offset - count), kept)
        elif self._size < 0:
            self._next = offset + count

    def _settle(self) -> None:
        if self._awaited:
            return
        if self._is_open:
            self._is_open = False
            self._awaited += 1
            self._client.close_handle(self._handle, self._closed)
            return
        if self._error is None and self._hash.size != self._size:
            self._error = SourceChanged("it changed while it was read", path=self._path)
        digest = None if self._error else self._hash.digest()
        self._finished(Digested(self._path, digest, self._hash.size, self._error))

    def _closed(self, _reply: Reply) -> None:
        self._awaited -= 1
        self._settle()


def check_file_body(remote: bytes) -> bytes:
    """Return the body of check-file-name: path, algorithms, offset, length (0: to the end), block size (0: one
    block)."""
    return string(remote) + string(b"sha256") + bytes(16) + U32.pack(0)


def check_blocks_body(offset: int, length: int, block: int) -> bytes:
    """Return the body of check-file-handle behind the handle: algorithms, offset, length, block size."""
    return string(b"sha256") + _RANGE.pack(offset, length, block)


def hashes_in(reply: Reply) -> bytes:
    """Return the hashes in a reply to check-file, in a row; b"" if it is malformed."""
    body = b"" if isinstance(reply, int) else bytes(reply)
    head = string(b"sha256")
    if body.startswith(string(b"check-file")):
        head = string(b"check-file") + head
    return body[len(head) :] if body.startswith(head) else b""


class CheckFile(Operation):
    """The SHA-256 of the file at the full path `remote`, hashed by the server.

    draft-ietf-secsh-filexfer-extensions-00 section 3, as ProFTPD's mod_sftp has it: the whole file as one block, and
    the session is silent until it is done. The size, which is requested first, limits that time.
    """

    __slots__ = ("_client", "_finished", "_granted", "_path", "_pool", "_remote", "_size")

    def __init__(self, path: RelPath, remote: bytes, pool: SftpPool) -> None:
        self._path = path
        self._remote = remote
        self._pool = pool
        self._granted = 0.0
        self._size: Optional[int] = None

    def start(self, client: SftpClient, finished: Callable[[object], None]) -> None:
        self._client = client
        self._finished = finished
        client.request(LSTAT, ATTRS, string(self._remote), self._looked)
        client.extended(b"check-file-name", check_file_body(self._remote), self._answered, expected=EXTENDED_REPLY)

    def _looked(self, reply: Reply) -> None:
        entry = entry_in(reply)
        if entry is not None and entry.kind is FILE:
            self._size = entry.size
            self._granted = entry.size / SLOWEST_HASH
            self._pool.grant(self._granted)

    def _answered(self, reply: Reply) -> None:
        self._pool.grant(-self._granted)
        if isinstance(reply, int):
            # ProFTPD refuses to hash an empty file.
            empty = self._size == 0
            error = None if empty else self._client.error(reply, self._path)
            self._finished(Digested(self._path, hashlib.sha256().digest() if empty else None, 0, error))
            return
        body = bytes(reply)
        digest = body[-_SHA256_SIZE:]
        if not body.startswith((string(b"check-file") + string(b"sha256"), string(b"sha256"))) or len(body) < 42:
            self._finished(Digested(self._path, None, 0, ItemError("the server's hash is malformed", path=self._path)))
            return
        self._finished(Digested(self._path, digest))
