# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A jail in memory, as an SFTP server shows it: for the order and the judgement of a probe's requests.

A double, because a unit test has no root for a real jail: tests/integration/test_jail_probe.py has real servers.

jail = JailSession({b"/data": DIRECTORY}, writable={b"/data"})
assert list(links_made(jail.sftp, expected)) == []
"""

from __future__ import annotations

__all__ = ["JailSession"]

import posixpath
import stat
import struct
from collections.abc import Callable, Iterable, Mapping

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.jail.probe.sftp_session import SftpSession
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.model.tree import DIRECTORY, FILE, LINK

from ..scripted import sftp_wire as wire
from ..scripted.sftp_wire import Attributes, Reader, put_string

_KINDS = {FILE: stat.S_IFREG, DIRECTORY: stat.S_IFDIR, LINK: stat.S_IFLNK}


class JailSession:
    """Entries by their absolute paths.

    writable: directories in which the account may make entries
    owned: paths whose permissions the account may change
    refused: requests that the server refuses, such as "symlink"; "read" and "write" are requests too
    target: the target of every link
    mask: permissions that the file system keeps
    handles: number of open handles
    """

    def __init__(
        self,
        entries: Mapping[bytes, str] = {},
        *,
        writable: Iterable[bytes] = (),
        owned: Iterable[bytes] = (),
        refused: Iterable[str] = (),
        target: bytes = b"missing",
        mask: int = 0o7777,
    ) -> None:
        self.entries = {b"/": DIRECTORY, **entries}
        self.modes: dict[bytes, int] = {}
        self._writable, self._owned, self._refused = set(writable), set(owned), set(refused)
        self._target, self._mask, self.handles = target, mask, 0
        self.sftp = SftpSession(self._ask)
        self.asked: list[str] = []

    def _ask(self, kind: int, _good: int, body: bytes) -> int | bytes:
        name = _NAMES[kind]
        self.asked.append(name)
        if name in self._refused:
            return wire.PERMISSION_DENIED
        action: Callable[[Reader], int | bytes] = getattr(self, f"_{name}")
        reply = action(Reader(body))
        self.handles += name in ("open", "opendir") and isinstance(reply, bytes)
        self.handles -= name == "close"
        return reply

    def _open(self, fields: Reader) -> int | bytes:
        path, flags = self._path(fields), fields.number()
        if flags & wire.FLAG_WRITE and "write" in self._refused:
            return wire.PERMISSION_DENIED
        if flags & wire.FLAG_CREATE:
            return self._made(path, FILE) or path
        return path if self._followed(path) in self.entries else wire.NO_SUCH_FILE

    def _close(self, _fields: Reader) -> int:
        return wire.OK

    def _read(self, _fields: Reader) -> int | bytes:
        return put_string(b"content")

    def _write(self, _fields: Reader) -> int:
        return wire.OK

    def _lstat(self, fields: Reader) -> int | bytes:
        return self._shown(self._path(fields))

    def _stat(self, fields: Reader) -> int | bytes:
        return self._shown(self._followed(self._path(fields)))

    def _setstat(self, fields: Reader) -> int:
        path, wanted = self._path(fields), fields.attributes()
        if path not in self.entries:
            return wire.NO_SUCH_FILE
        if path not in self._owned:
            return wire.PERMISSION_DENIED
        self.modes[path] = (wanted.mode or 0) & self._mask
        return wire.OK

    def _opendir(self, fields: Reader) -> int | bytes:
        path = self._path(fields)
        self._left = [each for each in self.entries if each != b"/" and posixpath.dirname(each) == path]
        return path if self.entries.get(path) == DIRECTORY else wire.NO_SUCH_FILE

    def _readdir(self, _fields: Reader) -> int | bytes:
        if not self._left:
            return wire.EOF
        listed, self._left = self._left, []
        pairs = [(posixpath.basename(path), self._attributes(path)) for path in listed]
        return struct.pack(">I", len(pairs)) + b"".join(
            put_string(name) + put_string(b"") + attributes.pack() for name, attributes in pairs
        )

    def _mkdir(self, fields: Reader) -> int:
        return self._made(self._path(fields), DIRECTORY)

    def _remove(self, fields: Reader) -> int:
        return wire.OK if self.entries.pop(self._path(fields), None) else wire.NO_SUCH_FILE

    _rmdir = _remove

    def _rename(self, fields: Reader) -> int:
        return wire.OK if self._path(fields) in self.entries else wire.NO_SUCH_FILE

    def _symlink(self, fields: Reader) -> int:
        fields.string()
        return self._made(self._path(fields), LINK)

    def _extended(self, fields: Reader) -> int:
        assert fields.string() == b"hardlink@openssh.com"
        if "hardlink" in self._refused:
            return wire.PERMISSION_DENIED
        source, path = self._path(fields), self._path(fields)
        return self._made(path, FILE) if source in self.entries else wire.NO_SUCH_FILE

    def _realpath(self, fields: Reader) -> bytes:
        return _one_name(self._path(fields))

    def _readlink(self, fields: Reader) -> int | bytes:
        return _one_name(self._target) if self.entries.get(self._path(fields)) == LINK else wire.NO_SUCH_FILE

    def _path(self, fields: Reader) -> bytes:
        return posixpath.normpath(b"/" + fields.string().lstrip(b"/"))

    def _followed(self, path: bytes) -> bytes:
        link = self.entries.get(path) == LINK
        return posixpath.normpath(posixpath.join(posixpath.dirname(path), self._target)) if link else path

    def _made(self, path: bytes, kind: str) -> int:
        if posixpath.dirname(path) not in self.entries:
            return wire.NO_SUCH_FILE
        if posixpath.dirname(path) not in self._writable:
            return wire.PERMISSION_DENIED
        self.entries[path] = kind
        self._owned.add(path)
        return wire.OK

    def _shown(self, path: bytes) -> int | bytes:
        return self._attributes(path).pack() if path in self.entries else wire.NO_SUCH_FILE

    def _attributes(self, path: bytes) -> Attributes:
        return Attributes(0, (0, 0), _KINDS[self.entries[path]] | self.modes.get(path, 0o750), (0, 0))


def _one_name(path: bytes) -> bytes:
    return struct.pack(">I", 1) + put_string(path) + put_string(b"") + Attributes().pack()


_NAMES = {
    getattr(wire, name): name.lower()
    for name in (
        *("OPEN", "CLOSE", "READ", "WRITE", "LSTAT", "SETSTAT", "OPENDIR", "READDIR", "REMOVE", "MKDIR", "RMDIR"),
        *("REALPATH", "STAT", "RENAME", "READLINK", "SYMLINK", "EXTENDED"),
    )
}
