# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A session with an SFTP server whose replies are a table: one for each kind of request.

with sftp_table({STAT: status(NO_SUCH_FILE)}) as session:
    assert Root(b"/srv", lambda: session.pool).entry() is None
"""

from __future__ import annotations

__all__ = ["SftpTable", "sftp_table"]

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.sftp.pool import SftpPool

from .pipe_stream import AnsweringStream, packet, version
from .sftp_wire import Reply, ok


@dataclass
class SftpTable:
    """replies: by the kind of request, and may change in between; all others succeed"""

    pool: SftpPool
    stream: AnsweringStream
    replies: dict[int, Reply]

    @property
    def asked(self) -> list[int]:
        """Return the kinds of all requests so far."""
        return self.stream.asked


@contextmanager
def sftp_table(replies: Mapping[int, Reply], *extensions: bytes) -> Iterator[SftpTable]:
    """Yield a session that is logged in. extensions: names and versions in the greeting"""
    table = dict(replies)

    def answer(kind: int, ident: int) -> bytes:
        reply = table.get(kind, ok())
        return packet(reply.kind, ident, reply.body)

    stream, pool = AnsweringStream(version(*extensions), answer), SftpPool(stall_timeout=10.0)
    try:
        pool.add(stream)
        yield SftpTable(pool, stream, table)
    finally:
        pool.close()
