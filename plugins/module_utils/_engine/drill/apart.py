# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The path of a scratch directory: a drill must not touch live data, also if an option is wrong.

The path is resolved first, so links on the way hide nothing. Directories are compared by device and inode too, so a
live directory that is mounted at a second place is found.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import Iterator, Mapping, Sequence, Set, Tuple

from ..errors import NotFound, UnsafePath
from ..model.display import display

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def resolved(path: bytes) -> bytes:
    """Return the path of the scratch directory without links. Its parent exists, and others cannot replace a part.

    Raises UnsafePath, NotFound.
    """
    if os.path.islink(path):
        raise UnsafePath(f"scratch: {display(path)} is a symbolic link", cure="Set scratch to the real directory.")
    parent = os.path.realpath(os.path.dirname(path))
    if not os.path.isdir(parent):
        raise NotFound(f"scratch: {display(parent)} does not exist", cure="Make it, or correct scratch.")
    for place in _upwards(parent):
        _require_firm(place)
    return os.path.join(parent, os.path.basename(path))


def _require_firm(place: bytes) -> None:
    status = os.stat(place)
    mine = status.st_uid in (0, os.geteuid())
    if not mine or (status.st_mode & _OTHERS_WRITE and not status.st_mode & stat.S_ISVTX):
        raise UnsafePath(
            f"scratch: others can replace entries of {display(place)} (uid {status.st_uid}, "
            f"mode {stat.S_IMODE(status.st_mode):04o})",
            cure="Set scratch to a directory that only root and the user of the task can replace.",
        )


def require_apart(scratch: bytes, others: Mapping[str, Sequence[bytes]]) -> None:
    """Refuse a resolved scratch directory inside, above or equal to another path. others: by the name of the option.

    Raises UnsafePath.
    """
    own = _identities(scratch)
    for option, paths in others.items():
        for path in paths:
            real = os.path.realpath(path)
            if _is_within(scratch, real) or _is_within(real, scratch) or _identity(real) & own:
                raise UnsafePath(
                    f"scratch: {display(scratch)} is inside, above or equal to {display(path)} of {option}",
                    cure="Set scratch to a directory apart from it.",
                )


def _is_within(path: bytes, root: bytes) -> bool:
    return path == root or path.startswith(root.rstrip(b"/") + b"/")


def _identities(path: bytes) -> Set[Tuple[int, int]]:
    """Return device and inode of a directory and of all above it, but the root of the file system."""
    found: Set[Tuple[int, int]] = set()
    for place in _upwards(path):
        found |= _identity(place)
    return found - _identity(b"/")


def _identity(path: bytes) -> Set[Tuple[int, int]]:
    with suppress(OSError):
        status = os.stat(path)
        return {(status.st_dev, status.st_ino)}
    return set()


def _upwards(path: bytes) -> Iterator[bytes]:
    while True:
        yield path
        if path == b"/":
            return
        path = os.path.dirname(path)
