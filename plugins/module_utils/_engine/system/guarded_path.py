# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A path at which only root, this user and the owner of its entry can put another entry."""

from __future__ import annotations

import os
import stat

from ..model.display import display

SHARED = 0o022


def owner_of_guarded(path: bytes) -> int:
    """Return the owner of the entry. Raises OSError, also if others can write to a directory above it."""
    real = os.path.realpath(path)
    owner, place = os.stat(real).st_uid, os.path.dirname(real)
    while True:
        above = os.stat(place)
        is_shared = above.st_mode & SHARED and not above.st_mode & stat.S_ISVTX
        if is_shared or above.st_uid not in (0, os.geteuid(), owner):
            raise PermissionError(f"others can write to the directory {display(place)}")
        if place == b"/":
            return owner
        place = os.path.dirname(place)
