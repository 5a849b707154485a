# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The packets of SFTP version 3 (draft-ietf-secsh-filexfer-02) as the tests' own peers need them.

Written apart from the product's client on purpose: a shared mistake would hide itself.
"""

from __future__ import annotations

__all__ = [
    "Attributes",
    "Reader",
    "Reply",
    "Request",
    "attributes",
    "data",
    "handle",
    "names",
    "ok",
    "put_string",
    "status",
]

import os
import stat
import struct
from dataclasses import dataclass
from typing import Iterable

INIT, VERSION = 1, 2
OPEN, CLOSE, READ, WRITE, LSTAT, FSTAT, SETSTAT, FSETSTAT, OPENDIR, READDIR = range(3, 13)
REMOVE, MKDIR, RMDIR, REALPATH, STAT, RENAME, READLINK, SYMLINK = range(13, 21)
STATUS, HANDLE, DATA, NAME, ATTRS = range(101, 106)
EXTENDED, EXTENDED_REPLY = 200, 201

OK, EOF, NO_SUCH_FILE, PERMISSION_DENIED, FAILURE, BAD_MESSAGE = range(6)
OP_UNSUPPORTED = 8

FLAG_READ, FLAG_WRITE, FLAG_APPEND, FLAG_CREATE, FLAG_TRUNCATE, FLAG_EXCLUSIVE = 1, 2, 4, 8, 16, 32
ATTR_SIZE, ATTR_OWNER, ATTR_MODE, ATTR_TIMES = 1, 2, 4, 8


@dataclass(frozen=True)
class Attributes:
    """A peer's attributes of a file; None for omitted attributes."""

    size: int | None = None
    owner: tuple[int, int] | None = None
    mode: int | None = None
    times: tuple[int, int] | None = None

    @classmethod
    def of(cls, status_: os.stat_result) -> Attributes:
        """Return all attributes of a stat(2) result."""
        times = (int(status_.st_atime) & 0xFFFFFFFF, int(status_.st_mtime) & 0xFFFFFFFF)
        return cls(status_.st_size, (status_.st_uid, status_.st_gid), status_.st_mode, times)

    def pack(self) -> bytes:
        """Return the wire form."""
        flags, body = 0, b""
        for bit, form, value in (
            (ATTR_SIZE, ">Q", self.size),
            (ATTR_OWNER, ">II", self.owner),
            (ATTR_MODE, ">I", self.mode),
            (ATTR_TIMES, ">II", self.times),
        ):
            if value is not None:
                flags |= bit
                body += struct.pack(form, *(value if isinstance(value, tuple) else (value,)))
        return struct.pack(">I", flags) + body


class Reader:
    """Reads the fields of a packet in sequence."""

    def __init__(self, payload: bytes) -> None:
        self._payload, self._place = payload, 0

    def number(self, form: str = ">I") -> int:
        """Read one number, 32 bits unless `form` (struct) is another type."""
        (value,) = struct.unpack_from(form, self._payload, self._place)
        self._place += struct.calcsize(form)
        return value

    def string(self) -> bytes:
        """Take one string."""
        length = self.number()
        value = self._payload[self._place : self._place + length]
        if len(value) != length:
            raise struct.error("string longer than its packet")
        self._place += length
        return value

    def attributes(self) -> Attributes:
        """Take one set of attributes."""
        flags = self.number()
        size = self.number(">Q") if flags & ATTR_SIZE else None
        owner = (self.number(), self.number()) if flags & ATTR_OWNER else None
        mode = self.number() if flags & ATTR_MODE else None
        times = (self.number(), self.number()) if flags & ATTR_TIMES else None
        return Attributes(size, owner, mode, times)

    def rest(self) -> bytes:
        """Take all that is left."""
        value = self._payload[self._place :]
        self._place = len(self._payload)
        return value


@dataclass(frozen=True)
class Request:
    """A request; `subject` is its first string: a path, a handle or the name of an extension."""

    number: int
    kind: int
    payload: bytes

    @property
    def subject(self) -> bytes:
        return self.fields().string()

    def fields(self) -> Reader:
        """Return a reader at the first field behind the request number."""
        return Reader(self.payload)


@dataclass(frozen=True)
class Reply:
    """A reply without its number."""

    kind: int
    body: bytes

    def pack(self, number: int) -> bytes:
        """Return the packet that answers request `number`."""
        return struct.pack(">IBI", 5 + len(self.body), self.kind, number) + self.body


def put_string(value: bytes) -> bytes:
    """Return the wire form of a string."""
    return struct.pack(">I", len(value)) + value


def status(code: int, message: str = "") -> Reply:
    """Answer with a status code."""
    return Reply(STATUS, struct.pack(">I", code) + put_string(message.encode()) + put_string(b"en"))


def ok() -> Reply:
    """Answer that the request succeeded."""
    return status(OK, "Success")


def handle(value: bytes) -> Reply:
    """Answer with a handle."""
    return Reply(HANDLE, put_string(value))


def data(content: bytes) -> Reply:
    """Answer with bytes of a file."""
    return Reply(DATA, put_string(content))


def attributes(value: Attributes) -> Reply:
    """Answer with the attributes of one file."""
    return Reply(ATTRS, value.pack())


def names(entries: Iterable[tuple[bytes, Attributes]]) -> Reply:
    """Answer with directory entries (name, attributes)."""
    packed = [put_string(name) + put_string(_long_name(name, each)) + each.pack() for name, each in entries]
    return Reply(NAME, struct.pack(">I", len(packed)) + b"".join(packed))


def _long_name(name: bytes, value: Attributes) -> bytes:
    mode = stat.filemode(value.mode or 0)
    return b"%s 1 user group %d Jan  1  2026 %s" % (mode.encode(), value.size or 0, name)
