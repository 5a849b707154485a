# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a tree to a compressed tar file and read the file back: only proven data may be deleted.

A program may change the tree meanwhile. `Archived` removes an entry only if it is still the entry that was archived,
with the same inode, size and times, and no program has the file open for writing.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import signal
import stat
import tarfile
import time
from contextlib import suppress
from typing import BinaryIO, Callable, Dict, NamedTuple, Optional, Tuple

from ..errors import AlreadyExists, ProofFailed, SyncError
from ..system.descent import walk
from ..system.os_errors import from_os_error
from ..system.root_owned_path import closing

_BLOCK = 1 << 20
_OPEN_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_OPEN_ARCHIVE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_TYPES: Dict[int, bytes] = {
    stat.S_IFDIR: tarfile.DIRTYPE,
    stat.S_IFLNK: tarfile.SYMTYPE,
    stat.S_IFIFO: tarfile.FIFOTYPE,
}

_TICK, _SECOND = 0.05, 1.05
"""Seconds in which a second change of a file may leave its times as they are, by the file system's own clock."""

Note = Callable[[str], None]


class _Identity(NamedTuple):
    """The times show each change; of a directory, the inode alone counts."""

    inode: Tuple[int, int]
    kind: int
    size: int
    modified: int
    changed: int


def _identity(info: os.stat_result) -> _Identity:
    inode, kind = (info.st_dev, info.st_ino), stat.S_IFMT(info.st_mode)
    if kind == stat.S_IFDIR:
        return _Identity(inode, kind, 0, 0, 0)
    return _Identity(inode, kind, info.st_size, info.st_mtime_ns, info.st_ctime_ns)


class Archived:
    """The entries of a tree as they were archived, and their removal (`descent.Remove`)."""

    def __init__(self) -> None:
        self._entries: Dict[str, _Identity] = {}
        self._other_names: Dict[Tuple[int, int], _Identity] = {}

    def note(self, path: str, info: os.stat_result) -> None:
        self._entries[path] = _identity(info)

    def remove(self, path: str, name: str, parent: int, directory: bool) -> bool:
        """Remove an entry if it is unchanged; return whether it is gone."""
        with suppress(FileNotFoundError):
            info = os.stat(name, dir_fd=parent, follow_symlinks=False)
            if stat.S_ISREG(info.st_mode):
                with closing(os.open(name, _OPEN_FILE, dir_fd=parent)) as file:
                    return self._remove_file(path, name, parent, file)
            if self._entries.get(path) != _identity(info):
                return False
            try:
                (os.rmdir if directory else os.unlink)(name, dir_fd=parent)
            except OSError as error:
                if error.errno != errno.ENOTEMPTY:
                    raise
                return False
        return True

    def _remove_file(self, path: str, name: str, parent: int, file: int) -> bool:
        written = _open_for_writing(file)
        found = _identity(os.fstat(file))
        known = self._entries.get(path)
        # The removal of one name of a file changes the times of the others.
        if known is None or written or found not in (known, self._other_names.get(known.inode)):
            return False
        os.unlink(name, dir_fd=parent)
        self._other_names[found.inode] = _identity(os.fstat(file))
        return True


def _open_for_writing(file: int) -> bool:
    """Return whether a program has the file open for writing, or mapped; False if the file system does not know it.

    If not, the file has a lease until it is closed: a program that opens it then waits.
    """
    try:
        fcntl.fcntl(file, fcntl.F_SETSIG, signal.SIGURG)  # without a handler, it is ignored
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    return False


def archive_tree(tree: int, name: str, note: Note, *, parent: int) -> Archived:
    """Write the tree of the directory `tree` to the file `name` in the directory `parent`; both are descriptors.

    note: called with each socket and device, which an archive cannot hold. Raises an ItemError, with no file left.
    """
    archived = Archived()
    temporary = f".{name}.partial"
    with suppress(FileNotFoundError):
        os.unlink(temporary, dir_fd=parent)
    try:
        with os.fdopen(os.open(temporary, _OPEN_ARCHIVE, 0o600, dir_fd=parent), "w+b") as stream:
            digests = _write(tree, stream, note, archived)
            os.fsync(stream.fileno())
            stream.seek(0)
            _prove(stream, digests)
            _publish(stream.fileno(), temporary, name, parent)
        return archived
    except (OSError, SyncError, tarfile.TarError) as error:
        with suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=parent)
        raise _told(error, name) from error


def _told(error: Exception, name: str) -> Exception:
    if isinstance(error, OSError):
        return from_os_error(error, path=name.encode())
    if isinstance(error, tarfile.TarError):
        return ProofFailed(f"the archive cannot be written: {error}", path=name.encode())
    return error


def _publish(file: int, temporary: str, name: str, parent: int) -> None:
    """Link, not rename: a link never replaces an existing archive. The open file gets the name: in the same second,
    another run may have made a file of the temporary name."""
    try:
        os.link(f"/proc/self/fd/{file}", name, dst_dir_fd=parent, follow_symlinks=True)
    except FileExistsError:
        raise AlreadyExists("an archive of this name exists already", path=name.encode()) from None
    os.unlink(temporary, dir_fd=parent)
    os.fsync(parent)


def _write(tree: int, stream: BinaryIO, note: Note, archived: Archived) -> Dict[str, Optional[str]]:
    """Return the digest of each member's content, None for members without content."""
    digests: Dict[str, Optional[str]] = {}
    with tarfile.open(fileobj=stream, mode="w:gz", format=tarfile.PAX_FORMAT) as archive:
        for folder, folders, others, descriptor in walk(tree):
            for name in folders + others:
                member = os.path.join(folder, name)
                with suppress(FileNotFoundError):  # a program has removed it
                    info = os.lstat(name, dir_fd=descriptor)
                    if stat.S_ISREG(info.st_mode):
                        digests[member], info = _add_file(archive, member, name, descriptor)
                    elif stat.S_IFMT(info.st_mode) in _TYPES:
                        archive.addfile(_header(member, name, info, descriptor))
                        digests[member] = None
                    else:
                        note(f"{member} is a socket or a device, which an archive cannot hold")
                    archived.note(member, info)
    return digests


def _add_file(archive: tarfile.TarFile, member: str, name: str, descriptor: int) -> Tuple[str, os.stat_result]:
    """Add a file with the size that it has now; return its digest, and its state before the first byte was read."""
    with os.fdopen(os.open(name, _OPEN_FILE, dir_fd=descriptor), "rb") as stream:
        info = _settled(stream.fileno())
        header = _ids(tarfile.TarInfo(member), info)
        header.size = info.st_size
        hashing = _Hashing(stream)
        archive.addfile(header, hashing)  # type: ignore[arg-type]
        return hashing.digest.hexdigest(), info


def _settled(file: int) -> os.stat_result:
    """Return the state of a file whose next change will have other times."""
    info = os.fstat(file)
    tick = _TICK if info.st_ctime_ns % 10**9 else _SECOND
    wait = info.st_ctime + tick - time.time()
    if not 0 < wait <= tick:
        return info
    time.sleep(wait)
    return os.fstat(file)


def _header(member: str, name: str, info: os.stat_result, descriptor: int) -> tarfile.TarInfo:
    header = _ids(tarfile.TarInfo(member), info)
    header.type = _TYPES[stat.S_IFMT(info.st_mode)]
    if header.issym():
        header.linkname = os.readlink(name, dir_fd=descriptor)
    return header


def _ids(header: tarfile.TarInfo, info: os.stat_result) -> tarfile.TarInfo:
    header.uid, header.gid, header.mtime = info.st_uid, info.st_gid, int(info.st_mtime)
    header.mode = stat.S_IMODE(info.st_mode)
    return header


class _Hashing:
    """A file that is hashed as it is read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self.digest.update(data)
        return data


def _prove(stream: BinaryIO, digests: Dict[str, Optional[str]]) -> None:
    with tarfile.open(fileobj=stream, mode="r:gz") as archive:
        found = {member.name: _digest(archive, member) for member in archive}
    if found != digests:
        raise ProofFailed(
            "the archive does not hold the bytes that were written to it", cure="Check the disk; nothing was deleted."
        )


def _digest(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Optional[str]:
    content = archive.extractfile(member) if member.isreg() else None
    if content is None:
        return None
    digest = hashlib.sha256()
    for block in iter(lambda: content.read(_BLOCK), b""):
        digest.update(block)
    return digest.hexdigest()
