# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directories: the one way from a RelPath to a place in the local tree, without ever following a link; and the
listing of the tree in pages, with few descriptors and no recursion.

A path is walked name by name from a descriptor of the root with openat(2), O_DIRECTORY and O_NOFOLLOW, so that a
process with write access to the tree cannot lead a walk out of it, not even by swapping a directory for a link in the
middle. The root itself may be reached through links: the operator named it.

The last used directories stay open. Such a descriptor always refers to the directory that was opened inside the root,
even if its name changes, so it can never lead elsewhere; but the directory may have been moved or removed by another
process. So each is used for at most `LIFETIME` seconds after the walk that opened it, is dropped when this transport
renames or removes it, and is walked to again when it turns out to be removed.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import threading
import time
from collections import OrderedDict
from contextlib import suppress
from itertools import islice
from typing import Callable, Dict, Iterator, List, Optional, Tuple, TypeVar

from ...errors import SyncError
from ...model.relpath import ROOT, RelPath
from ...model.tree import DIRECTORY, FILE, LINK, MODES, PERMISSION_BITS, SPECIAL, STAMP, Entry
from ...system.os_errors import from_os_error
from ..base import Page

_PAGE = 500
_LIST = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_KINDS = {stat.S_IFREG: FILE, stat.S_IFDIR: DIRECTORY, stat.S_IFLNK: LINK}
_FORMAT = 0o170000
_ENCODING = sys.getfilesystemencoding()
_ERRORS = sys.getfilesystemencodeerrors()

T = TypeVar("T")

LIFETIME = 1.0
"""Seconds."""

_OPEN_AT_MOST = 64

HANDLE = getattr(os, "O_PATH", os.O_RDONLY | os.O_NONBLOCK)
"""Names a file without opening it: no read permission needed, no effect on a device (open(2), O_PATH)."""

CREATE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_WALK = HANDLE | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def attempt(path: RelPath, act: Callable[..., T], *arguments: object) -> T:
    """`act(*arguments)`, its OSError as an ItemError of `path`.

    Raised apart from the OSError: errors are kept until the end of a run, and the frames of its traceback would keep
    their directories open.
    """
    try:
        return act(*arguments)
    except OSError as error:
        failure = from_os_error(error, path=path)
    raise failure


class Directory:
    """An open directory. Closed after its last user, so that dropping it never closes a descriptor in use."""

    __slots__ = ("born", "fd")

    def __init__(self, fd: int, born: float) -> None:
        self.fd = fd
        self.born = born

    def __del__(self, _close: Callable[[int], None] = os.close) -> None:
        with suppress(OSError):  # nothing was written through it
            _close(self.fd)

    @property
    def removed(self) -> bool:
        return os.fstat(self.fd).st_nlink == 0


class Directories:
    """Open directories below `root`, at most `limit` of them. May be used from several threads. Raises OSError."""

    def __init__(self, root: bytes, *, limit: int = _OPEN_AT_MOST, lifetime: float = LIFETIME) -> None:
        self._root_path = root
        self._limit = limit
        self._lifetime = lifetime
        self._root: Optional[Directory] = None
        self._open: OrderedDict[bytes, Directory] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def root(self) -> bytes:
        return self._root_path

    def get(self, path: bytes) -> Directory:
        """Return the directory `path`. ELOOP where a link stands in the way."""
        with self._lock:
            return self._get(path)

    def at(self, path: RelPath, act: Callable[[int, bytes], T]) -> T:
        """`act(descriptor of the directory that holds path, last name)`."""
        directory, name = self._holder(path)
        try:
            return act(directory.fd, name)
        except FileNotFoundError:
            if not directory.removed:
                raise
        except OSError as error:
            if error.errno != errno.EMFILE:
                raise
        # Removed (and perhaps made again) by another process, or no descriptor is left: nothing was done, so try again.
        self.forget(ROOT)
        directory, name = self._holder(path)
        self.forget(ROOT)  # also those opened on the way, to leave room
        return act(directory.fd, name)

    def forget(self, path: bytes) -> None:
        """Let go of the directory `path` and of all below it; of all but the root for ROOT."""
        below = path + b"/"
        with self._lock:
            for key in [key for key in self._open if not path or key == path or key.startswith(below)]:
                del self._open[key]

    def close(self) -> None:
        self.forget(ROOT)
        self._root = None

    def _holder(self, path: bytes) -> Tuple[Directory, bytes]:
        parent, _separator, name = path.rpartition(b"/")
        with self._lock:
            return self._fresh(parent) or self._get(parent), name or b"."

    def _get(self, path: bytes) -> Directory:
        if not path:
            return self._get_root()
        found = self._fresh(path)
        if found is not None:
            return found
        known = path
        while known and found is None:
            known = known.rpartition(b"/")[0]
            found = self._fresh(known) if known else None
        if found is None:
            found = self._get_root()
        rest = path[len(known) + 1 :] if known else path
        return self._walk(found, known, rest)

    def _fresh(self, path: bytes) -> Optional[Directory]:
        found = self._open.get(path)
        if found is None:
            return None
        if time.monotonic() - found.born > self._lifetime:
            del self._open[path]
            return None
        self._open.move_to_end(path)
        return found

    def _walk(self, directory: Directory, known: bytes, rest: bytes) -> Directory:
        # A walk that starts at the root is as old as now; one that starts at a known directory is as old as that.
        born = directory.born if known else time.monotonic()
        for name in rest.split(b"/"):
            known = known + b"/" + name if known else name
            directory = Directory(self._open_below(directory.fd, name), born)
            self._open[known] = directory
            if len(self._open) > self._limit:
                self._open.popitem(last=False)
        return directory

    def _open_below(self, parent: int, name: bytes) -> int:
        try:
            return self._retry(lambda: os.open(name, _WALK, dir_fd=parent))
        except NotADirectoryError:
            if stat.S_ISLNK(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
                raise OSError(errno.ELOOP, "a symbolic link stands where a directory was") from None
            raise

    def _get_root(self) -> Directory:
        if self._root is None:
            flags = HANDLE | os.O_DIRECTORY | os.O_CLOEXEC
            self._root = Directory(self._retry(lambda: os.open(self._root_path, flags)), 0.0)
        return self._root

    def _retry(self, act: Callable[[], int]) -> int:
        try:
            return act()
        except OSError as error:
            if error.errno != errno.EMFILE or not self._open:
                raise
            self._open.clear()
            return act()


def entry_of(status: os.stat_result, target: Optional[bytes] = None) -> Entry:
    """Return the result of stat(2) as an Entry."""
    mode = status.st_mode
    kind = _KINDS.get(mode & _FORMAT, SPECIAL)
    return Entry(kind, status.st_size if kind is FILE else 0, status.st_mtime_ns, mode & PERMISSION_BITS, target)


def scan_tree(
    directories: Directories, *, enter: Optional[Callable[[RelPath], bool]], read_links: bool, stamped: bool
) -> Iterator[Page]:
    """Yield pages of all directories below the root, as `Transport.scan` does. Two descriptors at a time in addition to
    those in `directories`; the last directory found is entered first, so that parents are still open when needed."""
    waiting = [ROOT]
    while waiting:
        directory = waiting.pop()
        for page in _list(directories, directory, read_links=read_links, stamped=stamped):
            yield page
            waiting += [e[0] for e in page.entries if e[1][0] is DIRECTORY and (enter is None or enter(e[0]))]


def _list(directories: Directories, directory: RelPath, *, read_links: bool, stamped: bool) -> Iterator[Page]:
    try:
        fd, listing = directories.at(directory, _open_listing)
    except OSError as error:
        yield Page(directory, (), from_os_error(error, path=directory))
        return
    try:
        with listing:
            yield from _pages(fd, listing, directory, read_links=read_links, stamped=stamped)
    finally:
        os.close(fd)


def _open_listing(parent: int, name: bytes) -> Tuple[int, os._ScandirIterator[str]]:
    """Open a separate descriptor: the position in the listing belongs to the open directory, not to the reader.
    (scandir
    duplicates it: two are taken or none, so that `Directories.at` may try again when none was left.)"""
    fd = os.open(name, _LIST, dir_fd=parent)
    try:
        return fd, os.scandir(fd)
    except OSError:
        os.close(fd)
        raise


def _pages(
    fd: int, listing: Iterator[os.DirEntry[str]], directory: RelPath, *, read_links: bool, stamped: bool
) -> Iterator[Page]:
    prefix = directory + b"/" if directory else b""
    while True:
        entries: List[Tuple[RelPath, Entry]] = []
        stamps: Optional[Dict[bytes, bytes]] = {} if stamped else None
        problem, count = _read_page(listing, prefix, entries, stamps)
        if read_links:
            problem = _read_targets(fd, entries) or problem
        if count or problem or not prefix:
            yield Page(directory, entries, problem, stamps)
        if count < _PAGE:
            return


def _read_page(
    listing: Iterator[os.DirEntry[str]],
    prefix: bytes,
    entries: List[Tuple[RelPath, Entry]],
    stamps: Optional[Dict[bytes, bytes]],
) -> Tuple[Optional[SyncError], int]:
    """Return the next entries of a listing; the first problem, and how many names were read.

    The hot path of every run. A name that the kernel lists cannot hold "/" or NUL, "." and ".." are left out by
    scandir, and `prefix` is a checked path: so the path needs no check.
    """
    problem: Optional[SyncError] = None
    count, kind_of, add, pack = 0, _KINDS.get, entries.append, STAMP.pack
    try:
        for item in islice(listing, _PAGE):
            count += 1
            name = item.name.encode(_ENCODING, _ERRORS)
            try:
                status = item.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue  # gone since it was listed
            except OSError as error:
                problem = problem or from_os_error(error, path=prefix + name)
                continue
            mode = status.st_mode
            kind = kind_of(mode & _FORMAT, SPECIAL)
            path, size = RelPath(prefix + name), 0
            if kind is FILE:
                size = status.st_size
                if stamps is not None:
                    stamps[path] = pack(status.st_ctime_ns, status.st_ino)
            add((path, Entry(kind, size, status.st_mtime_ns, MODES[mode & PERMISSION_BITS])))
    except OSError as error:
        return from_os_error(error, path=prefix.rstrip(b"/")), 0
    return problem, count


def _read_targets(fd: int, entries: List[Tuple[RelPath, Entry]]) -> Optional[SyncError]:
    problem: Optional[SyncError] = None
    for index, (path, entry) in enumerate(entries):
        if entry.kind is LINK:
            try:
                entries[index] = path, entry._replace(target=os.readlink(path.name, dir_fd=fd))
            except OSError as error:
                problem = problem or from_os_error(error, path=path)
    return problem
