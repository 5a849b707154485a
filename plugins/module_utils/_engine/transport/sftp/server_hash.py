# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an SFTP server hashes files itself: by check-file, or by sha256sum(1) where the account has a shell."""

from __future__ import annotations

from functools import partial
from typing import Callable, Iterable, Iterator, Optional, Sequence

from ...errors import NotSupported
from ...model.relpath import ROOT, RelPath
from ...sftp.packets import FX_OP_UNSUPPORTED
from ...sftp.pool import SftpPool
from ...ssh.stream import Stream
from ..base import Digested
from .digest import CheckFile, check_file_body
from .names import Look
from .remote_sha256sum import RemoteSha256sum

CHECK_FILE, SHA256SUM = "check-file", "sha256sum"


class ServerHash:
    """Hashes files on the server.

    pool: the sessions
    full: returns the server's path for a path of the tree
    open_exec: starts a command on the server
    stall_timeout: seconds
    """

    def __init__(
        self,
        pool: Callable[[], SftpPool],
        full: Callable[[RelPath], bytes],
        open_exec: Callable[[str], Stream],
        *,
        stall_timeout: float,
    ) -> None:
        self._pool, self._full = pool, full
        self._sha256sum = RemoteSha256sum(
            open_exec, stall_timeout=stall_timeout, sizes=self._size_of, meanwhile=lambda: pool().beat()
        )
        self._has_check_file: Optional[bool] = None

    def foresee(self) -> None:
        """Start the preparations for `way`."""
        if not self.checks_files():
            self._sha256sum.begin()

    def way(self) -> Optional[str]:
        """CHECK_FILE, SHA256SUM, or None; asked once."""
        if self.checks_files():
            return CHECK_FILE
        return SHA256SUM if self._sha256sum.available() else None

    def checks_files(self) -> bool:
        """Return whether the server has check-file; asked once."""
        # ProFTPD does not advertise check-file; every server that lacks it replies "unsupported".
        if self._has_check_file is None:
            pool = self._pool()
            ask = partial(pool.clients[0].extended, b"check-file-name", check_file_body(self._full(ROOT)))
            reply = pool.call(pool.clients[0], ask)
            self._has_check_file = isinstance(reply, int) and reply != FX_OP_UNSUPPORTED
        return self._has_check_file

    def digest(self, paths: Iterable[RelPath]) -> Iterator[Digested]:
        """Implement Transport.digest_by_server."""
        way, pool = self.way(), self._pool()
        if way is None:
            raise NotSupported("the server cannot hash files", cure="Use proof: read_back, or auto.")
        if way == CHECK_FILE:
            return pool.run(CheckFile(path, self._full(path), pool) for path in paths)
        return self._sha256sum.digest({self._full(path): path for path in paths})

    def _size_of(self, paths: Sequence[RelPath]) -> int:
        looks = self._pool().run(Look(path, self._full(path)) for path in paths)
        return sum(entry.size for _path, entry, _error in looks if entry is not None)

    def close(self) -> None:
        """End the processes on the server."""
        self._sha256sum.close()
