# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change files and links by path, each in one step that is on the disk when it returns (rename(2), fsync(2)).

Only this user may write to their directories: the caller has checked it. All functions raise OSError."""

from __future__ import annotations

import contextlib
import os

__all__ = ["LEFT_BEHIND", "complete", "link", "put", "unlink"]

LEFT_BEHIND = ".new"
"""Suffix of incomplete files of a killed run."""


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
    """Give a new directory of files its name, after its files are on the disk: the programs that wrote them need not
    have synced them."""
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
