# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep directories and files with owner and mode, by descriptors: the target of a name cannot change on the way."""

from __future__ import annotations

import os
import stat
from typing import Callable, NamedTuple, Optional

from ..errors import UnsafePath
from .changes import Changes
from .durable_files import replace
from .os_errors import from_os_error
from .root_owned_path import closing, open_directory

MISSING = "missing"
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a fifo in its place does not block
Words = Callable[[bytes], str]
"""Describes the content of a file in a report."""


class Attributes(NamedTuple):
    """Ids of owner and group, and permissions. None is an id that an account will have that is not there yet."""

    user: Optional[int]
    group: Optional[int]
    mode: int

    @property
    def words(self) -> str:
        user, group = ("new" if each is None else str(each) for each in (self.user, self.group))
        return f"{user}:{group} {self.mode:04o}"


def keep_directory(
    name: str, wanted: Attributes, changes: Changes, *, parent: Optional[int], shown: str
) -> Optional[int]:
    """Return a descriptor of the directory, created or corrected; None if check mode does not create it. Raises
    UnsafePath."""
    found = None if parent is None else open_directory(name, shown, parent=parent)
    if found is None:
        if not changes.record(shown, MISSING, "directory " + wanted.words):
            return None
        return _make(name, wanted, parent=_there(parent), shown=shown)
    _mend(found, wanted, changes, shown)
    return found


def text_of(content: bytes) -> str:
    """Return the content of a text file for a report."""
    return content.decode("utf-8", "replace")


def keep_file(
    name: str,
    content: bytes,
    wanted: Attributes,
    changes: Changes,
    *,
    parent: Optional[int],
    shown: str,
    words: Words = text_of,
) -> None:
    """Keep a file with this content, replaced as a whole. Raises UnsafePath if something else has the name."""
    before = None if parent is None else read_file(name, parent=parent, shown=shown)
    if before != content:
        if changes.record(shown, MISSING if before is None else words(before), words(content)):
            _replace(name, content, wanted, parent=_there(parent))
        return
    with closing(os.open(name, _READ, dir_fd=_there(parent))) as descriptor:
        _mend(descriptor, wanted, changes, shown)


def read_file(name: str, *, parent: int, shown: str, owner: Optional[int] = None) -> Optional[bytes]:
    """Content of a regular file, None if there is none. Raises UnsafePath for everything else.

    owner: the only account that may own or write the file; None if that does not matter.
    """
    try:
        descriptor = os.open(name, _READ, dir_fd=parent)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnsafePath(f"{shown} cannot be read: {error.strerror}") from None
    with closing(descriptor):
        info = os.fstat(descriptor)
        if not stat.S_ISREG(info.st_mode):
            raise UnsafePath(f"{shown} is not a regular file", cure="Find out where it comes from, then remove it.")
        if owner is not None:
            _check_owned(info, owner, shown)
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            return stream.read()


def _check_owned(info: os.stat_result, owner: int, shown: str) -> None:
    if info.st_uid != owner or info.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise UnsafePath(
            f"{shown} belongs to the user {info.st_uid} and has the mode "
            f"{stat.S_IMODE(info.st_mode):04o}: others can write it",
            cure=f"Check its content, then: chown root {shown}; chmod go-w {shown}",
        )


def _there(parent: Optional[int]) -> int:
    """Return a directory that only check mode may lack. Without this, None would stand for the working directory."""
    if parent is None:
        raise AssertionError("the directory was not made")
    return parent


def _make(name: str, wanted: Attributes, *, parent: int, shown: str) -> Optional[int]:
    """Return a new directory, closed to all until it has its owner."""
    try:
        os.mkdir(name, 0o700, dir_fd=parent)
    except OSError as error:
        raise from_os_error(error, path=shown.encode()) from None
    made = open_directory(name, shown, parent=parent)
    if made is not None:
        _set(made, wanted)
    return made


def _replace(name: str, content: bytes, wanted: Attributes, *, parent: int) -> None:
    try:
        replace(
            name,
            content,
            directory=parent,
            settle=lambda descriptor: _set(descriptor, wanted),
            temporary=f".{name}.new",
        )
    except OSError as error:
        raise from_os_error(error, path=name.encode()) from None


def _mend(descriptor: int, wanted: Attributes, changes: Changes, shown: str) -> None:
    info = os.fstat(descriptor)
    before = Attributes(info.st_uid, info.st_gid, stat.S_IMODE(info.st_mode))
    known = Attributes(
        before.user if wanted.user is None else wanted.user,
        before.group if wanted.group is None else wanted.group,
        wanted.mode,
    )
    if before != known and changes.record(shown, before.words, wanted.words):
        _set(descriptor, wanted)


def _set(descriptor: int, wanted: Attributes) -> None:
    """Owner first: a change of owner takes set-ID bits away."""
    user, group = (-1 if each is None else each for each in (wanted.user, wanted.group))
    os.fchown(descriptor, user, group)
    os.fchmod(descriptor, wanted.mode)
