# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""FileLimits: the files of a tree that are too young, too old, too small or too large for a run."""

from __future__ import annotations

from typing import Set

from ..model.relpath import RelPath
from ..model.request import FileLimits
from ..model.tree import FILE, Entry, Tree

_SECOND = 1_000_000_000


def outside(tree: Tree, limits: FileLimits, now: int) -> Set[RelPath]:
    """Return the regular files outside the limits. now: nanoseconds since 1970, to which ages refer."""
    youngest = None if limits.min_age is None else now - limits.min_age * _SECOND
    oldest = None if limits.max_age is None else now - limits.max_age * _SECOND

    def is_outside(entry: Entry) -> bool:
        return (
            (youngest is not None and entry.mtime > youngest)
            or (oldest is not None and entry.mtime < oldest)
            or (limits.min_size is not None and entry.size < limits.min_size)
            or (limits.max_size is not None and entry.size > limits.max_size)
        )

    return {path for path, entry in tree.items() if entry.kind == FILE and is_outside(entry)}
