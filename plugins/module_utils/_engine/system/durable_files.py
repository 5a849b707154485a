# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files and links by their paths, each changed in one step and on the disk when that is done (rename(2), fsync(2)).

Their directories must be nobody else's: the caller has looked. All raise OSError."""

from __future__ import annotations

import contextlib
import os

__all__ = ["LEFT_BEHIND", "complete", "link", "put", "unlink"]

LEFT_BEHIND = ".new"
"""Behind the names of what a killed run left half made."""


def put(path: str, content: bytes, mode: int) -> None:
    """Make or replace a file."""
    new = path + LEFT_BEHIND
    unlink(new)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "wb") as stream:
        os.fchmod(descriptor, mode)
        stream.write(content)
        stream.flush()
        os.fsync(descriptor)
    os.rename(new, path)
    _sync(os.path.dirname(path))


def link(target: str, path: str) -> None:
    """Make a symbolic link, or put it in the place of a file or link."""
    new = path + LEFT_BEHIND
    unlink(new)
    os.symlink(target, new)
    os.rename(new, path)
    _sync(os.path.dirname(path))


def complete(new: str, directory: str) -> None:
    """Give a new directory of files its name. What is in it is on the disk before: programs that wrote it need not have
    seen to that."""
    for name in os.listdir(new):
        _sync(os.path.join(new, name))
    _sync(new)
    os.rename(new, directory)
    _sync(os.path.dirname(directory))


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
