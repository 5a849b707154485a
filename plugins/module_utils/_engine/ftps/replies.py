# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reply: the server's reply to one command, how it is read, and the meaning of a refusal for its item."""

from __future__ import annotations

from typing import List, NamedTuple, Optional, Tuple, Type

from ..errors import (
    AlreadyExists,
    ItemError,
    NoSpace,
    NotFound,
    NotSupported,
    OperationFailed,
    PermissionDenied,
    ProtocolViolation,
    QuotaExceeded,
)
from ..model.blocks import Buffer
from ..model.display import display

_MOST_SHOWN = 300

# The words of strerror(3), which ProFTPD and pure-ftpd pass on, and of vsftpd, which has few.
_BY_WORDS: Tuple[Tuple[bytes, Type[ItemError]], ...] = (
    (b"no such file", NotFound),
    (b"not found", NotFound),
    (b"does not exist", NotFound),
    (b"doesn't exist", NotFound),
    (b"file exists", AlreadyExists),
    (b"already exists", AlreadyExists),
    (b"quota", QuotaExceeded),
    (b"no space left", NoSpace),
    (b"disk full", NoSpace),
    (b"insufficient storage", NoSpace),
    # vsftpd sends no more than these when write(2) or open(2) fails.
    (b"failure writing to local file", NoSpace),
    (b"could not create file", PermissionDenied),
    (b"failed to open file", PermissionDenied),
    (b"permission denied", PermissionDenied),
    (b"operation not permitted", PermissionDenied),
    (b"read-only file system", PermissionDenied),
    (b"access denied", PermissionDenied),
    (b"access is denied", PermissionDenied),
    (b"prohibited", PermissionDenied),
    (b"not implemented", NotSupported),
    (b"not supported", NotSupported),
    (b"not understood", NotSupported),
    (b"unknown command", NotSupported),
    (b"unknown site command", NotSupported),
)
# RFC 959 section 4.2.2; 521 RFC 1639's draft successors and RFC 7151; 202 "superfluous at this site"
_BY_CODE = {
    202: NotSupported,
    452: NoSpace,
    500: NotSupported,
    502: NotSupported,
    504: NotSupported,
    521: AlreadyExists,
    530: PermissionDenied,
    532: PermissionDenied,
    534: NotSupported,
    536: NotSupported,
    552: QuotaExceeded,
}
_CROWDED = (b"too many", b"maximum", b"limit", b"max ", b"exceeded")


class Reply(NamedTuple):
    """One reply (RFC 959 section 4.2).

    code: 100 to 599
    lines: its text without codes and line ends, bytes as sent
    command: the refused command, without its argument; of SITE also the second word
    """

    code: int
    lines: Tuple[bytes, ...]
    command: bytes = b""

    def to(self, verb: bytes, argument: bytes) -> Reply:
        """Return a refusal with its command."""
        if not self.refused:
            return self
        return self._replace(command=verb + b" " + argument.split(b" ")[0] if verb == b"SITE" else verb)

    @property
    def preliminary(self) -> bool:
        """Return whether another reply follows (1xx)."""
        return self.code < 200

    @property
    def good(self) -> bool:
        """Return whether the command was carried out (2xx)."""
        return self.code // 100 == 2

    @property
    def refused(self) -> bool:
        """Return whether the command was not carried out (4xx, 5xx)."""
        return self.code >= 400

    @property
    def text(self) -> str:
        """Code and text for people: printable, at most about 300 characters."""
        shown = display(b" ".join(line.strip() for line in self.lines if line.strip())[: 4 * _MOST_SHOWN])
        cut = shown if len(shown) <= _MOST_SHOWN else shown[:_MOST_SHOWN] + "..."
        return f"{self.code} {cut}" if cut else f"{self.code}"


def item_error(reply: Reply, path: Optional[bytes] = None) -> ItemError:
    """Return the refusal of a command as an error of one item; the server's words are its message.

    The words decide before the code, since most servers send 550 for everything; the item's own name in them does not.
    """
    words = b" ".join(reply.lines).lower()
    for name in _names(path):
        words = words.replace(name, b"")
    for mark, kind in _BY_WORDS:
        if mark in words:
            return kind(_said(reply), path=path)
    return _BY_CODE.get(reply.code, OperationFailed)(_said(reply), path=path)


def access_error(reply: Reply, path: Optional[bytes] = None) -> ItemError:
    """As item_error, for an entry that was looked at: of the reasons for 550 and 553, "no access" is left."""
    error = item_error(reply, path)
    if error.code == OperationFailed.code and reply.code in (550, 553):
        return PermissionDenied(error.message, path=path)
    return error


def too_many(reply: Reply) -> bool:
    """Return whether a refused login names too many sessions as the reason."""
    words = b" ".join(reply.lines).lower()
    return reply.code in (421, 450, 530) and any(mark in words for mark in _CROWDED)


def _said(reply: Reply) -> str:
    if reply.command:
        return f"the server refuses {display(reply.command)}: {reply.text}"
    return f"the server says: {reply.text}"


def _names(path: Optional[bytes]) -> Tuple[bytes, ...]:
    """Return the item's names, as far as they hold words that decide: taking every name away would cut "f" out of
    "file"."""
    if not path:
        return ()
    lower = path.lower()
    names = (lower, lower.rpartition(b"/")[2] or lower)
    return tuple(name for name in names if any(mark in name for mark, _kind in _BY_WORDS))


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
