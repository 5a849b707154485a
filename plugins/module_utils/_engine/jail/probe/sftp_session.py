# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single SFTP requests and their exact answers: the code of a status is the observation.

Names that a probe makes are temporary: a later probe removes those that a killed probe left behind.
"""

from __future__ import annotations

import re
import secrets
from typing import Callable, Iterable, Iterator, Optional, Tuple

from ...errors import ConnectionLost, ProtocolViolation
from ...model.marked_login import FORGED_END
from ...model.tree import DIRECTORY, Attributes, Entry
from ...sftp import packets
from ...sftp.client import Opened, Reply, data_of, entry_in, say_hello
from ...sftp.packets import FX_OK, FXF_CREAT, FXF_EXCL, FXF_READ, FXF_WRITE, STATUS, U32, string
from ...sftp.pool import SftpPool
from ...ssh.stream import Stream

READ = FXF_READ
WRITE = FXF_WRITE
CREATE = FXF_WRITE | FXF_CREAT | FXF_EXCL

Ask = Callable[[int, int, bytes], Reply]
"""Send a request of a kind, with the type of the good reply and its body."""

_MOST_NAMES = 1000
_NO_ATTRIBUTES = U32.pack(0)
_SPAN = b"\0" * 8 + U32.pack(64)
_HARD_LINK = string(b"hardlink@openssh.com")
_START = b".jail_probe-"
_NAME = re.compile(rb"\.jail_probe-[0-9a-f]{16}(?:%s)?\Z" % re.escape(FORGED_END))


def opened(stream: Stream, pool: SftpPool) -> Optional[SftpSession]:
    """Return a session over a stream that is ready; None if the server ends it at once."""
    say_hello(stream)
    try:
        client = pool.add(stream)
    except (ConnectionLost, ProtocolViolation):
        return None

    def ask(kind: int, good: int, body: bytes) -> Reply:
        return pool.call(client, lambda handler: client.request(kind, good, body, handler))

    return SftpSession(ask)


class SftpSession:
    """Requests of one session. A status is returned as its code, 0 for success."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def open(self, path: bytes, flags: int) -> Opened:
        """Return a handle or a code. With CREATE the mode is 0600."""
        attributes = packets.attributes_field(Attributes(0o600, None)) if flags & FXF_CREAT else _NO_ATTRIBUTES
        reply = self._ask(packets.OPEN, packets.HANDLE, string(path) + U32.pack(flags) + attributes)
        return reply if isinstance(reply, int) else bytes(reply)

    def opens(self, path: bytes, flags: int) -> bool:
        """Return whether a file can be opened; it is closed again."""
        handle = self.open(path, flags)
        if isinstance(handle, bytes):
            self.close(handle)
        return isinstance(handle, bytes)

    def close(self, handle: bytes) -> None:
        self._code(packets.CLOSE, string(handle))

    def write(self, handle: bytes, content: bytes) -> int:
        return self._code(packets.WRITE, string(handle) + b"\0" * 8 + string(content))

    def content(self, path: bytes) -> Optional[bytes]:
        """Return the first bytes of a file; None if they cannot be read."""
        handle = self.open(path, READ)
        if isinstance(handle, int):
            return None
        reply = self._ask(packets.READ, packets.DATA, string(handle) + _SPAN)
        self.close(handle)
        return None if isinstance(reply, int) else bytes(data_of(reply))

    def entry(self, path: bytes, *, follow: bool = False) -> Optional[Entry]:
        """Return the entry at a path; None if the server shows nothing there."""
        return entry_in(self._ask(packets.STAT if follow else packets.LSTAT, packets.ATTRS, string(path)))

    def mode(self, path: bytes) -> Optional[int]:
        """Return the permissions of a path with the special bits; None if the server does not show them."""
        reply = self._ask(packets.STAT, packets.ATTRS, string(path))
        entry = entry_in(reply)
        return None if entry is None or isinstance(reply, int) else entry.mode | packets.special_bits(reply)

    def set_mode(self, path: bytes, mode: int) -> int:
        return self._code(packets.SETSTAT, string(path) + packets.attributes_field(Attributes(mode, None)))

    def make_directory(self, path: bytes) -> int:
        return self._code(packets.MKDIR, string(path) + _NO_ATTRIBUTES)

    def remove(self, path: bytes) -> int:
        return self._code(packets.REMOVE, string(path))

    def remove_directory(self, path: bytes) -> int:
        return self._code(packets.RMDIR, string(path))

    def rename(self, old: bytes, new: bytes) -> int:
        return self._code(packets.RENAME, string(old) + string(new))

    def symbolic_link(self, target: bytes, path: bytes) -> int:
        """Make a symbolic link; in OpenSSH's order of the two names."""
        return self._code(packets.SYMLINK, string(target) + string(path))

    def hard_link(self, target: bytes, path: bytes) -> int:
        return self._code(packets.EXTENDED, _HARD_LINK + string(target) + string(path))

    def real_path(self, path: bytes) -> Optional[bytes]:
        """Return the absolute path that the server sees; None if it refuses."""
        return self._first_name(packets.REALPATH, path)

    def link_target(self, path: bytes) -> Optional[bytes]:
        """Return the target of a link; None if it cannot be read."""
        return self._first_name(packets.READLINK, path)

    def names(self, path: bytes) -> Optional[Tuple[Tuple[bytes, Optional[Entry]], ...]]:
        """Return the entries of a directory, without . and .., at most 1,000; None if it cannot be listed."""
        handle = self._ask(packets.OPENDIR, packets.HANDLE, string(path))
        if isinstance(handle, int):
            return None
        try:
            return tuple(self._listed(bytes(handle)))
        finally:
            self.close(bytes(handle))

    def _listed(self, handle: bytes) -> Iterator[Tuple[bytes, Optional[Entry]]]:
        count = 0
        while count < _MOST_NAMES:
            reply = self._ask(packets.READDIR, packets.NAME, string(handle))
            if isinstance(reply, int):
                return
            for name, entry in packets.listed(reply):
                count += 1
                if name not in (b".", b".."):
                    yield name, entry

    def _first_name(self, kind: int, path: bytes) -> Optional[bytes]:
        reply = self._ask(kind, packets.NAME, string(path))
        if isinstance(reply, int):
            return None
        return next((name for name, _entry in packets.listed(reply)), None)

    def _code(self, kind: int, body: bytes) -> int:
        reply = self._ask(kind, STATUS, body)
        return reply if isinstance(reply, int) else FX_OK


def temporary_name() -> bytes:
    """Return a new name, which no other program uses."""
    return _START + secrets.token_hex(8).encode()


def marked_name() -> bytes:
    """Return a new name that imitates lines of logs."""
    return temporary_name() + FORGED_END


def mark_of(name: bytes) -> str:
    """Return the part of a marked name by which its events are found."""
    return name[1 : len(_START) + 16].decode("ascii")


def joined(directory: bytes, name: bytes) -> bytes:
    return directory.rstrip(b"/") + b"/" + name


def remove_leftovers(sftp: SftpSession, directories: Iterable[bytes]) -> int:
    """Remove the temporary names in some directories; return their number."""
    removed = 0
    for directory in directories:
        for name, entry in sftp.names(directory) or ():
            if _NAME.match(name):
                path = joined(directory, name)
                is_directory = entry is not None and entry.kind is DIRECTORY
                removed += (sftp.remove_directory(path) if is_directory else sftp.remove(path)) == FX_OK
    return removed
