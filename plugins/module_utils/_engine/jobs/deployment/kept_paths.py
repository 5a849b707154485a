# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files and directories of a job, kept by descriptors: root alone can have made each directory on the way."""

from __future__ import annotations

import os
from typing import Optional

from ...system.changes import Changes
from ...system.entries import MISSING, Attributes, keep_directory, keep_file
from ...system.root_owned_path import Walker

PUBLIC, PRIVATE = Attributes(0, 0, 0o644), Attributes(0, 0, 0o600)
_OPEN_DIRECTORY = Attributes(0, 0, 0o755)
STORED = "stored"


def keep_path(path: str, wanted: Attributes, changes: Changes, content: Optional[bytes] = None) -> None:
    """Keep a file with this content, else a directory. Missing directories above it are made. Raises UnsafePath."""
    above, _slash, name = path.rpartition("/")
    parent = _opened(above or "/", check_mode=changes.check_mode)
    try:
        if content is not None:
            keep_file(name, content, wanted, changes, parent=parent, shown=path)
            return
        made = keep_directory(name, wanted, changes, parent=parent, shown=path)
        if made is not None:
            os.close(made)
    finally:
        if parent is not None:
            os.close(parent)


def put_secret(path: str, content: bytes) -> None:
    """Write an encrypted secret, whose content no result shows."""
    keep_path(path, PRIVATE, Changes(check_mode=False), content)


def remove_file(path: str, changes: Changes, shown: str = "file") -> None:
    """Remove a file, if it is there."""
    if os.path.lexists(path) and changes.record(path, shown, MISSING):
        os.unlink(path)


def _opened(path: str, *, check_mode: bool) -> Optional[int]:
    """Return a descriptor of a directory, made with those above it; None if check mode does not make it."""
    found = Walker().open_existing(path)
    if found is None and not check_mode:
        keep_path(path, _OPEN_DIRECTORY, Changes(check_mode=False))
        found = Walker().open_existing(path)
    return found
