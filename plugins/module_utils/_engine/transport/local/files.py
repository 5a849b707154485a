# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Regular files of the local tree, open for reading or for writing, never through a link.

A large file is hashed while it is being written: SHA-256 (FIPS 180-4) of the bytes read back from it, in a thread
behind the writer. With hashing afterwards, the network would wait meanwhile.
"""

from __future__ import annotations

import errno
import os
import stat
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Callable, Iterator, Optional, Tuple, TypeVar

from ...errors import ItemError, NoSpace
from ...integrity.digest import sha256
from ...model.relpath import RelPath
from ...model.tree import PERMISSION_BITS, Attributes
from ...system.background import in_background
from ...system.os_errors import from_os_error, with_room
from ..base import Kept, Reached, SourceFile, StageFile
from .directories import CREATE, Directories, attempt

if TYPE_CHECKING:
    from ...model.blocks import Buffer


T = TypeVar("T")
_BLOCK = 1 << 18
"""Bytes read back at a time."""
TICK = 11_000_000
"""Nanoseconds: no step of the clock from which Linux takes change times is longer than 10 ms."""
_FOLLOWED_FROM = 16 << 20
"""Bytes written from which on a stage is hashed while more is written."""

# A regular file never blocks; O_NONBLOCK and O_NOCTTY are for a file that replaces it between stat and open.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_REOPEN = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_CHUNK = 1 << 20
_REFUSALS = (errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.ENOSYS)


def open_regular(parent: int, name: bytes) -> Tuple[int, os.stat_result]:
    """Open the regular file `name` of the directory `parent` for reading; return its descriptor and its fstat(2).

    Checked first, since opening alone can have effects on a device, a fifo or a tape; checked again after opening.
    """
    seen = os.stat(name, dir_fd=parent, follow_symlinks=False)
    if not stat.S_ISREG(seen.st_mode):
        if stat.S_ISLNK(seen.st_mode):
            raise OSError(errno.ELOOP, "it is a symbolic link")
        raise OSError(errno.EINVAL, "not a regular file")
    fd = os.open(name, _READ, dir_fd=parent)
    opened = os.fstat(fd)
    if stat.S_ISREG(opened.st_mode):
        return fd, opened
    os.close(fd)
    raise OSError(errno.EINVAL, "not a regular file")


def create(content: bytes, parent: int, name: bytes) -> None:
    """Make a small file, whole or not at all."""
    fd = _create(parent, name)
    try:
        try:
            _write_all(fd, content, 0)
        finally:
            os.close(fd)
    except OSError:
        os.unlink(name, dir_fd=parent)
        raise


def _create(parent: int, name: bytes) -> int:
    return os.open(name, CREATE, 0o600, dir_fd=parent)


def _reopen(parent: int, name: bytes) -> int:
    """Open a file of this user that has no other name: others may be able to change the directory."""
    fd = os.open(name, _REOPEN, dir_fd=parent)
    status = os.fstat(fd)
    if stat.S_ISREG(status.st_mode) and status.st_nlink == 1 and status.st_uid == os.geteuid():
        return fd
    os.close(fd)
    raise OSError(errno.EINVAL, "another file is in the place of the temporary file")


def _write_all(fd: int, data: Buffer, offset: int) -> None:
    """pwrite(2) until all is written: a disk that fills up, or a signal, may take a part only."""
    written = os.pwrite(fd, data, offset)
    while written < len(data):
        written += os.pwrite(fd, memoryview(data)[written:], offset + written)


def _read_back(fd: int, size: int) -> bytes:
    """Return the SHA-256 of the file's content. One byte more than expected shows foreign bytes."""
    digest, at = sha256(), 0
    while True:
        wanted = min(_BLOCK, size + 1 - at)
        data = os.pread(fd, wanted, at)
        digest.update(data)
        at += len(data)
        # A regular file gives less than was asked for only at its end.
        if len(data) < wanted or at > size:
            return digest.digest()


class LocalSource(SourceFile):
    """A file of the local tree. stamped: whether its change time counts. `fileno()` is for splice(2) and
    sendfile(2)."""

    _fd = -1

    def __init__(self, directories: Directories, path: RelPath, *, stamped: bool = True) -> None:
        self._path = path
        self._fd, status = attempt(path, directories.at, path, open_regular)
        self.size = status.st_size
        self.mtime = status.st_mtime_ns
        self._stamped = stamped
        self._changed_at = self._settled(status)

    def read(self, count: int) -> bytes:
        return attempt(self._path, os.read, self._fd, count)

    def read_into(self, buffer: memoryview) -> int:
        return attempt(self._path, os.readv, self._fd, (buffer,))

    def go_back(self, offset: int) -> bool:
        return attempt(self._path, os.lseek, self._fd, offset, os.SEEK_SET) == offset

    def _settled(self, status: os.stat_result) -> int:
        """Return the change time, once a further change would show in it; 0 if it does not count."""
        age = time.time_ns() - status.st_ctime_ns
        if self._stamped and 0 <= age < TICK:
            time.sleep((TICK - age) / 1e9)
        return status.st_ctime_ns if self._stamped else 0

    def changed(self, read: Callable[[], bytes]) -> bool:
        before = (self.size, self.mtime)
        status = os.fstat(self._fd)
        if (status.st_size, status.st_mtime_ns) != before:
            return True
        if not self._stamped or status.st_ctime_ns == self._changed_at:
            return False
        # Another mode, owner or name; or other content with a restored mtime: check whether the present content was
        # read.
        self._changed_at = self._settled(status)
        if attempt(self._path, _read_back, self._fd, self.size) != read():
            return True
        status = os.fstat(self._fd)
        return (status.st_size, status.st_mtime_ns, status.st_ctime_ns) != (*before, self._changed_at)

    def fileno(self) -> int:
        return self._fd

    def close(self) -> None:
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            os.close(fd)

    def __del__(self) -> None:
        """Close it where the session of its last user was lost."""
        self.close()


class LocalStage(StageFile):
    """A new file of the local tree. It holds no descriptor of its directory: hundreds may be open at once."""

    _open = staticmethod(_create)
    _fd = -1

    def __init__(self, directories: Directories, path: RelPath, *, durable: bool, kept: Optional[Kept] = None) -> None:
        self._directories = directories
        self._path = path
        self._durable = durable
        self._kept = kept or Kept()
        if self._kept.offset:
            self._open_again()
        try:
            if self._fd < 0:
                self._fd = attempt(path, directories.at, path, self._open)
        except NoSpace as error:
            raise with_room(error, directories.root) from None
        self._written = Reached(self._kept.offset)
        self._follower: Optional[Follower] = None
        self._following = threading.Lock()

    def _open_again(self) -> None:
        """Open what an earlier run left, without the bytes behind a gap. Another entry in its place is removed."""
        try:
            self._fd = attempt(self._path, self._directories.at, self._path, _reopen)
            if os.fstat(self._fd).st_size >= self._kept.offset:
                os.ftruncate(self._fd, self._kept.offset)
                return
            os.close(self._fd)
            self._fd = -1
        except ItemError:
            pass
        self._kept.start_over()
        self._remove()

    def write_at(self, data: Buffer, offset: int) -> None:
        try:
            attempt(self._path, _write_all, self._fd, data, offset)
        except NoSpace as error:
            raise with_room(error, self._fd) from None
        with self._following:
            self._written.add(offset, len(data))
            self._kept.reached(self._written.size)
            if self._written.size >= _FOLLOWED_FROM:
                self._follower = self._follower or Follower(self._fd)
                self._follower.advance(self._written.size)

    def go_back(self) -> int:
        with self._following:
            return self._written.go_back()

    def fileno(self) -> int:
        return self._fd

    def digest(self, size: int) -> Optional[bytes]:
        return attempt(self._path, _read_back, self._fd, size)

    def followed_digest(self, size: int) -> Optional[bytes]:
        if self._follower is None or not self._written.whole or self._written.size != size:
            return None
        follower, self._follower = self._follower, None
        return attempt(self._path, follower.digest, size)

    def finish(self, attributes: Attributes) -> None:
        """Implement the contract; a stage that cannot be finished is removed."""
        try:
            attempt(self._path, self._settle, attributes)
        except ItemError:
            self._remove()
            raise

    def leave(self) -> None:
        if self._fd >= 0:
            with suppress(OSError):  # the caller removes it, or the next run proves it
                self._close()

    def abandon(self) -> None:
        if self._fd >= 0:
            self.leave()
            self._remove()

    def __del__(self) -> None:
        """Close it where the session of its last user was lost: its content may still be of use."""
        self.leave()

    def _settle(self, attributes: Attributes) -> None:
        try:
            self._end()
            if attributes.mode is not None:
                with self._bearing():
                    os.fchmod(self._fd, attributes.mode & PERMISSION_BITS)
            if attributes.mtime is not None:
                with self._bearing():
                    os.utime(self._fd, ns=(time.time_ns(), attributes.mtime))
            if self._durable:
                os.fsync(self._fd)
        finally:
            self._close()  # a file system may report a lost write only here

    @contextmanager
    def _bearing(self) -> Iterator[None]:
        """Take note that the file system, such as FAT, refuses an attribute."""
        try:
            yield
        except OSError as error:
            if error.errno not in _REFUSALS:
                raise
            self.unset = from_os_error(error, path=self._path)

    def _end(self) -> None:
        """A new file ends after its last byte."""

    def _close(self) -> None:
        if self._follower is not None:
            self._follower.stop()
        fd, self._fd = self._fd, -1
        os.close(fd)

    def _remove(self) -> None:
        with suppress(OSError):  # the next run removes it as a leftover
            self._directories.at(self._path, lambda parent, name: os.unlink(name, dir_fd=parent))


class ReopenedStage(LocalStage):
    """A stage that gets new content."""

    _open = staticmethod(_reopen)

    def _end(self) -> None:
        os.ftruncate(self._fd, self._written.size)


class Follower:
    """Reads `fd` from its beginning up to the position that `advance` reports as written.

    `digest` or `stop` ends it; `fd` stays open until then.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._hash = sha256()
        self._hashed = 0
        self._written = 0
        self._stopped = False
        self._complete = False
        self._error: Optional[OSError] = None
        self._news = threading.Condition()
        self._thread = in_background(self._follow, name="digest of a stage")

    def advance(self, written: int) -> None:
        """So many bytes are written, without a gap."""
        if written - self._written >= _CHUNK:
            with self._news:
                self._written = written
                self._news.notify()

    def digest(self, size: int) -> Optional[bytes]:
        """Return the digest of the file, which is written whole; None if it does not hold exactly `size` bytes. Raises
        OSError."""
        with self._news:
            self._written, self._complete = size, True
            self._news.notify()
        self._thread.join()
        if self._error is not None:
            raise self._error
        whole = self._hashed == size and not os.pread(self._fd, 1, size)
        return self._hash.digest() if whole else None

    def stop(self) -> None:
        """Stop hashing and discard the digest."""
        with self._news:
            self._stopped = True
            self._news.notify()
        self._thread.join()

    def _follow(self) -> None:
        buffer = memoryview(bytearray(_CHUNK))
        try:
            while self._wait():
                count = os.preadv(self._fd, [buffer[: self._written - self._hashed]], self._hashed)
                if not count:
                    return  # the file became shorter
                self._hash.update(buffer[:count])
                self._hashed += count
        except OSError as error:
            self._error = error

    def _wait(self) -> bool:
        """Wait for more to hash; False if there will be none."""
        with self._news:
            self._news.wait_for(lambda: self._stopped or self._complete or self._written > self._hashed)
            return not self._stopped and self._written > self._hashed
