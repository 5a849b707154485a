# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands as bytes, the bytes that a command must not contain, and the features that a server announces; and replies:
how they are read, and the meaning of a refusal for its item."""

from __future__ import annotations

from typing import Dict, Iterable, List, NamedTuple, Optional, Tuple, Type

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
    UnsafeName,
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
_LONGEST_LINE = 8192
_MOST_LINES = 1000
_DIGITS = b"0123456789"
Command = Tuple[bytes, bytes]
"""Verb and argument; the argument b"" if there is none."""
_IAC = b"\xff"
IAC_PROBE: Command = (b"SIZE", b".secure_sync-no-such-name-\xff\xff-")
"""A query for a name that does not exist; its refusal repeats the name."""
_FORBIDDEN = (b"\r", b"\n", b"\0")


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


def flight(commands: Iterable[Command], *, telnet: bool = False) -> bytes:
    """Return the commands in wire form. telnet: the server reads 0xFF as Telnet's IAC, so each 0xFF in an argument is
    doubled (RFC 959 section 5.3.1, RFC 854). Raises UnsafeName for CR, LF or NUL in an argument: they would end the
    command and begin another command."""
    parts: List[bytes] = []
    for verb, argument in commands:
        if any(mark in argument for mark in _FORBIDDEN):
            raise UnsafeName(f"FTP cannot carry the name '{display(argument)}'", path=argument)
        escaped = argument.replace(_IAC, _IAC + _IAC) if telnet else argument
        parts.append(b"%s %s\r\n" % (verb, escaped) if escaped else verb + b"\r\n")
    return b"".join(parts)


def has_iac(commands: Iterable[Command]) -> bool:
    """Return whether it matters for these commands how the server reads 0xFF."""
    return any(_IAC in argument for _verb, argument in commands)


def is_telnet(reply: Reply) -> bool:
    """Return whether the reply to IAC_PROBE shows that the server took the doubled 0xFF for a single byte, as ProFTPD
    does.
    vsftpd and pure-ftpd keep every byte; vsftpd repeats no name in a refusal, pure-ftpd repeats it completely."""
    text = b"".join(reply.lines)
    return _IAC in text and _IAC + _IAC not in text


class Features:
    """The answer to FEAT (RFC 2389 section 3.2), and to SITE HELP where it was asked. lines: of FEAT's reply."""

    def __init__(self, lines: Iterable[bytes] = ()) -> None:
        self._parameters: Dict[bytes, bytes] = {}
        for line in lines:
            # Each feature stands on a line of its own that begins with a space; first and last line do not.
            if line[:1] == b" " and line.strip():
                name, _space, parameters = line.strip().partition(b" ")
                self._parameters[name.upper()] = parameters.strip()
        self.facts: Tuple[bytes, ...] = self._list(b"MLST", lower=True)
        """The facts that MLST and MLSD can give, lower case; () without MLST."""
        self.active_facts = tuple(part.rstrip(b"*").lower() for part in self._parts(b"MLST") if part.endswith(b"*"))
        """The `facts` that the server returns until OPTS MLST selects others."""
        self.hashes: Tuple[bytes, ...] = self._list(b"HASH", lower=False)
        """The algorithms of HASH, as the server writes them; () without HASH."""
        self.utf8 = self.has(b"UTF8")
        self.rest_stream = b"STREAM" in self._parameters.get(b"REST", b"").upper()
        self.answers_in_order = bool(self.facts) or self.has(b"TVFS")
        """Whether several commands may be on their way: servers with RFC 3659 process them in order. ftp-srv does not
        support it and processes all received commands at the same time, except those in one TLS record."""
        self.shares_records = self.has(b"TVFS") and not self.facts
        """Whether several commands may share a TLS record at any time. Of the tested servers, only vsftpd has TVFS
        without MLST; it reads each command up to its LF."""

    def has(self, name: bytes) -> bool:
        """Return whether FEAT names this feature (b"MFMT", b"SIZE", b"XSHA256")."""
        return name in self._parameters

    def _list(self, name: bytes, *, lower: bool) -> Tuple[bytes, ...]:
        found = tuple(part.rstrip(b"*") for part in self._parts(name))
        return tuple(part.lower() for part in found) if lower else found

    def _parts(self, name: bytes) -> Tuple[bytes, ...]:
        # "type*;size*;modify;" and "SHA-256*;SHA-1": the star marks the active values (RFC 3659 section 7.8).
        return tuple(part.strip() for part in self._parameters.get(name, b"").split(b";") if part.strip())
