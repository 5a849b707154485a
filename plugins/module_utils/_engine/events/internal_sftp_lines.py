# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
r"""The lines of internal-sftp and sftp-server: requests, their failures, and the bytes of each file.

sshd writes a name in quotes, and escapes control characters, bytes beyond ASCII and backslashes, but neither quotes nor
blanks. The text after the last quote is fixed, so that no name can imitate it; only the two names of a rename can meet
in several places. A line ends after 1023 characters: the numbers after a long name are lost.
"""

from __future__ import annotations

import re
from typing import List, NamedTuple, Optional, Tuple

from ..integrity.manifest import unescape
from .rename_names import ends_of_first

START, END, OPEN, CLOSE, REMOVE, RENAME, MKDIR = "start", "end", "open", "close", "remove", "rename", "mkdir"
RMDIR, SET, LINK, LOOK, FORBIDDEN, STATUS, CUT, STEP = "rmdir", "set", "link", "look", "forbidden", "status", "cut", ""
"""Kinds of lines. LINK: a symbolic or hard link. LOOK: a request that changes nothing. FORBIDDEN: a request that the
server is not allowed to serve. CUT: a line that is too long for the log."""

_LONGEST = 1000
"""A line of this length may be cut: a name ends in an escape sequence of up to four characters."""


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
