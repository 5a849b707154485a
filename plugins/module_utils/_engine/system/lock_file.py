# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files for the locks of flock(2), which accounts that may only read their directory cannot open.

Every account may lock a file or a directory that it can open for reading. Such a lock would hold up root for as long as
the account likes, for example in a revocation of its keys.

`opened_lock_file` is for files of one account, such as root. `shared_lock_file` is for files of all accounts that may
write to a directory: if root makes the file, it belongs to the owner of the directory, and the group may open it if it
may write to the directory.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import Optional

_FLAGS = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
_MODE = 0o600
_GROUP = 0o060


def opened_lock_file(path: str, *, directory: Optional[int] = None) -> int:
    """Return a descriptor of the file, made if it was missing. Raises OSError. directory: a descriptor"""
    descriptor = os.open(path, _FLAGS | os.O_CREAT, _MODE, dir_fd=directory)
    os.fchmod(descriptor, _MODE)
    return descriptor


def existing_lock_file(path: str, *, directory: Optional[int] = None) -> Optional[int]:
    """Return a descriptor of the file; None if there is none. Raises OSError."""
    try:
        return os.open(path, _FLAGS, dir_fd=directory)
    except FileNotFoundError:
        return None


def shared_lock_file(name: str, *, directory: int) -> int:
    """Return a descriptor of the file, made if it was missing. Raises OSError. directory: a descriptor"""
    try:
        # Where everybody may write, the kernel can refuse O_CREAT for a file of another account (fs.protected_regular).
        descriptor = os.open(name, _FLAGS, dir_fd=directory)
    except FileNotFoundError:
        descriptor = os.open(name, _FLAGS | os.O_CREAT, _MODE, dir_fd=directory)
    _share(descriptor, os.fstat(directory))
    return descriptor


def _share(descriptor: int, directory: os.stat_result) -> None:
    """Give an own file the owner, the group and the mode by which accounts that may write to its directory can open it.

    Such an account can put another file of root there, or a link to it. So only a file without content and without
    another name is changed.
    """
    found = os.fstat(descriptor)
    if found.st_uid != os.geteuid() or found.st_nlink != 1 or found.st_size or not stat.S_ISREG(found.st_mode):
        return
    os.fchmod(descriptor, _MODE)
    group = directory.st_gid if directory.st_mode & stat.S_IWGRP else -1
    with suppress(PermissionError):  # of a user who is not in the group
        os.fchown(descriptor, directory.st_uid if found.st_uid == 0 else -1, group)
        os.fchmod(descriptor, _MODE if group == -1 else _MODE | _GROUP)
