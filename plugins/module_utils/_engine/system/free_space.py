# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How full a file system is, in words."""

from __future__ import annotations

import os
from contextlib import suppress

from ..errors import ItemError, NoSpace

_MIB = 1 << 20


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
