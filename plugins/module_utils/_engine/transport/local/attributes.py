# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Set mode and mtime of a local file or directory by name, safely even if the name is replaced meanwhile."""

from __future__ import annotations

import errno
import os
import stat

from ...model.tree import PERMISSION_BITS, Attributes
from .directories import HANDLE

_DESCRIPTORS = b"/proc/self/fd/"
"""A name here stands for the file of an O_PATH descriptor itself (proc(5)), also where it may not be opened."""


def set_attributes(attributes: Attributes, parent: int, name: bytes) -> None:
    """Set only attributes that differ. Set-user-ID, set-group-ID and sticky are kept."""
    fd = os.open(name, HANDLE | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
    try:
        status = os.fstat(fd)
        _demand_settable(status)
        try:
            _set(_DESCRIPTORS + b"%d" % fd if hasattr(os, "O_PATH") else fd, status, attributes)
        except FileNotFoundError:
            _set_opened(parent, name, status, attributes)
    finally:
        os.close(fd)


def _demand_settable(status: os.stat_result) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise OSError(errno.ELOOP, "it is a symbolic link")
    if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
        raise OSError(errno.EINVAL, "neither a regular file nor a directory")


def _set(place: bytes | int, status: os.stat_result, attributes: Attributes) -> None:
    if attributes.mode is not None:
        mode = status.st_mode & 0o7000 | attributes.mode & PERMISSION_BITS
        if mode != stat.S_IMODE(status.st_mode):
            os.chmod(place, mode)
    if attributes.mtime is not None and attributes.mtime != status.st_mtime_ns:
        os.utime(place, ns=(status.st_atime_ns, attributes.mtime))


def _set_opened(parent: int, name: bytes, status: os.stat_result, attributes: Attributes) -> None:
    """Without /proc, as in a bare chroot: through a descriptor that may read."""
    fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC, dir_fd=parent)
    try:
        if not os.path.samestat(os.fstat(fd), status):
            raise OSError(errno.ESTALE, "another file took its place")
        _set(fd, status, attributes)
    finally:
        os.close(fd)
