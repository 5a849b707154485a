# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""List a local tree in pages, with few descriptors and no recursion, links never followed."""

from __future__ import annotations

import os
import stat
import sys
from itertools import islice
from typing import Callable, Dict, Iterator, List, Optional, Tuple

from ...errors import SyncError
from ...model.relpath import ROOT, RelPath
from ...model.tree import DIRECTORY, FILE, LINK, MODES, PERMISSION_BITS, SPECIAL, STAMP, Entry
from ...system.os_errors import from_os_error
from ..base import Page
from .directories import Directories

_PAGE = 500
_LIST = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_KINDS = {stat.S_IFREG: FILE, stat.S_IFDIR: DIRECTORY, stat.S_IFLNK: LINK}
_FORMAT = 0o170000
_ENCODING = sys.getfilesystemencoding()
_ERRORS = sys.getfilesystemencodeerrors()


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
