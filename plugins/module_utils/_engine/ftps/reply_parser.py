# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ReplyParser: the bytes of the control connection as replies, bounded."""

from __future__ import annotations

from typing import List, Optional

from ..errors import ProtocolViolation
from ..model.buffer import Buffer
from ..model.display import display
from .replies import Reply

_LONGEST_LINE = 8192
_MOST_LINES = 1000
_DIGITS = b"0123456789"


class ReplyParser:
    """Takes bytes as they arrive, returns whole replies. Bytes outside the form or the bounds raise ProtocolViolation:
    lines of 8 KiB, replies of 1,000 lines."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._scanned = 0
        self._code = 0
        self._lines: List[bytes] = []

    @property
    def empty(self) -> bool:
        """Return whether every byte so far belongs to a reply that was taken."""
        return not self._buffer and not self._lines

    def feed(self, data: Buffer) -> None:
        """Take the next bytes of the control connection."""
        self._buffer += data

    def next(self) -> Optional[Reply]:
        """Return the next whole reply, None if there is none yet."""
        line = self._line()
        while line is not None:
            reply = self._take(line)
            if reply is not None:
                return reply
            line = self._line()
        return None

    def _line(self) -> Optional[bytes]:
        end = self._buffer.find(b"\n", self._scanned)
        if (len(self._buffer) if end < 0 else end) > _LONGEST_LINE:
            raise ProtocolViolation(f"the server sends a line that is longer than {_LONGEST_LINE} bytes")
        if end < 0:
            self._scanned = len(self._buffer)
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        self._scanned = 0
        line = line[:-1] if line.endswith(b"\r") else line
        if b"\r" in line or b"\0" in line:
            raise ProtocolViolation(f"the server sends a bare CR or a NUL in a reply: {display(line[:80])}")
        return line

    def _take(self, line: bytes) -> Optional[Reply]:
        if not self._lines:
            self._code = _code_of(line)
            self._lines.append(line[4:])
            return None if line[3:4] == b"-" else self._whole()
        if len(self._lines) >= _MOST_LINES:
            raise ProtocolViolation(f"the server sends a reply of more than {_MOST_LINES} lines")
        code = b"%d" % self._code
        if line[:3] == code and line[3:4] in (b" ", b""):
            self._lines.append(line[4:])
            return self._whole()
        self._lines.append(line[4:] if line[:4] == code + b"-" else line)
        return None

    def _whole(self) -> Reply:
        reply = Reply(self._code, tuple(self._lines))
        self._lines = []
        return reply


def _code_of(line: bytes) -> int:
    digits = line[:3]
    if (
        len(digits) != 3
        or digits.strip(_DIGITS)
        or line[3:4] not in (b" ", b"-", b"")
        or not b"1" <= digits[:1] <= b"5"
    ):
        raise ProtocolViolation(f"the server sends a line that is not an FTP reply: {display(line[:80])}")
    return int(digits)
