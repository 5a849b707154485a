# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disk quota of one user on the file system of an open directory: quotactl_fd(2), Linux 5.14 and newer.

By descriptor, as a path may be swapped, and hosts in containers see no block devices. The C library has no wrapper.
"""

from __future__ import annotations

import ctypes
import errno
import os
from typing import Optional

from ..system.os_errors import from_os_error
from .request import Quota

_CALL = 443  # the same on every architecture that has it by a common number
_USRQUOTA = 0
_GET, _SET, _STATE = 0x800007, 0x800008, 0x5805
_BLOCK = 1024
_LIMITS = 1 | 4  # QIF_BLIMITS and QIF_ILIMITS
_NONE_THERE = (errno.ENOSYS, errno.ENOTSUP, errno.ESRCH, errno.ENOTBLK, errno.EINVAL, errno.ENODEV)
_FORBIDDEN = errno.EPERM  # to root: a container may not query it, on any file system


class _Dqblk(ctypes.Structure):
    """struct if_dqblk of linux/quota.h."""

    _fields_ = [
        ("bhard", ctypes.c_uint64),
        ("bsoft", ctypes.c_uint64),
        ("space", ctypes.c_uint64),
        ("ihard", ctypes.c_uint64),
        ("isoft", ctypes.c_uint64),
        ("inodes", ctypes.c_uint64),
        ("btime", ctypes.c_uint64),
        ("itime", ctypes.c_uint64),
        ("valid", ctypes.c_uint32),
    ]


class _State(ctypes.Structure):
    """The beginning of struct fs_quota_stat of linux/dqblk_xfs.h, which other file systems fill in too."""

    _fields_ = [("version", ctypes.c_int8), ("flags", ctypes.c_uint16), ("rest", ctypes.c_uint8 * 124)]


_ENFORCED = 2  # FS_QUOTA_UDQ_ENFD


def enforced(directory: int) -> bool:
    """Return whether limits of users are enforced: a file system may only count their use."""
    state = _State()
    return not _call(directory, _STATE, 0, state) and bool(state.flags & _ENFORCED)


def read_quota(directory: int, user: int) -> Optional[Quota]:
    """Return the hard limits of the user id `user`; None if its file system keeps none or this system may not ask."""
    block = _Dqblk()
    error = _call(directory, _GET, user, block)
    if error in (*_NONE_THERE, _FORBIDDEN):
        return None
    if error:
        raise from_os_error(OSError(error, os.strerror(error)))
    return Quota(block.bhard * _BLOCK or None, block.ihard or None)


def set_quota(directory: int, user: int, quota: Quota) -> None:
    """Set hard limits only: the warning of a soft limit would not be read."""
    block = _Dqblk(valid=_LIMITS, bhard=(quota.space or 0) // _BLOCK, ihard=quota.files or 0)
    error = _call(directory, _SET, user, block)
    if error:
        raise from_os_error(OSError(error, os.strerror(error)))


def rounded(quota: Quota) -> Quota:
    """Return the quota in whole blocks, as it is kept: space rounded up."""
    return quota._replace(space=quota.space and -(-quota.space // _BLOCK) * _BLOCK)


def _call(directory: int, command: int, user: int, block: ctypes.Structure) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    result = libc.syscall(_CALL, directory, command << 8 | _USRQUOTA, user, ctypes.byref(block))
    return ctypes.get_errno() if result else 0
