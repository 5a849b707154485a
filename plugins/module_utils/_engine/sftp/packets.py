# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packets of SFTP version 3: draft-ietf-secsh-filexfer-02, with OpenSSH's extensions (its PROTOCOL file, section
4).

A request is built as bytes, ready to be written; a reply is read in place from the receive buffer.
"""

from __future__ import annotations

import stat
from struct import Struct
from struct import error as StructError
from typing import TYPE_CHECKING, Iterator, NamedTuple, Optional, Tuple

from ..errors import ProtocolViolation
from ..model.tree import DIRECTORY, FILE, LINK, MODES, PERMISSION_BITS, SPECIAL, Attributes, Entry

if TYPE_CHECKING:
    from ..model.blocks import Buffer

INIT = 1
VERSION = 2
OPEN = 3
CLOSE = 4
READ = 5
WRITE = 6
LSTAT = 7
FSTAT = 8
SETSTAT = 9
FSETSTAT = 10
OPENDIR = 11
READDIR = 12
REMOVE = 13
MKDIR = 14
RMDIR = 15
REALPATH = 16
STAT = 17
RENAME = 18
READLINK = 19
SYMLINK = 20
STATUS = 101
HANDLE = 102
DATA = 103
NAME = 104
ATTRS = 105
EXTENDED = 200
EXTENDED_REPLY = 201

FX_OK = 0
FX_EOF = 1
FX_NO_SUCH_FILE = 2
FX_PERMISSION_DENIED = 3
FX_FAILURE = 4
FX_BAD_MESSAGE = 5
FX_NO_CONNECTION = 6
FX_CONNECTION_LOST = 7
FX_OP_UNSUPPORTED = 8

FX_NO_SUCH_PATH = 10
FX_FILE_ALREADY_EXISTS = 11
FX_WRITE_PROTECT = 12
FX_NO_SPACE_ON_FILESYSTEM = 14
FX_QUOTA_EXCEEDED = 15
FX_NOT_A_DIRECTORY = 19
FX_LINK_LOOP = 21
"""From 10 on: codes of later drafts (draft-ietf-secsh-filexfer-13 section 9.1), which ProFTPD sends as well."""

FXF_READ = 0x01
FXF_WRITE = 0x02
FXF_CREAT = 0x08
FXF_TRUNC = 0x10
FXF_EXCL = 0x20

_SIZE = 0x01
_UIDGID = 0x02
_PERMISSIONS = 0x04
_ACMODTIME = 0x08
_EXTENDED_ATTRIBUTES = 0x80000000
_USUAL = _SIZE | _UIDGID | _PERMISSIONS | _ACMODTIME

NANOSECONDS = 1_000_000_000
LAST_SECOND = 0xFFFFFFFF
"""Times are unsigned 32-bit seconds since 1970."""

U32 = Struct(">I")
HEADER = Struct(">IBI")
"""Length of the rest, packet type, request id."""
_U64 = Struct(">Q")
_USUAL_ATTRIBUTES = Struct(">IQIIIII")
_NOTHING = (0,) * 7
_TIMES = Struct(">II")
_FLAGS_AND_MODE = Struct(">II")
_FLAGS_AND_TIMES = Struct(">III")
_FLAGS_MODE_AND_TIMES = Struct(">IIII")

_FORMAT = 0o170000
_REGULAR = stat.S_IFREG
_KINDS = {stat.S_IFREG: FILE, stat.S_IFDIR: DIRECTORY, stat.S_IFLNK: LINK}


Listed = Tuple[bytes, Optional[Entry]]
"""One name of a listing, and its entry; None if the server sent no type."""


def string(value: bytes) -> bytes:
    """Return a string with its length in front."""
    return U32.pack(len(value)) + value


def attributes_field(attributes: Attributes) -> bytes:
    """Return an ATTRS structure that sets mode, mtime (and atime with it) or neither."""
    mode, mtime = attributes
    seconds = 0 if mtime is None else min(max(mtime // NANOSECONDS, 0), LAST_SECOND)
    if mode is None:
        return U32.pack(0) if mtime is None else _FLAGS_AND_TIMES.pack(_ACMODTIME, seconds, seconds)
    if mtime is None:
        return _FLAGS_AND_MODE.pack(_PERMISSIONS, mode)
    return _FLAGS_MODE_AND_TIMES.pack(_PERMISSIONS | _ACMODTIME, mode, seconds, seconds)


def times_field(accessed: int, modified: int) -> bytes:
    """Return an ATTRS structure that sets atime and mtime, in seconds since 1970."""
    return _FLAGS_AND_TIMES.pack(_ACMODTIME, accessed, modified)


EMPTY = U32.pack(_SIZE) + _U64.pack(0)
"""An ATTRS structure that truncates a file to no bytes."""
UNCHANGED = attributes_field(Attributes())
"""For an OPEN that sets no attributes."""


def entry_of(mode: int, size: int, mtime: int) -> Optional[Entry]:
    """Return an Entry from POSIX mode bits, bytes and seconds; None if the mode holds no type."""
    kind = _KINDS.get(mode & _FORMAT)
    if kind is FILE:
        return Entry(FILE, size, mtime * NANOSECONDS, MODES[mode & PERMISSION_BITS])
    if kind is None:
        if not mode & _FORMAT:
            return None
        kind = SPECIAL
    return Entry(kind, 0, mtime * NANOSECONDS, MODES[mode & PERMISSION_BITS])


def parse_attributes(data: Buffer, position: int) -> Tuple[Optional[Entry], int]:
    """Return the Entry of an ATTRS structure at `position`, and the position behind it. Raises ProtocolViolation."""
    try:
        return _parse_attributes(data, position)
    except StructError as error:
        raise ProtocolViolation("attributes in a reply are truncated") from error


def _parse_attributes(data: Buffer, position: int) -> Tuple[Optional[Entry], int]:
    flags = U32.unpack_from(data, position)[0]
    if flags == _USUAL:
        _flags, size, _uid, _gid, mode, _atime, mtime = _USUAL_ATTRIBUTES.unpack_from(data, position)
        return entry_of(mode, size, mtime), position + _USUAL_ATTRIBUTES.size
    facts, size, mtime, position = _facts(data, position)
    return entry_of(facts.mode, size, mtime), position


class Facts(NamedTuple):
    """Further facts of an ATTRS structure: owner (user id) and access time (seconds since 1970), None if they are not
    in it, and the mode with its type, 0 if it is not in it."""

    owner: Optional[int]
    mode: int
    accessed: Optional[int]


def _facts(data: Buffer, position: int) -> Tuple[Facts, int, int, int]:
    """Return the facts of an ATTRS structure, size, mtime in seconds, and the position behind it."""
    flags = U32.unpack_from(data, position)[0]
    position += 4
    size = mode = mtime = 0
    owner: Optional[int] = None
    accessed: Optional[int] = None
    if flags & _SIZE:
        size = _U64.unpack_from(data, position)[0]
        position += 8
    if flags & _UIDGID:
        owner = U32.unpack_from(data, position)[0]
        position += 8
    if flags & _PERMISSIONS:
        mode = U32.unpack_from(data, position)[0]
        position += 4
    if flags & _ACMODTIME:
        accessed, mtime = _TIMES.unpack_from(data, position)
        position += 8
    if flags & _EXTENDED_ATTRIBUTES:
        count = U32.unpack_from(data, position)[0]
        position += 4
        for _unused in range(min(count, len(data)) * 2):
            position += 4 + U32.unpack_from(data, position)[0]
    return Facts(owner, mode, accessed), size, mtime, position


def facts_of(data: Buffer) -> Facts:
    """Return the facts of an ATTRS reply. Raises ProtocolViolation."""
    try:
        return _facts(data, 0)[0]
    except StructError as error:
        raise ProtocolViolation("attributes in a reply are truncated") from error


def special_bits(data: Buffer) -> int:
    """Return the set-user-ID, set-group-ID and sticky bits of an ATTRS reply; 0 if it has no mode. Raises
    ProtocolViolation."""
    return facts_of(data).mode & 0o7000


def listed(data: Buffer) -> Iterator[Listed]:
    """Yield the names of a NAME reply (from behind the id). Raises ProtocolViolation if the reply does not add up.

    The hot path of every run: regular files with the usual attributes are made without a call.
    """
    data = bytes(data)  # whose parts are copied once only
    usual, u32, make = _USUAL_ATTRIBUTES.unpack_from, U32.unpack_from, tuple.__new__
    end = len(data)
    last = end - _USUAL_ATTRIBUTES.size
    position = 4
    try:
        for _unused in range(u32(data, 0)[0]):
            start = position + 4
            position = start + u32(data, position)[0]
            name = data[start:position]
            position += 4 + u32(data, position)[0]
            flags, size, _uid, _gid, mode, _atime, mtime = usual(data, position) if position <= last else _NOTHING
            entry: Optional[Entry]
            if flags == _USUAL and mode & _FORMAT == _REGULAR:
                position += 32
                entry = make(Entry, (FILE, size, mtime * NANOSECONDS, MODES[mode & PERMISSION_BITS], None))
            else:
                entry, position = _parse_attributes(data, position)
            if position > end:
                raise ProtocolViolation("a listing is truncated inside a reply")
            yield name, entry
        if position != end:
            raise ProtocolViolation("a listing holds more than the number of names that its reply states")
    except StructError as error:
        raise ProtocolViolation("a listing is truncated inside a reply") from error


def attributes_in(data: Buffer, wanted: bytes) -> Optional[bytes]:
    """Return the ATTRS structure of the entry `wanted` of a NAME reply; None if it is not there. Raises
    ProtocolViolation."""
    data, position = bytes(data), 4
    try:
        for _unused in range(U32.unpack_from(data, 0)[0]):
            start = position + 4
            name = start + U32.unpack_from(data, position)[0]
            attributes = name + 4 + U32.unpack_from(data, name)[0]
            position = _parse_attributes(data, attributes)[1]
            if data[start:name] == wanted:
                return data[attributes:position]
    except StructError as error:
        raise ProtocolViolation("a listing is truncated inside a reply") from error
    return None


def parse_strings(data: Buffer) -> Iterator[bytes]:
    """Yield the strings of which `data` consists. Raises ProtocolViolation if they do not add up."""
    position = 0
    while position < len(data):
        if position + 4 > len(data):
            raise ProtocolViolation("a string in a reply is truncated")
        start = position + 4
        position = start + U32.unpack_from(data, position)[0]
        if position > len(data):
            raise ProtocolViolation("a string in a reply is truncated")
        yield bytes(data[start:position])
