# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One jail on disk: a directory of root's, those in it, the place of the log, the keys outside, the quota.

The quota of a user is set on the file system of an open directory by quotactl_fd(2), Linux 5.14 and newer: a path may
be swapped, and hosts in containers see no block devices. The C library has no wrapper.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
from contextlib import ExitStack
from typing import Optional

from ..errors import OperationFailed, UnsafePath
from ..system.accounts import Owner, user_id
from ..system.changes import Changes
from ..system.entries import Attributes, keep_directory, keep_file, read_file
from ..system.os_errors import from_os_error
from .key_file import ROTATED_HEAD, key_file_text
from .request import DEV, LOG_SOCKET, Jail, JailDirectory, Quota

ROOT_ID = 0
_JAIL_MODE = 0o750  # owned by root, the account may only pass through: required by sshd and vsftpd for a chroot
_WRITABLE_MODE = 0o2770  # by group: the account fills the directory, and cannot change the directory itself
_READABLE_MODE = 0o2750
_DEV_MODE = 0o711
_KEYS_MODE = 0o640
_CALL = 443  # the same on every architecture that has it by a common number
_USRQUOTA = 0
_GET, _SET, _STATE = 0x800007, 0x800008, 0x5805
_BLOCK = 1024
_LIMITS = 1 | 4  # QIF_BLIMITS and QIF_ILIMITS
_NONE_THERE = (errno.ENOSYS, errno.ENOTSUP, errno.ESRCH, errno.ENOTBLK, errno.EINVAL, errno.ENODEV)
_FORBIDDEN = errno.EPERM  # to root: a container may not query it, on any file system
_ENFORCED = 2  # FS_QUOTA_UDQ_ENFD


def keep_jail(jail: Jail, owner: Optional[Owner], changes: Changes, *, base: Optional[int], shown: str) -> None:
    """Keep the tree of a jail.

    owner: ids of its account, None if that is not there yet
    shown: path of the jail
    """
    group = owner.group if owner else None
    with ExitStack() as stack:
        root = _kept(stack, jail.name, Attributes(ROOT_ID, group, _JAIL_MODE), changes, base, shown)
        dev = _kept(stack, DEV, Attributes(ROOT_ID, ROOT_ID, _DEV_MODE), changes, root, f"{shown}/{DEV}")
        _keep_log_place(dev, changes, f"{shown}/{DEV}/{LOG_SOCKET}")
        for directory in jail.directories:
            wanted = _attributes(directory, group)
            _kept(stack, directory.name, wanted, changes, root, f"{shown}/{directory.name}")
        if root is not None:
            _note_strangers(jail, changes, root, shown)
            if owner is not None:
                keep_quota(jail.quota, owner, changes, root, shown)


def keep_keys(jail: Jail, owner: Optional[Owner], changes: Changes, *, parent: Optional[int], shown: str) -> None:
    """Write the key file. sshd reads it as the account, so only its group may read it."""
    wanted = Attributes(ROOT_ID, owner.group if owner else None, _KEYS_MODE)
    there = read_file(jail.name, parent=parent, shown=shown) if jail.rotated and parent is not None else None
    content = key_file_text(jail).encode() if not jail.rotated else ROTATED_HEAD if there is None else there
    keep_file(jail.name, content, wanted, changes, parent=parent, shown=shown)


def keep_quota(quota: Quota, owner: Owner, changes: Changes, directory: int, shown: str) -> None:
    """Keep the limits of an account on the file system of an open directory; shown: path of its jail."""
    wanted, found = rounded(quota), read_quota(directory, owner.user)
    if found is None:
        why = "its file system has no user quotas, or this system may not set them"
        _note_quota(quota, changes, f"{shown} has no quota: {why}")
        return
    if found != wanted and changes.record(f"quota of {shown}", _words(found), _words(wanted)):
        set_quota(directory, owner.user, wanted)
        if read_quota(directory, owner.user) != wanted:
            raise OperationFailed(f"the file system of {shown} did not take the quota")
    if not enforced(directory):
        _note_quota(quota, changes, f"the quota of {shown} is not enforced: mount its file system with usrquota")


def _kept(
    stack: ExitStack, name: str, wanted: Attributes, changes: Changes, parent: Optional[int], shown: str
) -> Optional[int]:
    """Return a kept directory, closed with `stack`."""
    descriptor = keep_directory(name, wanted, changes, parent=parent, shown=shown)
    if descriptor is not None:
        stack.callback(os.close, descriptor)
    return descriptor


def _attributes(directory: JailDirectory, group: Optional[int]) -> Attributes:
    if directory.writable:
        return Attributes(ROOT_ID, group, _WRITABLE_MODE)
    return Attributes(user_id(directory.owner), group, _READABLE_MODE)


def _keep_log_place(dev: Optional[int], changes: Changes, shown: str) -> None:
    """An empty file, on which the socket of the system's log is mounted."""
    try:
        mode = 0 if dev is None else os.lstat(LOG_SOCKET, dir_fd=dev).st_mode
    except FileNotFoundError:
        mode = 0
    if mode and not (stat.S_ISREG(mode) or stat.S_ISSOCK(mode)):
        raise UnsafePath(f"{shown} is neither a file nor a socket", cure="Remove it.")
    if not mode and changes.record(shown, "missing", "place of the log's socket") and dev is not None:
        os.close(os.open(LOG_SOCKET, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600, dir_fd=dev))


def _note_strangers(jail: Jail, changes: Changes, root: int, shown: str) -> None:
    known = {DEV, *(directory.name for directory in jail.directories)}
    strangers = sorted(set(os.listdir(root)) - known)
    if strangers:
        changes.note(f"{shown} holds unmanaged entries, which were left alone: {', '.join(strangers)}")


def _note_quota(quota: Quota, changes: Changes, text: str) -> None:
    if quota != Quota():
        changes.note(text)


def _words(quota: Quota) -> str:
    space = "any size" if quota.space is None else f"{quota.space} bytes"
    return "%s, %s" % (space, "any number of files" if quota.files is None else f"number of files {quota.files}")


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
