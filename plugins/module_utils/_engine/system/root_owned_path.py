# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directories opened component by component: no link is followed, and root alone can have put each one there."""

from __future__ import annotations

import errno
import os
import re
import stat
from contextlib import contextmanager, suppress
from typing import Iterator, List, Optional

from ..errors import InvalidRequest, Refused, SyncError, UnsafePath
from .os_errors import from_os_error

_PLAIN = re.compile(r"[A-Za-z0-9_+@./-]+\Z")
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def parts_of(path: str) -> List[str]:
    """Return the names of an absolute path, none for /.

    Raises InvalidRequest for relative paths, for `.` and `..`, and for characters with a meaning for sshd or systemd:
    spaces, %.
    """
    parts = [part for part in path.split("/") if part]
    if not path.startswith("/") or not _PLAIN.match(path) or {".", ".."} & set(parts):
        raise InvalidRequest(
            f"{path!r} is not a plain absolute path",
            cure="Use an absolute path without . and .., of letters, digits, _, -, +, @ and .",
        )
    return parts


@contextmanager
def closing(descriptor: int) -> Iterator[int]:
    """Yield the descriptor, closed at the end."""
    try:
        yield descriptor
    finally:
        os.close(descriptor)


class Walker:
    """Opens directories.

    owner: the user id that must own every component
    start: where absolute paths begin
    shared: whether root may own a component as well, and a component on the way may be like /tmp, where accounts make
        entries and cannot replace those from others
    """

    def __init__(self, *, owner: int = 0, start: str = "/", shared: bool = False) -> None:
        self._owner, self._start, self._shared = owner, start, shared

    def open(self, path: str) -> int:
        """Return a descriptor of the directory `path`.

        Raises UnsafePath (a link, not a directory, not root's, others may write) and NotFound.
        """
        found = self.open_existing(path)
        if found is None:
            raise from_os_error(OSError(errno.ENOENT, "the directory does not exist"), path=path.encode())
        return found

    def open_existing(self, path: str) -> Optional[int]:
        """Like `open`, or None if a component is missing; existing components were checked."""
        parts = parts_of(path)
        current = os.open(self._start, _OPEN)
        shown = ""
        for number, part in enumerate(parts, 1):
            shown += "/" + part
            try:
                following = open_directory(part, shown, parent=current)
            finally:
                os.close(current)
            if following is None:
                return None
            current = following
            try:
                self._check(current, shown, last=number == len(parts))
            except SyncError:
                os.close(current)
                raise
        return current

    def _check(self, descriptor: int, shown: str, *, last: bool) -> None:
        info = os.fstat(descriptor)
        if info.st_uid != self._owner and not (self._shared and info.st_uid == 0):
            raise _unsafe(shown, f"belongs to the user {info.st_uid}, not to root", f"chown root {shown}")
        if info.st_mode & _OTHERS_WRITE and not (self._shared and info.st_mode & stat.S_ISVTX and not last):
            raise _unsafe(
                shown, f"may be written by others (mode {stat.S_IMODE(info.st_mode):04o})", f"chmod go-w {shown}"
            )


def open_directory(name: str, shown: str, *, parent: int) -> Optional[int]:
    """Return a descriptor of the directory `name` in `parent`; None if there is nothing. Raises UnsafePath."""
    try:
        return os.open(name, _OPEN, dir_fd=parent)
    except OSError as error:
        if error.errno == errno.ENOENT:
            return None
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise _unsafe(shown, f"is {_kind(name, parent)}, not a directory", "") from None
        raise from_os_error(error, path=shown.encode()) from None


def _kind(name: str, parent: int) -> str:
    with suppress(OSError):
        if stat.S_ISLNK(os.lstat(name, dir_fd=parent).st_mode):
            return "a symbolic link"
    return "another kind of file"


def _unsafe(shown: str, what: str, command: str) -> Refused:
    cure = f"Find out why, then: {command}" if command else "Set the path to the real directory, or remove it."
    return UnsafePath(f"{shown} {what}", cure=cure)
