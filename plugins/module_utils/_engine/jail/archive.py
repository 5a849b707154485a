# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a tree to a compressed tar file and read the file back: only proven data may be deleted."""

from __future__ import annotations

import hashlib
import os
import stat
import tarfile
from contextlib import suppress
from typing import BinaryIO, Callable, Dict, Optional

from ..errors import AlreadyExists, ProofFailed, SyncError
from ..system.os_errors import from_os_error
from .descent import walk

__all__ = ["archive_tree"]

_BLOCK = 1 << 20
_OPEN_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_OPEN_ARCHIVE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_TYPES: Dict[int, bytes] = {
    stat.S_IFDIR: tarfile.DIRTYPE,
    stat.S_IFLNK: tarfile.SYMTYPE,
    stat.S_IFIFO: tarfile.FIFOTYPE,
}

Note = Callable[[str], None]


def archive_tree(tree: int, name: str, note: Note, *, parent: int) -> None:
    """Write the tree of the directory `tree` to the file `name` in the directory `parent`; both are descriptors.

    note: called with each socket and device, which an archive cannot hold. Raises an ItemError, with no file left.
    """
    temporary = ".%s.partial" % name
    with suppress(FileNotFoundError):
        os.unlink(temporary, dir_fd=parent)
    try:
        with os.fdopen(os.open(temporary, _OPEN_ARCHIVE, 0o600, dir_fd=parent), "w+b") as stream:
            digests = _write(tree, stream, note)
            os.fsync(stream.fileno())
            stream.seek(0)
            _prove(stream, digests)
        _publish(temporary, name, parent)
    except (OSError, SyncError, tarfile.TarError) as error:
        with suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=parent)
        raise _told(error, name) from error


def _told(error: Exception, name: str) -> Exception:
    if isinstance(error, OSError):
        return from_os_error(error, path=name.encode())
    if isinstance(error, tarfile.TarError):
        return ProofFailed("the archive cannot be written: %s" % error, path=name.encode())
    return error


def _publish(temporary: str, name: str, parent: int) -> None:
    """Link, not rename: a link never replaces an existing archive."""
    try:
        os.link(temporary, name, src_dir_fd=parent, dst_dir_fd=parent)
    except FileExistsError:
        raise AlreadyExists("an archive of this name exists already", path=name.encode()) from None
    os.unlink(temporary, dir_fd=parent)
    os.fsync(parent)


def _write(tree: int, stream: BinaryIO, note: Note) -> Dict[str, Optional[str]]:
    """Return the digest of each member's content, None for members without content."""
    digests: Dict[str, Optional[str]] = {}
    with tarfile.open(fileobj=stream, mode="w:gz", format=tarfile.PAX_FORMAT) as archive:
        for folder, folders, others, descriptor in walk(tree):
            for name in folders + others:
                member = os.path.join(folder, name)
                info = os.lstat(name, dir_fd=descriptor)
                if stat.S_ISREG(info.st_mode):
                    digests[member] = _add_file(archive, member, name, descriptor)
                elif stat.S_IFMT(info.st_mode) in _TYPES:
                    archive.addfile(_header(member, name, info, descriptor))
                    digests[member] = None
                else:
                    note("%s is a socket or a device, which an archive cannot hold" % member)
    return digests


def _add_file(archive: tarfile.TarFile, member: str, name: str, descriptor: int) -> str:
    with os.fdopen(os.open(name, _OPEN_FILE, dir_fd=descriptor), "rb") as stream:
        header = _ids(tarfile.TarInfo(member), os.fstat(stream.fileno()))
        header.size = os.fstat(stream.fileno()).st_size
        hashing = _Hashing(stream)
        archive.addfile(header, hashing)  # type: ignore[arg-type]
        return hashing.digest.hexdigest()


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
