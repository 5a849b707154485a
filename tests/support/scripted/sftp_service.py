# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plain part of the tests' SFTP server: every request of version 3, done as OpenSSH's sftp-server does it."""

from __future__ import annotations

__all__ = ["Opened", "Server", "Stop"]

import errno
import os
import stat
import struct
from dataclasses import dataclass, field
from itertools import islice
from typing import Callable, Iterator, Sequence

from . import sftp_wire as wire
from .sftp_wire import Attributes, Reader, Reply, Request, put_string

_LARGEST_PACKET = 256 * 1024
_LARGEST_TRANSFER = 255 * 1024
_ENTRIES_A_REPLY = 100
_COPY_BLOCK = 64 * 1024
_CODES = {
    errno.ENOENT: wire.NO_SUCH_FILE,
    errno.ENOTDIR: wire.NO_SUCH_FILE,
    errno.EBADF: wire.NO_SUCH_FILE,
    errno.ELOOP: wire.NO_SUCH_FILE,
    errno.EPERM: wire.PERMISSION_DENIED,
    errno.EACCES: wire.PERMISSION_DENIED,
    errno.EFAULT: wire.PERMISSION_DENIED,
    errno.EINVAL: wire.BAD_MESSAGE,
    errno.ENAMETOOLONG: wire.BAD_MESSAGE,
    errno.ENOSYS: wire.OP_UNSUPPORTED,
}


class Stop(Exception):
    """Ends the session behind the reply to the request before."""


@dataclass
class Opened:
    """An open file (descriptor) or directory (entries still to list); `path` as the client named it."""

    path: bytes
    descriptor: int = -1
    entries: Iterator[tuple[bytes, Attributes]] | None = None


@dataclass
class Server:
    """The state of one session; `behaviours` see every request before and every reply after."""

    behaviours: Sequence = ()
    opened: dict[bytes, Opened] = field(default_factory=dict)
    requests: int = 0
    _next_handle: int = 0

    def version(self) -> bytes:
        """Return the VERSION packet."""
        extensions = dict(_ADVERTISED)
        number = 3
        for each in self.behaviours:
            extensions = each.extensions(extensions)
            number = each.version(number)
        body = struct.pack(">BI", wire.VERSION, number)
        body += b"".join(put_string(name) + put_string(text) for name, text in extensions.items())
        return struct.pack(">I", len(body)) + body

    def answer(self, request: Request) -> bytes:
        """Return the packet that answers `request`, after every behaviour."""
        self.requests += 1
        reply = self._first_refusal(request) or self.act(request)
        for each in self.behaviours:
            reply = each.reply(self, request, reply)
        packet = reply.pack(request.number)
        for each in self.behaviours:
            packet = each.packet(self, packet)
        return packet

    def act(self, request: Request) -> Reply:
        """Carry `request` out like sftp-server."""
        action = _ACTIONS.get(request.kind)
        if action is None:
            return wire.status(wire.OP_UNSUPPORTED, "Operation unsupported")
        try:
            return action(self, request.fields())
        except OSError as failure:
            return wire.status(_CODES.get(failure.errno or 0, wire.FAILURE), "Failure")
        except KeyError:
            return wire.status(wire.FAILURE, "Invalid handle")
        except (struct.error, ValueError):
            return wire.status(wire.BAD_MESSAGE, "Bad message")

    def path_of(self, request: Request) -> bytes:
        """Return the path that `request` is about, also where it names a handle."""
        if request.kind in (wire.CLOSE, wire.READ, wire.WRITE, wire.FSTAT, wire.FSETSTAT, wire.READDIR):
            opened = self.opened.get(request.subject)
            return opened.path if opened else b""
        if request.kind == wire.EXTENDED:
            fields = request.fields()
            fields.string()
            rest = fields.rest()
            return Reader(rest).string() if rest else b""
        return request.subject

    def keep(self, opened: Opened) -> Reply:
        """Register an open file or directory and answer with its handle."""
        self._next_handle += 1
        name = b"h%d" % self._next_handle
        self.opened[name] = opened
        return wire.handle(name)

    def _first_refusal(self, request: Request) -> Reply | None:
        for each in self.behaviours:
            reply = each.request(self, request)
            if reply is not None:
                return reply
        return None


def _open(server: Server, fields: Reader) -> Reply:
    path, asked, wanted = fields.string(), fields.number(), fields.attributes()
    flags = {1: os.O_RDONLY, 2: os.O_WRONLY, 3: os.O_RDWR}.get(asked & 3, os.O_RDONLY)
    for bit, flag in (
        (wire.FLAG_APPEND, os.O_APPEND),
        (wire.FLAG_CREATE, os.O_CREAT),
        (wire.FLAG_TRUNCATE, os.O_TRUNC),
        (wire.FLAG_EXCLUSIVE, os.O_EXCL),
    ):
        flags |= flag if asked & bit else 0
    mode = 0o666 if wanted.mode is None else wanted.mode & 0o777
    return server.keep(Opened(path, descriptor=os.open(path, flags, mode)))


def _close(server: Server, fields: Reader) -> Reply:
    opened = server.opened.pop(fields.string(), None)
    if opened is None:
        return wire.status(wire.NO_SUCH_FILE, "No such file")
    if opened.descriptor >= 0:
        os.close(opened.descriptor)
    return wire.ok()


def _read(server: Server, fields: Reader) -> Reply:
    opened, offset, length = server.opened[fields.string()], fields.number(">Q"), fields.number()
    content = os.pread(opened.descriptor, min(length, _LARGEST_TRANSFER), offset)
    return wire.data(content) if content else wire.status(wire.EOF, "End of file")


def _write(server: Server, fields: Reader) -> Reply:
    opened, offset, content = server.opened[fields.string()], fields.number(">Q"), fields.string()
    done = 0
    while done < len(content):
        done += os.pwrite(opened.descriptor, content[done:], offset + done)
    return wire.ok()


def _lstat(_server: Server, fields: Reader) -> Reply:
    return wire.attributes(Attributes.of(os.lstat(fields.string())))


def _stat(_server: Server, fields: Reader) -> Reply:
    return wire.attributes(Attributes.of(os.stat(fields.string())))


def _fstat(server: Server, fields: Reader) -> Reply:
    return wire.attributes(Attributes.of(os.fstat(server.opened[fields.string()].descriptor)))


def _setstat(_server: Server, fields: Reader) -> Reply:
    return _apply(fields.string(), fields.attributes())


def _fsetstat(server: Server, fields: Reader) -> Reply:
    return _apply(server.opened[fields.string()].descriptor, fields.attributes())


def _apply(target: bytes | int, wanted: Attributes, *, follow: bool = True) -> Reply:
    if wanted.size is not None:
        os.truncate(target, wanted.size)
    if wanted.mode is not None and (follow or not os.path.islink(target)):
        os.chmod(target, wanted.mode & 0o7777)
    if wanted.times is not None:
        os.utime(target, wanted.times, follow_symlinks=follow)
    if wanted.owner is not None:
        os.chown(target, *wanted.owner, follow_symlinks=follow)
    return wire.ok()


def _opendir(server: Server, fields: Reader) -> Reply:
    path = fields.string()
    found = [b".", b"..", *os.listdir(path)]
    return server.keep(Opened(path, entries=_entries(path, found)))


def _entries(directory: bytes, found: list[bytes]) -> Iterator[tuple[bytes, Attributes]]:
    for name in found:
        try:
            yield name, Attributes.of(os.lstat(os.path.join(directory, name)))
        except OSError:
            continue


def _readdir(server: Server, fields: Reader) -> Reply:
    entries = server.opened[fields.string()].entries
    if entries is None:
        return wire.status(wire.FAILURE, "Not a directory handle")
    batch = list(islice(entries, _ENTRIES_A_REPLY))
    return wire.names(batch) if batch else wire.status(wire.EOF, "End of file")


def _remove(_server: Server, fields: Reader) -> Reply:
    os.unlink(fields.string())
    return wire.ok()


def _mkdir(_server: Server, fields: Reader) -> Reply:
    path, wanted = fields.string(), fields.attributes()
    os.mkdir(path, 0o777 if wanted.mode is None else wanted.mode & 0o777)
    return wire.ok()


def _rmdir(_server: Server, fields: Reader) -> Reply:
    os.rmdir(fields.string())
    return wire.ok()


def _realpath(_server: Server, fields: Reader) -> Reply:
    return wire.names([(os.path.realpath(fields.string() or b"."), Attributes())])


def _rename(_server: Server, fields: Reader) -> Reply:
    old, new = fields.string(), fields.string()
    if stat.S_ISREG(os.lstat(old).st_mode):
        try:
            # A link cannot replace a file that is there; a rename would.
            os.link(old, new, follow_symlinks=False)
        except PermissionError:
            pass  # The file system has no hard links, such as exFAT.
        else:
            os.unlink(old)
            return wire.ok()
    if os.path.lexists(new):
        return wire.status(wire.FAILURE, "Failure")
    os.rename(old, new)
    return wire.ok()


def _readlink(_server: Server, fields: Reader) -> Reply:
    return wire.names([(os.readlink(fields.string()), Attributes())])


def _symlink(_server: Server, fields: Reader) -> Reply:
    # The order of OpenSSH (PROTOCOL, section 4.1), not of the draft.
    target, path = fields.string(), fields.string()
    os.symlink(target, path)
    return wire.ok()


def _extended(server: Server, fields: Reader) -> Reply:
    action = _EXTENSIONS.get(fields.string())
    return action(server, fields) if action else wire.status(wire.OP_UNSUPPORTED, "Operation unsupported")


def _posix_rename(_server: Server, fields: Reader) -> Reply:
    os.rename(fields.string(), fields.string())
    return wire.ok()


def _hardlink(_server: Server, fields: Reader) -> Reply:
    os.link(fields.string(), fields.string(), follow_symlinks=False)
    return wire.ok()


def _fsync(server: Server, fields: Reader) -> Reply:
    os.fsync(server.opened[fields.string()].descriptor)
    return wire.ok()


def _copy_data(server: Server, fields: Reader) -> Reply:
    source, offset, length = server.opened[fields.string()], fields.number(">Q"), fields.number(">Q")
    target, target_offset = server.opened[fields.string()], fields.number(">Q")
    left = length or 1 << 63
    while left > 0:
        asked = min(left, _COPY_BLOCK)
        content = os.pread(source.descriptor, asked, offset)
        if not content:
            break
        os.pwrite(target.descriptor, content, target_offset)
        left, offset, target_offset = left - asked, offset + asked, target_offset + asked
    return wire.ok()


def _lsetstat(_server: Server, fields: Reader) -> Reply:
    return _apply(fields.string(), fields.attributes(), follow=False)


def _limits(_server: Server, _fields: Reader) -> Reply:
    return Reply(wire.EXTENDED_REPLY, struct.pack(">4Q", _LARGEST_PACKET, _LARGEST_TRANSFER, _LARGEST_TRANSFER, 1000))


_ACTIONS: dict[int, Callable[[Server, Reader], Reply]] = {
    wire.OPEN: _open,
    wire.CLOSE: _close,
    wire.READ: _read,
    wire.WRITE: _write,
    wire.LSTAT: _lstat,
    wire.FSTAT: _fstat,
    wire.SETSTAT: _setstat,
    wire.FSETSTAT: _fsetstat,
    wire.OPENDIR: _opendir,
    wire.READDIR: _readdir,
    wire.REMOVE: _remove,
    wire.MKDIR: _mkdir,
    wire.RMDIR: _rmdir,
    wire.REALPATH: _realpath,
    wire.STAT: _stat,
    wire.RENAME: _rename,
    wire.READLINK: _readlink,
    wire.SYMLINK: _symlink,
    wire.EXTENDED: _extended,
}
_EXTENSIONS: dict[bytes, Callable[[Server, Reader], Reply]] = {
    b"posix-rename@openssh.com": _posix_rename,
    b"hardlink@openssh.com": _hardlink,
    b"fsync@openssh.com": _fsync,
    b"lsetstat@openssh.com": _lsetstat,
    b"limits@openssh.com": _limits,
    b"copy-data": _copy_data,
}
_ADVERTISED = dict.fromkeys(_EXTENSIONS, b"1")
