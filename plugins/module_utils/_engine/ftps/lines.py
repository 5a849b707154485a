# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A listing's bytes as lines, bounded."""

from __future__ import annotations

from typing import Iterator

from ..errors import ProtocolViolation
from .data import DataReader

__all__ = ["lines_of"]

_LONGEST_LINE = 65536
_BLOCK = 1 << 18


def lines_of(reader: DataReader) -> Iterator[bytes]:
    """Yield the lines to the clean end of the content, without line ends. Raises as DataReader.read_into, and
    ProtocolViolation for a line of more than 64 KiB."""
    buffer, view = bytearray(), memoryview(bytearray(_BLOCK))
    count = reader.read_into(view)
    while count:
        buffer += view[:count]
        *lines, rest = bytes(buffer).split(b"\n")
        for line in lines:
            yield line[:-1] if line.endswith(b"\r") else line
        buffer = bytearray(rest)
        if len(buffer) > _LONGEST_LINE:
            raise ProtocolViolation("the server lists a line that is longer than %d bytes" % _LONGEST_LINE)
        count = reader.read_into(view)
    if buffer:
        yield bytes(buffer)
