# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests: the requests of one SFTP process, each joined with its failure.

The server logs a request, and after it `sent status` if it failed. A request has therefore succeeded when another line
of the process follows, or when none has followed for a while (`settled`).

The lines of internal-sftp and sftp-server have requests, their failures, and the bytes of each file. sshd writes a
name in quotes, and escapes control characters, bytes beyond ASCII and backslashes, but neither quotes nor blanks. The
text after the last quote is fixed, so that no name can imitate it; only the two names of a rename can meet in several
places. A line ends after 1023 characters: the numbers after a long name are lost.
"""

from __future__ import annotations

import re
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

from ..integrity.manifest import unescape
from .event import DOWNLOAD, UNKNOWN, UPLOAD, Event
from .work import Result, Who, Work, ends_of_first, oldest

START, END, OPEN, CLOSE, REMOVE, RENAME, MKDIR = "start", "end", "open", "close", "remove", "rename", "mkdir"
RMDIR, SET, LINK, LOOK, FORBIDDEN, STATUS, CUT, STEP = "rmdir", "set", "link", "look", "forbidden", "status", "cut", ""
"""Kinds of lines. LINK: a symbolic or hard link. LOOK: a request that changes nothing. FORBIDDEN: a request that the
server is not allowed to serve. CUT: a line that is too long for the log."""

_LONGEST = 1000
"""A line of this length may be cut: a name ends in an escape sequence of up to four characters."""
_BETWEEN = '" new "'
_NAME = r'"(?P<name>.*)"'
_PATTERNS = tuple(
    (kind, re.compile(pattern, re.DOTALL))
    for kind, pattern in (
        (OPEN, r"open " + _NAME + r" flags (?P<words>[A-Z,]*) mode 0[0-7]*"),
        (CLOSE, r"(?P<forced>forced )?close " + _NAME + r" bytes read (?P<sent>\d+) written (?P<received>\d+)"),
        (STATUS, r"sent status (?P<words>.*)"),
        (LOOK, r"(?:lstat|stat) name " + _NAME),
        (RENAME, r"(?:posix-)?rename old " + _NAME),
        (SET, r"set " + _NAME + r" (?:size \d+|mode [0-7]+|modtime \d{8}-\d\d:\d\d:\d\d|owner \d+ group \d+)"),
        (REMOVE, r"remove name " + _NAME),
        (MKDIR, r"mkdir name " + _NAME + r" mode 0[0-7]*"),
        (RMDIR, r"rmdir name " + _NAME),
        (LINK, r"(?:symlink|hardlink|link) old " + _NAME),
        (LOOK, r"(?:opendir|realpath|readlink|statvfs|fsync|fstatvfs|copy-data) " + _NAME + ".*"),
        (START, r"session opened for local user (?P<words>\S+) from \[(?P<address>[^]]*)\]"),
        (END, r"session closed for local user (?P<words>\S+) from \[(?P<address>[^]]*)\]"),
        (FORBIDDEN, r"Refusing (?P<words>.*) request.*"),
    )
)
_STEPS = re.compile(
    r"received client version |(?:forced )?closedir |Changing to|debug|error: |process_|read |write |limits"
)
_BEGINNING = re.compile(
    r"(?:open|close|forced close|(?:posix-)?rename old|remove name|mkdir name|rmdir name|set|symlink old|hardlink old"
    r'|stat name|lstat name|opendir|realpath|readlink|statvfs|fsync) "'
)
_REQUESTS = (OPEN, CLOSE, REMOVE, RENAME, MKDIR, RMDIR, SET, LINK, LOOK, FORBIDDEN)
_NO_PERMISSION = ("Permission denied", "Operation unsupported")
_MOST_OPEN = 1000


class Line(NamedTuple):
    """One line.

    path, old_path: names
    meanings: of a rename, all pairs of old and new name
    received, sent: bytes that the client wrote and read
    writing: an OPEN for writing
    forced: a CLOSE by the server, at the end of the session
    words: flags, reason, or account
    """

    kind: str
    path: bytes = b""
    meanings: Tuple[Tuple[bytes, bytes], ...] = ()
    received: int = 0
    sent: int = 0
    writing: bool = False
    forced: bool = False
    words: str = ""
    address: str = ""


def parse_sftp(text: str) -> Optional[Line]:
    """Return the meaning of a line, or None if no pattern knows it."""
    for kind, pattern in _PATTERNS:
        found = pattern.fullmatch(text)
        if found:
            return _line(kind, found)
    if len(text) >= _LONGEST and _BEGINNING.match(text):
        return Line(CUT)
    return Line(STEP) if _STEPS.match(text) else None


def _line(kind: str, found: re.Match[str]) -> Optional[Line]:
    fields = found.groupdict()
    words = fields.get("words") or ""
    if kind in (RENAME, LINK):
        return _renamed(kind, fields["name"] or "")
    path = _unescaped(fields.get("name") or "")
    if path is None:
        return None
    return Line(
        kind,
        path,
        received=int(fields.get("received") or 0),
        sent=int(fields.get("sent") or 0),
        writing=kind == OPEN and "WRITE" in words.split(","),
        forced=bool(fields.get("forced")),
        words=words,
        address=fields.get("address") or "",
    )


def _renamed(kind: str, names: str) -> Optional[Line]:
    """Cut the two names apart, at each place where they may meet."""
    meanings: List[Tuple[bytes, bytes]] = []
    for place in ends_of_first(names, _BETWEEN):
        old, new = _unescaped(names[:place]), _unescaped(names[place + len(_BETWEEN) :])
        if old is not None and new is not None:
            meanings.append((old, new))
    if not meanings:
        return Line(CUT) if len(names) + 16 >= _LONGEST else None
    return Line(kind, meanings[0][1], tuple(meanings))


def _unescaped(name: str) -> Optional[bytes]:
    return unescape(name.encode("utf-8", "surrogateescape"))


class Requests:
    """The requests of one process. saved: the result of `saved` in an earlier run."""

    def __init__(self, saved: Optional[Dict[str, Any]] = None) -> None:
        saved = saved or {}
        self._open: Dict[str, bool] = dict(saved.get("open", {}))
        self._last: Optional[List[Any]] = saved.get("last")

    def saved(self) -> Dict[str, Any]:
        """Return the requests as values of JSON."""
        return {"open": self._open, "last": self._last}

    @property
    def names(self) -> int:
        """The characters of the names of all open files."""
        return sum(map(len, self._open))

    def forget(self) -> None:
        """Forget all open files: an empty file, or a file that nothing was written to, has no event at its end."""
        self._open.clear()

    def take(self, line: Line, result: Result, who: Who, work: Work) -> Iterator[Event]:
        if line.kind == STATUS:
            yield from self._end(line.words, who, work)
        elif not self._is_the_same(line):
            yield from self._end("", who, work)
        if line.kind == CUT:
            work.uncounted()
        if line.kind in _REQUESTS:
            self._last = [_as_json(line), result.moment, result.cursor]

    def settled(self, before: float, who: Who, work: Work) -> Iterator[Event]:
        """Report the last request as successful if it is older than this."""
        if self._last is not None and self._last[1] < before:
            yield from self._end("", who, work)

    def _is_the_same(self, line: Line) -> bool:
        """Return whether a line is a further part of the last request: each attribute that is set has a line."""
        return self._last is not None and line.kind == SET and self._last[0][:2] == _as_json(line)[:2]

    def _end(self, failure: str, who: Who, work: Work) -> Iterator[Event]:
        if self._last is not None:
            (values, moment, cursor), self._last = self._last, None
            yield from self._report(_of_json(values), Result(moment, cursor, failure), who, work)

    def _report(self, line: Line, result: Result, who: Who, work: Work) -> Iterator[Event]:
        if result.failure in _NO_PERMISSION and line.kind != CLOSE:
            yield from work.denied(who, result, line.path)
        elif line.kind == OPEN:
            yield from self._opened(line, result, who, work)
        elif line.kind == CLOSE:
            yield from self._closed(line, result, who, work)
        elif line.kind == RENAME:
            yield from work.renamed(who, result, line.meanings)
        elif line.kind in (REMOVE, RMDIR):
            yield from work.deleted(who, result, line.path)
        elif line.kind == MKDIR:
            yield from work.made(who, result, line.path)
        elif line.kind == SET:
            if not self._open.get(line.path.decode("latin-1")):
                yield from work.changed(who, result, line.path)
        elif line.kind == LINK:
            target, path = line.meanings[0]
            yield from work.linked(who, result, path, target)

    def _opened(self, line: Line, result: Result, who: Who, work: Work) -> Iterator[Event]:
        if result.failure:
            yield from work.failed(UPLOAD if line.writing else DOWNLOAD, who, result, line.path)
            return
        name = line.path.decode("latin-1")
        self._open[name] = line.writing or self._open.get(name, False)
        if len(self._open) > _MOST_OPEN:
            del self._open[oldest(self._open)]

    def _closed(self, line: Line, result: Result, who: Who, work: Work) -> Iterator[Event]:
        writing = self._open.pop(line.path.decode("latin-1"), None)
        if line.forced and not result.failure:
            result = result._replace(failure=UNKNOWN)
        if line.received or writing:
            yield from work.uploaded(who, result, line.path, line.received)
        if line.sent or writing is False:
            yield from work.downloaded(who, result, line.path, line.sent)


def _as_json(line: Line) -> List[Any]:
    meanings = [[old.decode("latin-1"), new.decode("latin-1")] for old, new in line.meanings]
    return [line.kind, line.path.decode("latin-1"), meanings, line.received, line.sent, line.writing, line.forced]


def _of_json(values: List[Any]) -> Line:
    kind, path, meanings, received, sent, writing, forced = values
    pairs = tuple((old.encode("latin-1"), new.encode("latin-1")) for old, new in meanings)
    return Line(kind, path.encode("latin-1"), pairs, received, sent, writing, forced)
