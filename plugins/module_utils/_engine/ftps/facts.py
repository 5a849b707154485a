# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of MLSD and MLST as entries: RFC 3659 section 7."""

from __future__ import annotations

import re
from typing import Dict, Optional, Pattern, Tuple

from ..model.relpath import check_name
from ..model.tree import DIRECTORY, FILE, LINK, PERMISSION_BITS, SPECIAL
from .listed import SECOND, Listed, malformed, parse_time

_SELF = (b"cdir", b"pdir")
_KINDS = {b"file": FILE, b"dir": DIRECTORY, b"cdir": DIRECTORY, b"pdir": DIRECTORY}
# ProFTPD: "OS.unix=symlink", or "OS.unix=slink:TARGET" if configured; pure-ftpd: "OS.unix=slink".
_LINKS = (b"os.unix=slink", b"os.unix=symlink")
_SIZE = re.compile(rb"[0-9]{1,18}")
_OCTAL = re.compile(rb"(?:0o)?[0-7]{1,7}")
"""With Python's prefix, as pyftpdlib writes it."""


def mlsd_entry(line: bytes) -> Optional[Listed]:
    """Parse one line of MLSD; return None for the directory itself and its parent (cdir, pdir).

    Raises UnsafeName for a name that is no part of a path, ProtocolViolation for a line that cannot be understood.
    """
    facts, name = _split(line)
    if facts.get(b"type", b"").lower() in _SELF:
        return None
    return _listed(line, facts, check_name(name))


def mlst_entry(line: bytes) -> Listed:
    """Return the middle line of MLST's reply, with its leading space or without. The name is a path of the server's:
    the entry has the last part of it, b"" for the root. A directory asked for by its own name (cdir) is a directory.

    Raises as mlsd_entry.
    """
    facts, path = _split(line[1:] if line[:1] == b" " else line)
    name = path.rstrip(b"/").rpartition(b"/")[2]
    return _listed(line, facts, check_name(name) if name else name)


def _split(line: bytes) -> Tuple[Dict[bytes, bytes], bytes]:
    # Every fact ends with ";", so that the first "; " is the end of them: a group's name may hold a space.
    text, separator, name = line.partition(b"; ")
    if not separator:
        raise malformed(line)
    facts: Dict[bytes, bytes] = {}
    for fact in text.split(b";"):
        key, equals, value = fact.partition(b"=")
        if not equals:
            raise malformed(line)
        facts[key.lower()] = value
    return facts, name


def _listed(line: bytes, facts: Dict[bytes, bytes], name: bytes) -> Listed:
    kind, target = _kind(line, facts)
    mtime, precision = _mtime(facts)
    return Listed(
        name=name,
        kind=kind,
        size=_number(line, facts.get(b"size")),
        mtime=mtime,
        precision=precision,
        mode=_mode(line, facts.get(b"unix.mode")),
        target=target,
        unique=facts.get(b"unique", b""),
    )


def _kind(line: bytes, facts: Dict[bytes, bytes]) -> Tuple[str, Optional[bytes]]:
    stated = facts.get(b"type")
    if not stated:
        raise malformed(line)
    lower = stated.lower()
    kind = _KINDS.get(lower)
    if kind is not None:
        return kind, None
    for mark in _LINKS:
        if lower == mark:
            return LINK, None
        if lower.startswith(mark + b":"):
            return LINK, stated[len(mark) + 1 :] or None
    return SPECIAL, None


def _mtime(facts: Dict[bytes, bytes]) -> Tuple[Optional[int], int]:
    stated = facts.get(b"modify")
    if not stated:
        return None, 0
    return parse_time(stated), SECOND // 10 ** min(len(stated.partition(b".")[2]), 9)


def _number(line: bytes, stated: Optional[bytes], form: Pattern[bytes] = _SIZE, base: int = 10) -> Optional[int]:
    if stated is None:
        return None
    if not form.fullmatch(stated):
        raise malformed(line)
    return int(stated, base)


def _mode(line: bytes, stated: Optional[bytes]) -> Optional[int]:
    mode = _number(line, stated, _OCTAL, 8)
    return None if mode is None else mode & PERMISSION_BITS
