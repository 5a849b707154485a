# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The requests of an SFTP client about one file, answered singly in the order that a test wants: no pipe, no time.

server = FileRequests(pool, b"content")
operation.start(client, results.append)
server.answer_all(lambda waiting: 0, most=7)
"""

from __future__ import annotations

__all__ = ["FileRequests"]

from collections.abc import Callable

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.pool import SftpPool

from .sftp_wire import Attributes, data

_EOF, _FAILURE = 1, 4
_Answer = Callable[[object], None]


class FileRequests:
    """Takes the place of the requests of the pool's only session. size: reported by FSTAT in place of the content's."""

    def __init__(self, pool: SftpPool, content: bytes, *, size: int | None = None) -> None:
        self._pool = pool
        client = pool.clients[0]
        self._content = content
        self._size = len(content) if size is None else size
        self._others: list[Callable[[], None]] = []
        self.reads: list[tuple[int, int, _Answer]] = []
        """Offset, size and handler."""
        client.open = lambda _path, _flags, _attributes, handler: self._later(handler, b"handle")
        client.request = lambda _kind, _expected, _body, handler: self._later(handler, self._attributes())
        client.close_handle = lambda _handle, handler: self._later(handler, 0)
        client.read = lambda _handle, offset, size, handler: self.reads.append((offset, size, handler))

    def _attributes(self) -> bytes:
        return Attributes(size=self._size, mode=0o100644, times=(0, 0)).pack()

    def _later(self, handler: _Answer, reply: object) -> None:
        self._others.append(lambda: handler(reply))

    def _answer_others(self) -> None:
        client = self._pool.clients[0]
        self._pool._wake(client)
        while self._others:
            self._others.pop(0)()
            self._pool._wake(client)

    def answer_all(self, pick: Callable[[int], int], most: int) -> None:
        """Answer until nothing is asked. pick: returns which of so many READs; most: bytes of a reply"""
        self._answer_others()
        while self.reads:
            offset, size, handler = self.reads.pop(pick(len(self.reads)))
            part = self._content[offset : offset + min(size, most)]
            handler(data(part).body if part else _EOF)
            self._answer_others()

    def answer_behind_a_gap(self, most: int, *, limit: int, gap: int | None = None) -> int:
        """Answer all READs with zeros but those at offset 0, or at multiples of `gap`; return the bytes that were asked
        for in all. limit: replies"""
        self._answer_others()
        asked, kept = 0, []
        while self.reads and limit:
            offset, size, handler = self.reads.pop(0)
            asked += size
            if offset % gap == 0 if gap else offset == 0:
                kept.append((offset, size, handler))
                continue
            count = min(size, most)
            handler(data(bytes(count)).body)
            asked -= size - count  # asked for again
            limit -= 1
            self._answer_others()
        self.reads += kept
        return asked

    def refuse_all(self) -> None:
        """Refuse the waiting READs."""
        while self.reads:
            self.reads.pop(0)[2](_FAILURE)
        self._answer_others()
