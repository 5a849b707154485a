# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entry and Tree: the entries on each side."""

from __future__ import annotations

from struct import Struct
from typing import Callable, Dict, Mapping, MutableMapping, NamedTuple, Optional, cast

from .relpath import RelPath

DIRECTORY = "directory"
FILE = "file"
LINK = "link"
SPECIAL = "special"
"""Anything that is neither: fifo, socket, device. Never opened."""

PERMISSION_BITS = 0o777
"""The bits of a mode that travel. Set-user-ID, set-group-ID and sticky stay where they are."""
MODES = tuple(range(PERMISSION_BITS + 1))
"""Each mode as an object that all entries share."""
STAMP = Struct("<qQ")
"""A file's change time (nanoseconds since 1970) and inode number. Every change of content updates the change time, and
it cannot be set by hand; a file that replaces it has another inode."""
Stamps = Mapping[bytes, bytes]
"""path -> STAMP, of the files of a tree on this host."""
Digests = MutableMapping[bytes, bytes]
"""The known digests of a tree's files: path (a RelPath, or the same bytes) -> SHA-256, 32 bytes. Separate from Tree,
because a scan does not know them."""


class Entry(NamedTuple):
    """One entry of a tree, as lstat(2) sees it.

    size: bytes (0 unless FILE)
    mtime: nanoseconds since 1970
    mode: permission bits
    target: where a LINK points, where asked for
    """

    kind: str
    size: int
    mtime: int
    mode: int
    target: Optional[bytes] = None


class Attributes(NamedTuple):
    """Attributes to set on an entry; None keeps an attribute.

    mode: permission bits
    mtime: nanoseconds since 1970
    """

    mode: Optional[int] = None
    mtime: Optional[int] = None


Tree = Dict[RelPath, Entry]
"""A tree below a root, without the root itself; not necessarily sorted."""


def find_by_bytes(tree: Tree) -> Callable[[bytes], Optional[Entry]]:
    """Return the look-up for paths in plain bytes, which a dictionary takes for an equal RelPath."""
    return cast("Callable[[bytes], Optional[Entry]]", tree.get)
