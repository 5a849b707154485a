# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ListedEntry: look an entry up in the listing of its directory, on a server that refuses LSTAT. Loaded by the first
refusal."""

from __future__ import annotations

from functools import partial
from typing import Optional

from ..errors import ProtocolViolation
from .client import Handler, Opened, Reply, SftpClient
from .packets import ATTRS, FX_EOF, FX_FAILURE, HANDLE, NAME, OPENDIR, READDIR, STAT, attributes_in, string

_MOST_REPLIES = 1_000_000


class ListedEntry:
    """An entry that is not listed counts as missing only if STAT does not see it either."""

    def __init__(self, client: SftpClient, path: bytes, handler: Handler) -> None:
        self._client, self._path, self._handler = client, path, handler
        parent, slash, self._name = path.rstrip(b"/").rpartition(b"/")
        self._found: Optional[bytes] = None
        self._replies = 0
        client.request(OPENDIR, HANDLE, string(parent or (b"/" if slash else b".")), self._opened)

    def _opened(self, reply: Opened) -> None:
        if isinstance(reply, int):
            self._handler(reply)
        else:
            self._handle = reply
            self._ask()

    def _ask(self) -> None:
        self._client.request(READDIR, NAME, string(self._handle), self._listed)

    def _listed(self, reply: Reply) -> None:
        if isinstance(reply, int):
            self._client.close_handle(self._handle, partial(self._closed, reply))
            return
        self._replies += 1
        if self._replies > _MOST_REPLIES:
            raise ProtocolViolation("the server's listing does not end")
        self._found = self._found or attributes_in(reply, self._name)
        self._ask()

    def _closed(self, end: int, _reply: Reply) -> None:
        if self._found is not None or end != FX_EOF:
            self._handler(end if self._found is None else self._found)
        else:
            self._client.request(STAT, ATTRS, string(self._path), self._looked)

    def _looked(self, reply: Reply) -> None:
        self._handler(reply if isinstance(reply, int) else FX_FAILURE)
