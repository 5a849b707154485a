# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small files of the run's own, such as the lock: created and renamed only where nothing exists, and read whole."""

from __future__ import annotations

from functools import partial
from typing import Callable

from ...errors import AlreadyExists, OperationFailed, SyncError
from ...model.relpath import RelPath
from ...model.tree import Attributes
from ...sftp import packets
from ...sftp.client import data_of
from ...sftp.packets import FX_EOF, FX_FAILURE, HANDLE, STATUS, attributes_field, string
from ...sftp.pool import SftpPool
from ...sftp.setting import REFUSED
from ..base import NO_RENAMES
from .exclusive import Exclusive
from .root import Root

_NO_ATTRIBUTES = attributes_field(Attributes())
_PRIVATE_FILE = attributes_field(Attributes(mode=0o600))


class SmallFiles:
    """Methods of Transport about one small file. Raises ItemError, AlreadyExists if a name is taken."""

    def __init__(self, root: Root, exclusive: Exclusive, pool: Callable[[], SftpPool]) -> None:
        self._root, self._exclusive, self._pool = root, exclusive, pool

    def create(self, path: RelPath, content: bytes) -> None:
        """Implement Transport.create_file."""
        flags = packets.FXF_WRITE | packets.FXF_CREAT | packets.FXF_EXCL
        handle = self._open(path, flags, _PRIVATE_FILE)
        client, pool, full = self._root.client, self._pool(), self._root.full(path)
        setting = None if pool.setting.tested else pool.setting
        if setting is not None:
            setting.begin(client, handle, self._root.path)
        written = pool.call(client, partial(client.write, handle, 0, content))
        closed = pool.call(client, partial(self._exclusive.close, client, handle, full))
        if setting is not None:
            setting.finish(partial(pool.call, client), pool.wait, client, full)
        self._root.check(written, path)
        self._root.check(closed, path)

    def _open(self, path: RelPath, flags: int, attributes: bytes) -> bytes:
        reply = self._root.call(
            packets.OPEN, HANDLE, string(self._root.full(path)) + packets.U32.pack(flags) + attributes
        )
        if isinstance(reply, int):
            error = self._root.client.error(reply, path)
            if flags & packets.FXF_EXCL and self._root.exists(path):
                raise AlreadyExists("something is there already", path=path)
            raise error
        return bytes(reply)

    def read(self, path: RelPath, limit: int) -> bytes:
        """Implement Transport.read_file."""
        handle = self._open(path, packets.FXF_READ, _NO_ATTRIBUTES)
        client, pool = self._root.client, self._pool()
        content = bytearray()
        while len(content) < limit:
            size = min(client.limits.read, limit - len(content))
            reply = pool.call(client, partial(client.read, handle, len(content), size))
            if reply == FX_EOF:
                break
            if isinstance(reply, int):
                raise client.error(reply, path)
            data = data_of(reply)
            if not 0 < len(data) <= size:
                raise OperationFailed(f"the server returned {len(data)} bytes for {size}", path=path)
            content += data
        pool.call(client, partial(client.close_handle, handle))
        return bytes(content)

    def rename_new(self, old: RelPath, new: RelPath) -> None:
        """Implement Transport.rename_new."""
        root = self._root
        if self._exclusive.replaces is None:
            client = root.client
            self._pool().call(client, partial(self._exclusive.ask, client, root.full(old)))
        if self._exclusive.replaces and root.exists(new):
            raise AlreadyExists("something is there already", path=new)
        names = string(root.full(old)) + string(root.full(new))
        reply = root.call(packets.RENAME, STATUS, names)
        if reply in REFUSED:
            reply = self._without_rename(old, new, root.client.error(reply, old))
        if reply == FX_FAILURE and root.exists(new):
            raise AlreadyExists("something is there already", path=new)
        root.check(reply, old)

    def _without_rename(self, old: RelPath, new: RelPath, error: SyncError) -> int:
        """Make a hard link, which never replaces either. Raises `error` if that is refused too."""
        client, pool, link = self._root.client, self._pool(), b"hardlink@openssh.com"
        if link not in client.extensions or b"posix-rename@openssh.com" not in client.extensions:
            raise error.at(old, cure=NO_RENAMES)
        names = string(self._root.full(old)) + string(self._root.full(new))
        reply = pool.call(client, partial(client.extended, link, names))
        if reply == 0:
            self._root.call(packets.REMOVE, STATUS, string(self._root.full(old)))
        elif not self._root.exists(new):
            raise error
        return FX_FAILURE if reply else 0
