# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The paths of a tree that an event names. An account sees the tree under a path of its own, its view."""

from __future__ import annotations

import posixpath
from typing import AbstractSet, Iterator, List, Optional, Tuple

from ...model.relpath import RelPath
from ..event import Event

_MOST_BLANKS = 64
"""Blanks of an ambiguous line. A line with more names no path, so that a change by it is an alert."""

_Pair = Tuple[Optional[RelPath], Optional[RelPath]]


def paths_below(event: Event, view: bytes) -> List[RelPath]:
    """Return the paths in the tree that an event names, in all its meanings."""
    return [path for pair in meanings(event, view) for path in pair if path is not None]


def meanings(event: Event, view: bytes) -> Iterator[_Pair]:
    """Yield old and new path of an event; None for a place outside the tree.

    A line "OLD NEW" that is ambiguous has a meaning for each blank that may be between the names.
    """
    if not event.ambiguous:
        yield path_below(event.old_path, view), path_below(event.path, view)
        return
    line = event.old_path + b" " + event.path
    if line.count(b" ") > _MOST_BLANKS:
        return
    for place, letter in enumerate(line):
        if letter == 0x20:
            yield path_below(line[:place], view), path_below(line[place + 1 :], view)


def path_below(path: bytes, view: bytes) -> Optional[RelPath]:
    """Return the path in the tree that a client's path names; None for another place, and for the root itself."""
    if not path:
        return None
    plain, root = posixpath.normpath(b"/" + path), posixpath.normpath(b"/" + view).rstrip(b"/")
    plain = plain.replace(b"//", b"/") if plain.startswith(b"//") else plain
    root = root[1:] if root.startswith(b"//") else root
    return RelPath(plain[len(root) + 1 :]) if plain.startswith(root + b"/") and len(plain) > len(root) + 1 else None


def is_covered(path: bytes, paths: AbstractSet[bytes]) -> bool:
    """Return whether a path, or a directory above it, is one of `paths`."""
    if not paths:
        return False
    parts = path.split(b"/")
    return any(b"/".join(parts[:length]) in paths for length in range(1, len(parts) + 1))
