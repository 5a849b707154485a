# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hashing one file over SFTP by reading it back; and by ProFTPD's check-file extension."""

from __future__ import annotations

import hashlib
from functools import partial
from struct import Struct
from typing import Callable, Dict, Optional

from ...errors import ItemError, SourceChanged, SyncError
from ...model.relpath import RelPath
from ...model.tree import FILE, Attributes
from ...sftp.client import Opened, Reply, SftpClient, data_of, entry_in
from ...sftp.packets import (
    ATTRS,
    EXTENDED_REPLY,
    FSTAT,
    FX_EOF,
    FXF_READ,
    LSTAT,
    U32,
    attributes_field,
    string,
)
from ...sftp.pool import Operation, SftpPool
from ..base import Digested

__all__ = ["SLOWEST_HASH", "CheckFile", "ReadBack", "check_blocks_body", "check_file_body", "hashes_in"]

_UNCHANGED = attributes_field(Attributes())
_SHA256_SIZE = 32
_RANGE = Struct(">QQI")
_FIRST_READ = 32768
"""Bytes requested before the size is known: every server returns them at once, and hundreds of small files fit in the
window."""
SLOWEST_HASH = 8 << 20
"""Bytes a second that a server hashes at least."""
_LARGEST = 1 << 44
"""Upper bound of a file's size, for any server."""


class ReadBack(Operation):
    """The SHA-256 of the file at the full path `remote`, every byte read on a new handle.

    The first READ and an FSTAT go out together: a small file needs no second round.
    """

    __slots__ = ("_awaited", "_client", "_digest", "_early", "_error", "_finished", "_handle", "_hashed", "_is_open",
                 "_next", "_path", "_paused", "_pool", "_remote", "_size")  # fmt: skip

    def __init__(self, path: RelPath, remote: bytes, pool: SftpPool) -> None:
        self._path = path
        self._remote = remote
        self._pool = pool
        self._digest = hashlib.sha256()
        self._early: Dict[int, bytes] = {}
        self._error: Optional[SyncError] = None
        self._handle = b""
        self._is_open = False
        self._hashed = 0
        self._next = 0
        self._size = -1
        self._awaited = 0
        self._paused = False

    def start(self, client: SftpClient, finished: Callable[[object], None]) -> None:
        self._client = client
        self._finished = finished
        self._awaited = 1
        client.open(self._remote, FXF_READ, _UNCHANGED, self._opened)

    def _opened(self, reply: Opened) -> None:
        self._awaited -= 1
        if isinstance(reply, int):
            self._error = self._client.error(reply, self._path)
        else:
            self._handle, self._is_open = reply, True
            self._ask(0, min(_FIRST_READ, self._client.limits.read))
            self._awaited += 1
            self._client.request(FSTAT, ATTRS, string(self._handle), self._looked)
        self._settle()

    def _looked(self, reply: Reply) -> None:
        self._awaited -= 1
        entry = entry_in(reply)
        if entry is None:
            self._error = self._error or self._client.error(reply, self._path)
        else:
            self._size = entry.size
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

    def _ask(self, offset: int, size: int) -> None:
        self._next = max(self._next, offset + size)
        self._pool.pacer.spend(size)
        self._awaited += 1
        self._client.in_flight += size
        self._client.read(self._handle, offset, size, partial(self._got, offset, size))

    def _got(self, offset: int, size: int, reply: Reply) -> None:
        self._awaited -= 1
        self._client.in_flight -= size
        try:
            if reply == FX_EOF:
                self._check_end(offset)
            elif isinstance(reply, int):
                raise self._client.error(reply, self._path)
            else:
                self._take(offset, size, data_of(reply))
        except SyncError as error:
            self._error = self._error or error
        self._pump()

    def _check_end(self, offset: int) -> None:
        """Raise SourceChanged for an end before the size, which may be false: reads would never end."""
        if offset < self._size:
            raise SourceChanged("it ended before its %d bytes" % self._size, path=self._path)

    def _take(self, offset: int, size: int, data: memoryview) -> None:
        count = len(data)
        if not count or count > size:
            raise SourceChanged("the server returned %d bytes for %d" % (count, size), path=self._path)
        if offset != self._hashed:
            self._early[offset] = bytes(data)
        else:
            self._digest.update(data)
            self._hashed += count
            self._take_early()
        if count < size and self._size >= 0 and offset + count < self._size:
            self._ask(offset + count, min(size - count, self._size - offset - count))
        elif self._size < 0:
            self._next = offset + count

    def _take_early(self) -> None:
        while self._hashed in self._early:
            data = self._early.pop(self._hashed)
            self._digest.update(data)
            self._hashed += len(data)

    def _settle(self) -> None:
        if self._awaited:
            return
        if self._is_open:
            self._is_open = False
            self._awaited += 1
            self._client.close_handle(self._handle, self._closed)
            return
        if self._error is None and self._hashed != self._size:
            self._error = SourceChanged("it changed while it was read", path=self._path)
        digest = None if self._error else self._digest.digest()
        self._finished(Digested(self._path, digest, self._hashed, self._error))

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
            self._granted = min(entry.size, _LARGEST) / SLOWEST_HASH
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
