# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The root of a tree on an SFTP server: the names below it, its kind, its creation, its real path."""

from __future__ import annotations

from functools import partial
from typing import Callable, Optional

from ...errors import AlreadyExists, NotFound, ProtocolViolation
from ...model.relpath import ROOT, RelPath
from ...model.tree import Attributes, Entry
from ...sftp import packets
from ...sftp.client import Reply, SftpClient, entry_in
from ...sftp.packets import (
    ATTRS,
    FX_FAILURE,
    FX_NO_SUCH_FILE,
    FX_OP_UNSUPPORTED,
    FX_PERMISSION_DENIED,
    NAME,
    STATUS,
    attributes_field,
    listed,
    string,
)
from ...sftp.pool import SftpPool

_PUBLIC_DIRECTORY = attributes_field(Attributes(mode=0o755))


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
        """Continue with another root."""
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
        """Send one request and wait for its reply."""
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
        """Implement Transport.create_root."""
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
