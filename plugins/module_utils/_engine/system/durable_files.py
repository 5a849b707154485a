# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change files and links by path, each in one atomic step that is on the disk when it returns (rename(2), fsync(2)).

Only this user may write to their directories: the caller has checked it. All functions raise OSError."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import time
from typing import Callable

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

LEFT_BEHIND = ".new"
"""Suffix of incomplete files of a killed run."""

_PATIENCE = 2.0
"""Seconds that an incomplete file of another run stays before it counts as one of a killed run. A write takes less."""


def replace(
    name: str,
    content: bytes,
    *,
    directory: int,
    settle: Callable[[int], None],
    temporary: str = "",
    may_replace: Callable[[], bool] = lambda: True,
) -> bool:
    """Make or replace a file of `directory`, a descriptor; return False if `may_replace` was false at the last moment.

    After an error the file is as it was. A link of that name is replaced, never followed.
    settle: sets owner and mode of the new file, a descriptor; until then it has 0600
    temporary: the name until then, of which a killed run may have left a file; without it, a random name. Two runs that
        write the same file at the same time write it one after the other
    """
    temporary = temporary or f".{name}.{secrets.token_hex(8)}"
    descriptor = _create(temporary, directory)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            settle(descriptor)
            os.fsync(descriptor)
        if not may_replace():
            return False
        os.rename(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
        temporary = ""
        os.fsync(directory)
        return True
    finally:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary, dir_fd=directory)


def _create(name: str, directory: int) -> int:
    """Create an incomplete file. One that is there belongs to another run, or to a killed one."""
    until = time.monotonic() + _PATIENCE
    while True:
        with contextlib.suppress(FileExistsError):
            return os.open(name, _CREATE, 0o600, dir_fd=directory)
        with contextlib.suppress(FileNotFoundError):
            age = time.time() - os.stat(name, dir_fd=directory, follow_symlinks=False).st_mtime
            if age > _PATIENCE or time.monotonic() > until:
                os.unlink(name, dir_fd=directory)
                until = time.monotonic() + _PATIENCE
                continue
        time.sleep(0.02)


def keep_status(descriptor: int, status: os.stat_result) -> None:
    """Give a new file the owner and the mode of the file that it replaces."""
    own = os.fstat(descriptor)
    if (own.st_uid, own.st_gid) != (status.st_uid, status.st_gid):
        os.fchown(descriptor, status.st_uid, status.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(status.st_mode))


def put(path: str, content: bytes, mode: int) -> None:
    """Make or replace a file."""
    parent, name = os.path.split(path)
    directory = os.open(parent, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        replace(
            name,
            content,
            directory=directory,
            settle=lambda descriptor: os.fchmod(descriptor, mode),
            temporary=name + LEFT_BEHIND,
        )
    finally:
        os.close(directory)


def link(target: str, path: str) -> None:
    """Make a symbolic link, or put it in the place of a file or link."""
    new = path + LEFT_BEHIND
    unlink(new)
    os.symlink(target, new)
    os.rename(new, path)
    _sync(os.path.dirname(path))


def complete(new: str, directory: str) -> None:
    """Give a new directory of files its name, after its files are on the disk: the programs that wrote them need not
    have synced them."""
    for name in os.listdir(new):
        _sync(os.path.join(new, name))
    finish(new, directory)


def finish(new: str, path: str) -> None:
    """Give a file that a program wrote its name, after it is on the disk: the program need not have synced it."""
    _sync(new)
    os.rename(new, path)
    _sync(os.path.dirname(path))


def _sync(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def unlink(path: str) -> None:
    """Remove a file, if it is there."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
