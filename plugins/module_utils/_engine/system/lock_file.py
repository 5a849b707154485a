# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file for the locks of flock(2), which only its owner can open.

Every account may lock a file or a directory that it can open for reading. Such a lock would hold up root for as long as
the account likes, for example in a revocation of its keys.
"""

from __future__ import annotations

import os
from typing import Optional

__all__ = ["existing_lock_file", "opened_lock_file"]

_FLAGS = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
_MODE = 0o600


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
