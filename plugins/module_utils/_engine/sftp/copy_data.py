# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""copy-data: the server copies bytes from one open file to another; no byte of them crosses the network.

draft-ietf-secsh-filexfer-extensions-00 section 7, as OpenSSH has it since 9.0. The session is silent until a part is
copied, so that large files are copied in parts. A success does not mean that all bytes were copied: OpenSSH reports it
also if the source ends within the range. The copy is proven like any stage.
"""

from __future__ import annotations

from struct import Struct
from typing import Iterator, NamedTuple

from .client import Handler, Reply, SftpClient
from .packets import string
from .pool import SftpPool

NAME = b"copy-data"
VERSION = b"1"
LARGEST_PART = 32 << 20
"""Bytes of one request at most: other requests of the session, the heartbeat among them, wait for its end."""
SLOWEST_COPY = 1 << 20
"""Bytes a second that a server copies at least."""

_RANGE = Struct(">QQ")
_OFFSET = Struct(">Q")


class CopiedPart(NamedTuple):
    """A range to copy.

    source, target: handles of two open files, for reading and for writing
    offset, size: in the source; at least 1 byte
    target_offset: where the range begins in the target
    """

    source: bytes
    offset: int
    size: int
    target: bytes
    target_offset: int


def copies_data(client: SftpClient) -> bool:
    """Return whether the server announces copy-data in the version that is known here."""
    return client.extensions.get(NAME) == VERSION


def copy_data(pool: SftpPool, client: SftpClient, part: CopiedPart, handler: Handler) -> None:
    """Have the server copy one part; the handler gets the status. The server may be silent until it has copied."""
    if part.size < 1:
        # On the wire, 0 means up to the end of the source.
        raise ValueError("nothing to copy")
    granted = part.size / SLOWEST_COPY

    def copied(reply: Reply) -> None:
        pool.grant(-granted)
        handler(reply)

    pool.grant(granted)
    source = string(part.source) + _RANGE.pack(part.offset, part.size)
    client.extended(NAME, source + string(part.target) + _OFFSET.pack(part.target_offset), copied)


def parts_of(part: CopiedPart) -> Iterator[CopiedPart]:
    """Yield a range of any size as parts of at most LARGEST_PART bytes, in order."""
    for done in range(0, part.size, LARGEST_PART):
        yield part._replace(
            offset=part.offset + done,
            size=min(LARGEST_PART, part.size - done),
            target_offset=part.target_offset + done,
        )
