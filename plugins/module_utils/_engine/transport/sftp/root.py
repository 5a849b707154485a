# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The root of a tree on an SFTP server: the names below it, its kind, its creation, its real path; and small files of
the run's own, such as the lock: created and renamed only where nothing exists, and read whole.

RENAME must not replace (draft-ietf-secsh-filexfer-02 section 6.5), and the lock of a destination is made by it. Some
servers replace all the same, such as rclone.
"""

from __future__ import annotations

from functools import partial
from typing import Callable, List, Optional

from ...errors import AlreadyExists, NotFound, OperationFailed, ProtocolViolation, SyncError
from ...model.relpath import ROOT, RelPath
from ...model.tree import Attributes, Entry
from ...sftp import packets
from ...sftp.client import Handler, Reply, SftpClient, data_of, entry_in
from ...sftp.packets import (
    ATTRS,
    FX_EOF,
    FX_FAILURE,
    FX_NO_SUCH_FILE,
    FX_OP_UNSUPPORTED,
    FX_PERMISSION_DENIED,
    HANDLE,
    NAME,
    RENAME,
    STATUS,
    UNCHANGED,
    attributes_field,
    listed,
    string,
)
from ...sftp.pool import SftpPool
from ...sftp.setting import REFUSED
from ..base import NO_RENAMES

_PUBLIC_DIRECTORY = attributes_field(Attributes(mode=0o755))
_PRIVATE_FILE = attributes_field(Attributes(mode=0o600))
RENAME_REPLACES = (
    "the server's RENAME replaces files that exist: the lock stops a later run, but not a run that begins at the same "
    "moment"
)


class Root:
    """pool: returns the sessions; the first of them carries the requests.

    path: as the server understands it; prefix: the start of each name below it
    """

    def __init__(self, path: bytes, pool: Callable[[], SftpPool]) -> None:
        self._pool = pool
        self._missing = False
        self.path = self.prefix = b""
        self.move(path)

    def move(self, path: bytes) -> None:
        self.path = path
        self.prefix = path if path.endswith(b"/") else path + b"/"
        self._missing = False

    def full(self, path: RelPath) -> bytes:
        """Return the name of an entry for the server."""
        return self.prefix + path if path else self.path

    @property
    def client(self) -> SftpClient:
        """Return the first session."""
        return self._pool().clients[0]

    def call(self, kind: int, expected: int, body: bytes) -> Reply:
        client = self.client
        return self._pool().call(client, lambda handler: client.request(kind, expected, body, handler))

    def check(self, reply: Reply, path: RelPath) -> None:
        """Raise the error of a reply about an entry, unless it reports success."""
        if reply != 0:
            raise self.client.error(reply, path)

    def exists(self, path: RelPath) -> bool:
        """Return whether the name is taken, also by a link to nothing."""
        client = self.client
        return not isinstance(self._pool().call(client, partial(client.lstat, self.full(path))), int)

    def entry(self) -> Optional[Entry]:
        """Implement Transport.root_entry. If the server refuses STAT, a path with a slash at its end leads to the
        target of a link all the same."""
        reply = self._stat(self.path)
        self._missing = reply == FX_NO_SUCH_FILE
        if self._missing:
            return None
        entry = entry_in(reply)
        if entry is None:
            raise self.client.error(reply, ROOT)
        return entry

    def _stat(self, path: bytes) -> Reply:
        reply = self.call(packets.STAT, ATTRS, string(path))
        for name in (path.rstrip(b"/") + b"/", path) if reply in (FX_PERMISSION_DENIED, FX_OP_UNSUPPORTED) else ():
            looked = self.call(packets.LSTAT, ATTRS, string(name))
            if not isinstance(looked, int):
                return looked
            reply = FX_NO_SUCH_FILE if looked == FX_NO_SUCH_FILE else reply
        return reply

    def create(self) -> None:
        reply = self.call(packets.MKDIR, STATUS, string(self.path) + _PUBLIC_DIRECTORY)
        if reply == FX_FAILURE and self.exists(ROOT):
            raise AlreadyExists("something is there already", path=ROOT)
        self.check(reply, ROOT)
        self._missing = False

    def real(self) -> bytes:
        """Implement Transport.real_root. Some servers return a path for names that do not exist. If the server refuses
        REALPATH, the path stays as it was written."""
        found = None if self._missing else self._real_path(self.path)
        if found is None:
            parent, slash, name = self.path.rstrip(b"/").rpartition(b"/")
            found = self._real_path(parent or (b"/" if slash else b"."))
            if found is None or isinstance(self._stat(found), int):
                raise NotFound("its parent directory is missing", path=ROOT)
            found = name if found == b"." else found.rstrip(b"/") + b"/" + name
        return found

    def _real_path(self, path: bytes) -> Optional[bytes]:
        reply = self.call(packets.REALPATH, NAME, string(path))
        if reply in (FX_PERMISSION_DENIED, FX_OP_UNSUPPORTED):
            return path.rstrip(b"/") or path
        if isinstance(reply, int):
            return None
        names = list(listed(reply))
        if len(names) != 1 or not names[0][0].startswith(b"/"):
            raise ProtocolViolation("the server's real path is malformed")
        return names[0][0]


class SmallFiles:
    """Methods of Transport about one small file. Raises ItemError, AlreadyExists if a name is taken."""

    def __init__(self, root: Root, exclusive: Exclusive, pool: Callable[[], SftpPool]) -> None:
        self._root, self._exclusive, self._pool = root, exclusive, pool

    def create(self, path: RelPath, content: bytes) -> None:
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
        handle = self._open(path, packets.FXF_READ, UNCHANGED)
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


class Exclusive:
    """replaces: whether RENAME replaces, None while unknown. It is tested once, by renaming a temporary file to its own
    name: the server refuses that, or does nothing. note: called with notes for the result."""

    def __init__(self, note: Callable[[str], None]) -> None:
        self.replaces: Optional[bool] = None
        self._note = note

    def ask(self, client: SftpClient, remote: bytes, handler: Handler) -> None:
        """Find it out on the file `remote`."""

        def tried(reply: Reply) -> None:
            self._learn(reply)
            handler(reply)

        client.request(RENAME, STATUS, 2 * string(remote), tried)

    def _learn(self, reply: Reply) -> None:
        if reply != FX_NO_SUCH_FILE:
            self.replaces = reply == 0
        if self.replaces:
            self._note(RENAME_REPLACES)

    def close(self, client: SftpClient, handle: bytes, remote: bytes, handler: Handler) -> None:
        """Close a file of our own. The first time the question goes with it, so that it takes no time of its own."""
        if self.replaces is not None:
            client.close_handle(handle, handler)
            return
        closed: List[Reply] = []
        tried: List[Reply] = []

        def take(replies: List[Reply], reply: Reply) -> None:
            replies.append(reply)
            if closed and tried:
                handler(closed[0])

        client.close_handle(handle, partial(take, closed))
        self.ask(client, remote, partial(take, tried))
