# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Symbolic links over SFTP, on servers that take the two paths of SYMLINK in either order.

The draft puts the link first, OpenSSH and most others the target (OpenSSH's PROTOCOL, section 4.1). A server with the
other order makes the link at the target, which may be anywhere. So the order is determined before the first link is
made: by the extension of the Green End server, or by an attempt that cannot make anything in the wrong order.
"""

from __future__ import annotations

from functools import partial
from typing import Callable, Iterable, Iterator, Optional, Tuple

from ...errors import AlreadyExists, SyncError
from ...model.relpath import RelPath
from ...sftp.client import Reply, SftpClient
from ...sftp.packets import FX_NO_SUCH_FILE, FX_OP_UNSUPPORTED, REMOVE, STATUS, SYMLINK, string
from ...sftp.pool import SftpPool
from ..base import Done
from .names import OnPath

TRIAL = b".order"
"""The end of a trial link's name, behind a name that the run gives."""
_ORDER = b"symlink-order@rjk.greenend.org.uk"
_TARGET_FIRST = {b"linkpath-targetpath": False, b"targetpath-linkpath": True}


class SymlinkOrder:
    """The order of SYMLINK's paths at a server.

    target_first: whether the target comes first; None: not known yet
    left: a trial link that is not removed yet, also after its session was lost
    """

    def __init__(self) -> None:
        self.target_first: Optional[bool] = None
        self.left: Optional[bytes] = None

    def announced(self, client: SftpClient) -> None:
        """Learn it from the server's extensions, if it is announced there."""
        if self.target_first is None:
            self.target_first = _TARGET_FIRST.get(client.extensions.get(_ORDER, b""))


def make_links(
    pool: SftpPool, order: SymlinkOrder, links: Iterable[Tuple[RelPath, bytes]], full: Callable[[RelPath], bytes]
) -> Iterator[Done]:
    """Make each link. Until the order is known, one goes after the other."""
    order.announced(pool.clients[0])
    operations = (MakeLink(path, full(path), target, order) for path, target in links)
    while order.target_first is None:
        operation = next(operations, None)
        if operation is None:
            return
        yield from pool.run(iter([operation]))
    yield from pool.run(operations)


class MakeLink(OnPath):
    """SYMLINK to `target`.

    While the order is unknown, it is tested with a link at the side, to a path below that link itself. A server that
    swaps the two would have to make a link below a name that does not exist.
    """

    def __init__(self, path: RelPath, remote: bytes, target: bytes, order: SymlinkOrder) -> None:
        super().__init__(path, remote)
        self.target = target
        self.order = order

    @property
    def trial(self) -> bytes:
        """Return the name of the link that is made to find out the order."""
        return self.remote + TRIAL

    def begin(self) -> None:
        if self.order.target_first is None:
            self._try(True)
        elif self.order.left is not None:
            self.client.request(REMOVE, STATUS, string(self.order.left), self._tidied)
        else:
            self._make()

    def _send(self, link: bytes, target: bytes, handler: Callable[[Reply], None], *, target_first: bool) -> None:
        names = (target, link) if target_first else (link, target)
        self.client.request(SYMLINK, STATUS, b"".join(map(string, names)), handler)

    def _try(self, target_first: bool) -> None:
        tried = partial(self._tried, target_first)
        self._send(self.trial, self.trial + b"/x", tried, target_first=target_first)

    def _tried(self, target_first: bool, reply: Reply) -> None:
        if reply == 0:
            self.order.target_first = target_first
            self.order.left = self.trial
            self.client.request(REMOVE, STATUS, string(self.trial), self._tidied)
        elif target_first and reply != FX_OP_UNSUPPORTED:
            self._try(False)
        else:
            self.judge(reply)

    def _tidied(self, reply: Reply) -> None:
        self.order.left = None
        if reply in (0, FX_NO_SUCH_FILE):
            self._make()
        else:
            self.judge(reply)

    def _make(self) -> None:
        self._send(self.remote, self.target, self._made, target_first=bool(self.order.target_first))

    def _made(self, reply: Reply) -> None:
        self.judge_or_look(reply, self._looked)

    def _looked(self, error: SyncError, reply: Reply) -> None:
        self.done(error if isinstance(reply, int) else AlreadyExists("something is there already", path=self.path))
