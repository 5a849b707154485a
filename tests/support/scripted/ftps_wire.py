# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""FTP as it goes over the wire, for the tests' server: commands, replies and the lines of listings.

It shares no code with the product, so that both can be wrong only apart.
"""

from __future__ import annotations

__all__ = [
    "WRITES",
    "Command",
    "Listed",
    "code",
    "dos_line",
    "facts_line",
    "is_write",
    "reply",
    "timestamp",
    "unix_line",
]

import stat
import time
from typing import NamedTuple

WRITES = frozenset(b"STOR STOU APPE RNFR RNTO DELE MKD XMKD RMD XRMD MFMT MFF".split())
_SITE_WRITES = (b"CHMOD", b"UTIME", b"SYMLINK", b"MKDIR", b"RMDIR", b"CPTO", b"CPFR")
_HALF_A_YEAR = 15_778_476
_MONTHS = b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


class Command(NamedTuple):
    """One command: `verb` in capitals, `argument` as it came; secure: inside TLS; number: of all in this server."""

    verb: bytes
    argument: bytes = b""
    secure: bool = True
    session: int = 0
    number: int = 0


class Listed(NamedTuple):
    """One entry of a listing: `kind` as the type fact (file, dir, cdir, pdir), links by `target`; `facts` go behind."""

    name: bytes
    kind: bytes
    size: int = 0
    mtime: float = 0.0
    mode: int = 0o644
    target: bytes = b""
    facts: bytes = b""

    @classmethod
    def of(cls, name: bytes, seen: object, target: bytes = b"") -> Listed:
        """Create an entry from the result of lstat(2)."""
        kind = b"dir" if stat.S_ISDIR(seen.st_mode) else b"file"
        return cls(name, kind, seen.st_size, seen.st_mtime, stat.S_IMODE(seen.st_mode), target)


def is_write(command: Command) -> bool:
    """Return whether the command changes anything in the tree."""
    if command.verb == b"MDTM":
        first, _blank, rest = command.argument.partition(b" ")
        return len(first) == 14 and first.isdigit() and bool(rest)
    if command.verb == b"SITE":
        return command.argument.upper().startswith(_SITE_WRITES)
    return command.verb in WRITES


def reply(number: int, text: bytes, *lines: bytes) -> bytes:
    """Return a whole reply; with `lines` between its first and its last line (RFC 959, section 4.2)."""
    if not lines:
        return b"%d %s\r\n" % (number, text)
    middle = b"".join(b" %s\r\n" % line for line in lines)
    return b"%d-%s\r\n%s%d End\r\n" % (number, text, middle, number)


def code(raw: bytes) -> int:
    """Return the code of a reply made by `reply`."""
    return int(raw[:3])


def timestamp(when: float) -> bytes:
    """Return the time in the form of RFC 3659, section 2.3."""
    return time.strftime("%Y%m%d%H%M%S", time.gmtime(when)).encode()


def facts_line(entry: Listed) -> bytes:
    """Return the line of MLSD and MLST (RFC 3659, section 7.2), without its end."""
    kind = b"OS.unix=slink:" + entry.target if entry.target else entry.kind
    sized = b"" if kind.endswith(b"dir") else b"size=%d;" % entry.size
    facts = b"type=%s;%smodify=%s;UNIX.mode=0%o;" % (kind, sized, timestamp(entry.mtime), entry.mode)
    return b"%s%s %s" % (facts, entry.facts, entry.name)


def unix_line(entry: Listed, months: list[bytes] | None = None, *, day_first: bool = False) -> bytes:
    """Return the line of LIST as `ls -l` writes it, in UTC."""
    kind = stat.S_IFLNK if entry.target else stat.S_IFDIR if entry.kind.endswith(b"dir") else stat.S_IFREG
    when = time.gmtime(entry.mtime)
    month, day = (months or _MONTHS)[when.tm_mon - 1], b"%2d" % when.tm_mday
    recent = 0 <= time.time() - entry.mtime < _HALF_A_YEAR
    last = b"%02d:%02d" % (when.tm_hour, when.tm_min) if recent else b"%5d" % when.tm_year
    dated = b" ".join((day, month, last) if day_first else (month, day, last))
    link = b" -> " + entry.target if entry.target else b""
    permissions = stat.filemode(kind | entry.mode).encode()
    return b"%s    1 20001    20001 %12d %s %s%s" % (permissions, entry.size, dated, entry.name, link)


def dos_line(entry: Listed) -> bytes:
    """Return the line of LIST as servers on Windows write it, in UTC."""
    when = time.strftime("%m-%d-%y  %I:%M%p", time.gmtime(entry.mtime)).encode()
    size = b"      <DIR>         " if entry.kind.endswith(b"dir") else b"%20d" % entry.size
    return b"%s %s %s" % (when, size, entry.name)
