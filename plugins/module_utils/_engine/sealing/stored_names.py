# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of names: the content `a` is stored as `a.age`."""

from __future__ import annotations

from ..model.relpath import RelPath
from ..model.tree import FILE, Entry


def has_form(path: bytes, extension: bytes) -> bool:
    """Return whether a name has the form of a sealed file."""
    return path.endswith(extension) and path.rpartition(b"/")[2] != extension


def stored_of(plain: RelPath, extension: bytes) -> RelPath:
    """Return the name of the sealed form of a file."""
    return RelPath(plain + extension)


def plain_of(path: RelPath, entry: Entry, extension: bytes) -> RelPath:
    """Return the name of the content of a stored entry. Only files are sealed."""
    return RelPath(path[: -len(extension)]) if entry[0] == FILE and has_form(path, extension) else path
