# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of this machine's system calls, as errors of one item; how full a file system is, in words."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from typing import Optional

from ..errors import (
    AlreadyExists,
    ItemError,
    NoSpace,
    NotFound,
    NotSupported,
    OperationFailed,
    PermissionDenied,
    QuotaExceeded,
    UnsafeName,
)

_MIB = 1 << 20

_BY_ERRNO = {
    errno.ENOENT: NotFound,
    errno.EEXIST: AlreadyExists,
    errno.EACCES: PermissionDenied,
    errno.EPERM: PermissionDenied,
    errno.EROFS: PermissionDenied,
    errno.ENOSPC: NoSpace,
    errno.EDQUOT: QuotaExceeded,
    errno.ELOOP: UnsafeName,
    errno.ENOTSUP: NotSupported,
    errno.ENOSYS: NotSupported,
}


def from_os_error(error: OSError, *, path: Optional[bytes] = None) -> ItemError:
    """Return the local system's error (errno(3)) as an error of one item."""
    return _BY_ERRNO.get(error.errno or 0, OperationFailed)(error.strerror or str(error), path=path)


def room_words(free: int, whole: int) -> str:
    """Return how many of the bytes of a file system are free."""
    return f"{free / _MIB:.1f} of {whole / _MIB:.1f} MiB are free"


def with_room(error: ItemError, place: int | bytes) -> ItemError:
    """Return `error`; if its cause is a full file system of this host, with its free space. place: a descriptor or
    a path in it."""
    if not isinstance(error, NoSpace):
        return error
    with suppress(OSError):
        found = os.statvfs(place)
        words = room_words(found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize)
        if found.f_files and not found.f_favail:
            words = f"none of its {found.f_files} inodes is free"
        text = f"the file system on this host is full: {words}"
        return error.at(error.path, message=text, cure="Free space on this host.")
    return error
