# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ListedEntry: look an entry up in the listing of its directory, on a server that refuses LSTAT. Loaded by the first
refusal."""

from __future__ import annotations

from typing import Callable

from ..errors import ProtocolViolation
from .client import Handler, Opened, Reply, SftpClient
from .packets import FX_EOF, FX_NO_SUCH_FILE, HANDLE, NAME, OPENDIR, READDIR, attributes_in, string

__all__ = ["ListedEntry"]

_MOST_REPLIES = 1_000_000


class ListedEntry:
    """refusal: the status of LSTAT, passed on if the directory cannot be listed either. works: called if it can."""

    def __init__(
        self, client: SftpClient, path: bytes, handler: Handler, refusal: int, works: Callable[[], None]
    ) -> None:
        self._client, self._handler, self._refusal, self._works = client, handler, refusal, works
        parent, slash, self._name = path.rstrip(b"/").rpartition(b"/")
        self._found: Reply = FX_NO_SUCH_FILE
        self._replies = 0
        client.request(OPENDIR, HANDLE, string(parent or (b"/" if slash else b".")), self._opened)

    def _opened(self, reply: Opened) -> None:
        if isinstance(reply, int):
            self._handler(reply if reply == FX_NO_SUCH_FILE else self._refusal)
            return
        self._works()
        self._handle = reply
        self._ask()

    def _ask(self) -> None:
        self._client.request(READDIR, NAME, string(self._handle), self._listed)

    def _listed(self, reply: Reply) -> None:
        if isinstance(reply, int):
            self._client.message = b""
            if reply != FX_EOF:
                self._found = reply
            self._client.close_handle(self._handle, lambda _reply: self._handler(self._found))
            return
        self._replies += 1
        if self._replies > _MOST_REPLIES:
            raise ProtocolViolation("the server's listing does not end")
        self._found = attributes_in(reply, self._name) or self._found
        self._ask()
