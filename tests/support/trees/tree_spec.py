# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entries of a tree, expected or found by a test: one small value for each kind of entry.

A tree is a dict of path -> File, Directory, Link or Special; missing parents are created. Bytes stand for a
File with that content. Snapshots come in the same form, so that a test can compare found and expected trees.
"""

from __future__ import annotations

from typing import Dict, Mapping, NamedTuple

__all__ = ["MTIME", "SECOND", "Directory", "File", "Found", "Link", "Special", "TreeSpec", "normal"]

SECOND = 1_000_000_000
MTIME = 1_600_000_000 * SECOND
"""Whole seconds, so that every transport keeps it."""


class File(NamedTuple):
    content: bytes = b""
    mode: int = 0o644
    mtime: int = MTIME


class Directory(NamedTuple):
    mode: int = 0o755
    mtime: int = MTIME


class Link(NamedTuple):
    target: bytes


class Special(NamedTuple):
    """A fifo."""

    mode: int = 0o644


Found = File | Directory | Link | Special
TreeSpec = Mapping[bytes, Found | bytes]


def normal(tree: TreeSpec) -> Dict[bytes, Found]:
    """The tree with its missing parents, bytes turned into files; sorted, parents before children."""
    whole: Dict[bytes, Found] = {}
    for path, spec in tree.items():
        parent = path.rpartition(b"/")[0]
        while parent and parent not in tree:
            whole[parent] = Directory()
            parent = parent.rpartition(b"/")[0]
        whole[path] = File(spec) if isinstance(spec, bytes) else spec
    return dict(sorted(whole.items()))
