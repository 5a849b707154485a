# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of this machine's system calls, as errors of one item."""

from __future__ import annotations

import errno
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
