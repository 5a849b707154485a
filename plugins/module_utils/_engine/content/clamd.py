# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clamd: the content of files, checked by clamd over its local socket (clamd(8), INSTREAM in a session).

1. Each new connection must answer VERSION, and find the EICAR test file: a scanner without its signatures finds
   nothing.
2. A file is sent in chunks. Its verdict counts only if it has the number of its command, comes after the last chunk,
   and is one of the two known answers. Everything else is no verdict: the file was not checked.
3. A lost connection is opened again. Of a file that loses two connections, the scanner's own test decides: if it still
   works, the file alone is not checked; otherwise the scanner is unavailable.

clamd cannot be asked for its limits, and calls a file clean that is too large for it, unless AlertExceedsMax is set.
With it, such a file is not checked.
"""

from __future__ import annotations

import re
import select
import socket
import struct
import time
from contextlib import suppress
from typing import Callable, NamedTuple, Optional, Tuple

from ..errors import ContentRefused, ContentUnchecked, ScannerUnavailable, SignaturesOld
from ..model.display import display, display_text
from ..model.request import ContentChecks
from ..model.utc import utc
from ..system.guarded_path import owner_of_guarded

Read = Callable[[int], bytes]

_BLOCK = 1 << 16
_EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS" + b"-TEST-FILE!$H+H*"
"""In parts: this file itself is no test file. See https://www.eicar.org."""
_LIMITS = b"Heuristics.Limits.Exceeded"
_IDLE = 2.0
"""Seconds after which a connection is not used again: clamd closes idle sessions."""
_LONGEST_REPLY = 4096
_MOST_LOST = 3
"""Files in a row that lose their connections."""
_DAY = 86400
_VERSION = re.compile(rb"[^/]+/[0-9]+/[A-Z][a-z]{2} +([A-Z][a-z]{2}) +([0-9]+) ([0-9]+):([0-9]+):([0-9]+) ([0-9]{4})\Z")
_MONTHS = (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec")
_CURE = "Start clamd, and compare content_check.clamd.socket with LocalSocket in clamd.conf."
_LIMITS_CURE = (
    "Set StreamMaxLength, MaxFileSize and MaxScanSize in clamd.conf to content_check.clamd.max_size at least, "
    "and AlertExceedsMax to yes."
)


class Version(NamedTuple):
    """scanner: in clamd's words. signatures: time of the daily database, in seconds since 1970; None if unknown."""

    scanner: str
    signatures: Optional[int]


class _Lost(Exception):
    """The connection cannot be used any more. late: the time of the file is over."""

    def __init__(self, fact: str, *, late: bool = False) -> None:
        super().__init__(fact)
        self.fact, self.late = fact, late


def _fact(error: Exception) -> str:
    return error.fact if isinstance(error, _Lost) else getattr(error, "strerror", None) or str(error)


class Clamd:
    """The scanner for one check at a time. meanwhile: called again and again while a file is checked."""

    def __init__(self, checks: ContentChecks, meanwhile: Callable[[], object]) -> None:
        self._checks = checks
        self._meanwhile = meanwhile
        self._session: Optional[_Session] = None
        self._lost, self._is_late = 0, False
        self.version = Version("", None)

    def begin(self) -> _Session:
        """Open a connection, which tests the scanner. Raises ScannerUnavailable, SignaturesOld."""
        self.close()
        try:
            self._session = session = _Session(self._checks, self._meanwhile)
            self.version = session.test()
        except (_Lost, OSError) as error:
            self.close()
            raise ScannerUnavailable(
                f"content_check.clamd.socket: {display(self._checks.socket)}: {_fact(error)}", cure=_CURE
            ) from None
        self._require_fresh()
        return session

    def _require_fresh(self) -> None:
        made = self.version.signatures
        if made is None:
            raise SignaturesOld(
                f"content_check.clamd: the age of the signatures is not known: {self.version.scanner}",
                cure="Install the daily database of ClamAV, and let freshclam update it.",
            )
        age = time.time() - made
        if not -_DAY <= age <= self._checks.max_signature_age:
            raise SignaturesOld(
                f"content_check.clamd: the signatures are of {utc(made)}, and max_signature_age is "
                f"{self._checks.max_signature_age} seconds",
                cure="Let freshclam update the signatures, and compare the clocks.",
            )

    def check(self, read: Read, again: Callable[[], bool]) -> None:
        """Check a content. read: returns its next bytes; again: begins it again, and returns whether that is possible.

        Raises ContentRefused, ContentUnchecked, ScannerUnavailable, and the errors of `read`.
        """
        fact = self._attempt(read)
        if fact and not self._is_late and again():
            fact = self._attempt(read)
        if not fact:
            return
        self._lost += 1
        if self._lost >= _MOST_LOST:
            text = f"content_check.clamd: {_MOST_LOST} files in a row were not checked: {fact}"
            raise ScannerUnavailable(text, cure=_CURE)
        self.begin()
        raise ContentUnchecked(f"the scanner gave no verdict: {fact}", cure="See the log of clamd.")

    def _attempt(self, read: Read) -> str:
        """Return how the connection was lost, or "" for a clean content."""
        session = self._session
        if session is None or session.is_idle:
            session = self.begin()
        try:
            reply, over = session.scan(read)
        except (_Lost, OSError) as error:
            self._is_late = isinstance(error, _Lost) and error.late
            self.close()
            return _fact(error)
        except BaseException:
            self.close()
            raise
        if over:
            self.close()
        self._lost = 0
        _judge(reply)
        return ""

    def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()


def _judge(reply: bytes) -> None:
    """Raise for each answer other than the answer for a clean file."""
    if reply == b"stream: OK":
        return
    name = _name(reply)
    if name is not None and not name.startswith(_LIMITS):
        raise ContentRefused(
            f"clamd found {display(name)}",
            cure="Ask the owner of the file. If it is harmless, exclude its path from the run.",
        )
    fact = display(reply[:200])
    raise ContentUnchecked(f"the scanner did not check it whole: {fact}", cure=_LIMITS_CURE)


def _name(reply: bytes) -> Optional[bytes]:
    """Return the name of the finding; None for other answers."""
    begin, end = b"stream: ", b" FOUND"
    inner = reply[len(begin) : -len(end)]
    return inner if inner and reply.startswith(begin) and reply.endswith(end) else None


class _Session:
    """One connection. Raises _Lost, OSError."""

    def __init__(self, checks: ContentChecks, meanwhile: Callable[[], object]) -> None:
        self._timeout = checks.timeout
        self._meanwhile = meanwhile
        self._number = 0
        self._used = time.monotonic()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            owner = owner_of_guarded(checks.socket)
            self._socket.settimeout(self._timeout)
            self._socket.connect(checks.socket)
            self._poll = select.poll()
            self._poll.register(self._socket, select.POLLIN)
            _pid, uid, _gid = struct.unpack("3i", self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
            if uid not in (0, owner):
                raise _Lost(f"the process behind it belongs to the user {uid}, who does not own the socket")
        except BaseException:
            self.close()
            raise

    @property
    def is_idle(self) -> bool:
        return time.monotonic() - self._used > _IDLE

    def test(self) -> Version:
        self._until = time.monotonic() + self._timeout
        self._socket.sendall(b"zIDSESSION\0")
        version = _version(self._command(b"zVERSION\0"))
        left = [_EICAR, b""]
        reply, over = self.scan(lambda _count: left.pop(0))
        found = _name(reply)
        if over or found is None or found.startswith(_LIMITS):
            raise _Lost(f"the scanner does not find the EICAR test file: {display(reply[:200])}")
        return version

    def _command(self, line: bytes) -> bytes:
        self._socket.sendall(line)
        self._number += 1
        return self._reply()

    def scan(self, read: Read) -> Tuple[bytes, bool]:
        """Return the answer to one content, and whether the scanner ended the session with it."""
        self._until = time.monotonic() + self._timeout
        try:
            self._number += 1
            self._send(b"zINSTREAM\0")
            block = read(_BLOCK)
            while block:
                self._send(struct.pack(">I", len(block)) + block)
                self._meanwhile()
                block = read(_BLOCK)
            early = self._poll.poll(0)
            if not early:
                self._send(bytes(4))
        except (BrokenPipeError, ConnectionResetError):
            # A scanner that ends a stream at its limit says so before.
            with suppress(OSError, _Lost):
                return self._error_of(self._reply()), True
            raise _Lost("it closed the connection within the file") from None
        if early:
            return self._error_of(self._reply()), True
        return self._reply(), False

    def _error_of(self, reply: bytes) -> bytes:
        """Return an answer that came before the end of the file: no verdict, but a reason."""
        if not reply.endswith(b" ERROR"):
            raise _Lost("it answered before the end of the file")
        return reply

    def _send(self, data: bytes) -> None:
        self._socket.settimeout(self._left())
        try:
            self._socket.sendall(data)
        except socket.timeout:
            self._left()
            raise

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise _Lost(f"no answer within {self._timeout:g} seconds", late=True)
        return left

    def _reply(self) -> bytes:
        """Return the next answer, without its number."""
        whole = b""
        while not whole.endswith(b"\0"):
            self._meanwhile()
            if not self._poll.poll(1000 * min(1.0, self._left())):
                continue
            part = self._socket.recv(_LONGEST_REPLY)
            whole += part
            if not part:
                raise _Lost("it closed the connection without an answer" if not whole else _unknown(whole))
            if len(whole) > _LONGEST_REPLY:
                raise _Lost("its answer does not end")
        number, _colon, reply = whole[:-1].partition(b": ")
        if number != b"%d" % self._number or b"\0" in reply:
            raise _Lost(_unknown(whole))
        self._used = time.monotonic()
        return reply

    def close(self) -> None:
        self._socket.close()


def _unknown(answer: bytes) -> str:
    return f"unknown answer: {display(answer[:200])}"


def _version(reply: bytes) -> Version:
    """Return the version. The time has no zone: it is taken as a time of this host's zone."""
    if not reply.startswith(b"ClamAV "):
        raise _Lost(_unknown(reply))
    found, made = _VERSION.match(reply), None
    if found is not None and found[1] in _MONTHS:
        day, hour, minute, second, year = map(int, found.groups()[1:])
        with suppress(ValueError, OverflowError):
            made = int(time.mktime((year, _MONTHS.index(found[1]) + 1, day, hour, minute, second, 0, 0, -1)))
    return Version(display_text(reply[:200].decode("ascii", "replace")), made)
