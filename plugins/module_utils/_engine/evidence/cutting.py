# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of files that do not go into the evidence.

- A log that is too large for its room is cut: its first and its newest part stay. A client that fills a log can push
  neither its earlier nor its later attacks out of both. Several logs share their room: a log that is filled takes no
  room from a log that needs less than an equal share.
- Private keys and password hashes are recognised by their content, under any name of the file. A file of settings is
  text, a list of revoked keys, or no evidence. So compressed and encoded keys stay out without a rule for each form;
  the rules below are for keys that are text.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import IO, Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional

WHOLE, FIRST, NEWEST = "", ".first", ".newest"

_RECORDS = 28032
_WINDOW = 1 << 20

ReadAt = Callable[[int, int], bytes]
"""(count, offset) -> at most so many bytes; see os.pread."""
_KRL = b"SSHKRL\n\0"
_MARKS = (
    re.compile(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----"),
    re.compile(rb"---- BEGIN SSH2 (ENCRYPTED )?PRIVATE KEY ----"),
    re.compile(rb"PuTTY-User-Key-File-[0-9]"),
    re.compile(rb"(?i)AGE-SECRET-KEY-1"),
    re.compile(rb"openssh-key-v1\0"),
    re.compile(rb"\((?:protected-|shadowed-)?private-key|\(\d+:(?:protected-|shadowed-)?private-key"),
    re.compile(rb"(?im)^[ \t]*(?:PrivateKey|PresharedKey|Private-MAC)[ \t]*[:=]"),
)
_WEB_KEY = re.compile(rb'(?P<kind>"kty")|(?P<number>"d"[ \t\r\n]*:)')
_WEB_KEY_LENGTH = 4096
_PASSWORD = re.compile(rb"(?im)^[ \t]*SQLConnectInfo[ \t]+\S+[ \t]+\S+[ \t]+\S")
_HASHES = (
    re.compile(rb"(?m)^[^:\n]*:!{0,2}\$[0-9a-zA-Z]+\$[^:\n]+"),
    re.compile(
        rb"\$(?:[1567y]|gy|2[abxy]|md5|sha1|sm3y?|apr1|argon2(?:id|[id])|scrypt|pbkdf2[a-z0-9-]*)\\?\$"
        rb"(?:[^\s$\"']*\$){0,8}[./+A-Za-z0-9]{20}"
    ),
)
"""In a list of accounts, with any name of the method; in other settings, with the names that programs use. There the
dollars may be escaped or doubled."""
_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{16,}[ \t]*\r?\n?[ \t]*)+[A-Za-z0-9+/]*={0,2}")
_DER_KEY = re.compile(rb"0(?:[\x00-\x7f]|\x81.|\x82..|\x83...)\x02\x01[\x00\x01\x03](?:0|\x02|\x04)", re.DOTALL)
"""A sequence that begins with a version: PKCS #1, #8 and #12, SEC 1. A certificate begins with another sequence."""


class Part(NamedTuple):
    """The bytes of a source from `start` to before `end`. suffix: of the name of the member."""

    suffix: str
    start: int
    end: int


def shares(sizes: Mapping[str, int], room: int) -> Dict[str, int]:
    """Return the bytes that each source gets: at most its size, and an equal share of the room that smaller sources
    leave."""
    found: Dict[str, int] = {}
    for number, name in enumerate(sorted(sizes, key=lambda each: sizes[each])):
        found[name] = min(sizes[name], max(0, room) // (len(sizes) - number))
        room -= found[name]
    return found


def parts(size: int, room: int, read_at: ReadAt, entry: bytes = b"") -> List[Part]:
    """Return the parts of a source that fit in the room.

    entry: begin of each entry, after an empty line; no entry is cut. Without it, the cuts are between records of wtmp
    (384 bytes) and lastlog (292 bytes).
    """
    if size <= room:
        return [Part(WHOLE, 0, size)]
    end = max(0, room) // 2
    start = size - end
    if entry:
        end, start = _before(b"\n\n" + entry, end, read_at), _after(b"\n\n" + entry, start, size, read_at)
    elif end >= _RECORDS:
        end, start = end // _RECORDS * _RECORDS, -(-start // _RECORDS) * _RECORDS
    return [Part(FIRST, 0, end), Part(NEWEST, min(start, size), size)]


def _before(border: bytes, end: int, read_at: ReadAt) -> int:
    begin = max(0, end - _WINDOW)
    place = Ranged(read_at, begin, end).read(_WINDOW).rfind(border)
    return end if place < 0 else begin + place + 2


def _after(border: bytes, start: int, size: int, read_at: ReadAt) -> int:
    place = Ranged(read_at, start, size).read(_WINDOW).find(border)
    return start if place < 0 else start + place + 2


class Ranged:
    """The bytes of a source from `start` to before `end`, as a file that is read once."""

    def __init__(self, read_at: ReadAt, start: int, end: int) -> None:
        self._read_at, self._place, self._end = read_at, start, end

    def read(self, count: int) -> bytes:
        """Return so many bytes; fewer only at the end."""
        found: List[bytes] = []
        count = min(count, self._end - self._place)
        while count > 0:
            data = self._read_at(count, self._place)
            if not data:
                break
            found.append(data)
            self._place += len(data)
            count -= len(data)
        return b"".join(found)


class Ends:
    """The first and the newest bytes of a stream, in a file of limited size: its second half is written again and
    again from its begin.

    room: bytes of the file
    size: bytes of the stream
    """

    def __init__(self, file: IO[bytes], room: int) -> None:
        self._file, self._half = file, max(0, room) // 2
        self.room, self.size = 2 * self._half, 0

    def write(self, data: bytes) -> None:
        """Add bytes to the stream. Raises OSError of the file."""
        if not self._half:
            self.size += len(data)
            return
        view = memoryview(data)
        while view:
            place, left = self._place(self.size)
            self._file.seek(place)
            self._file.write(view[:left])
            self.size += len(view[:left])
            view = view[left:]

    def read_at(self, count: int, offset: int) -> bytes:
        """Return at most so many bytes at this offset of the stream, in its first or its newest half."""
        if not self._half:
            return b""
        place, left = self._place(offset)
        self._file.seek(place)
        return self._file.read(max(0, min(count, left, self.size - offset)))

    def _place(self, offset: int) -> tuple[int, int]:
        """Return the place of a byte in the file, and the bytes up to the end of this half."""
        place = offset if offset < self._half else self._half + offset % self._half
        return place, self._half - offset % self._half


def secret_kind(content: bytes) -> Optional[str]:
    """Return why a file of settings is left out; None for a file without secrets."""
    if content.startswith(_KRL):
        return None
    plain = content.replace(b"\0", b"")  # UTF-16
    if any(_is_key(each) for each in (content, plain)) or any(_is_key(each) for each in _decoded(plain)):
        return "private key"
    if any(each.search(plain) for each in _HASHES):
        return "password hash"
    if _PASSWORD.search(plain):
        return "password"
    return None if _is_text(content) else "not text"


def _is_key(content: bytes) -> bool:
    return any(mark.search(content) for mark in _MARKS) or _DER_KEY.match(content) is not None or _is_web_key(content)


def _is_web_key(content: bytes) -> bool:
    """Return whether kind and private number of a JSON Web Key stand together: each name is sought once."""
    found = [(match.start(), match.lastgroup) for match in _WEB_KEY.finditer(content)]
    return any(
        first[1] != second[1] and second[0] - first[0] <= _WEB_KEY_LENGTH for first, second in zip(found, found[1:])
    )


def _decoded(content: bytes) -> Iterator[bytes]:
    """Yield the content of runs of BASE64."""
    for run in _BASE64.finditer(content):
        text = re.sub(rb"[ \t\r\n]", b"", run.group()).rstrip(b"=")
        try:
            yield base64.b64decode(text[: len(text) // 4 * 4])
        except binascii.Error:
            continue


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(char.isprintable() or char in "\t\r\n\f" for char in text)
