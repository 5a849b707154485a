# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a contender did the timed work. A figure of a wrong copy counts for nothing."""

from __future__ import annotations

__all__ = ["Wrong", "require_copy", "require_same", "require_untouched", "snapshot"]

import functools
import os
from collections.abc import Iterator
from pathlib import Path

from ..support.trees.trees import Seen, differences, tree_digest
from .contender import OURS, Contender

Snapshot = dict[str, tuple[int, int, int]]


class Wrong(Exception):
    """The contender ended well and did not do its work."""


def require_copy(contender: Contender, source: Path, copy: Path, *, signed: bool) -> None:
    """A copy has as many files and bytes as its source; secure_sync's also has the same SHA-256, modes and times.
    signed: manifests may be at either end."""
    if contender.kind == OURS:
        trees = [_without_manifests(tree) if signed else tree for tree in (_digest(source), tree_digest(copy))]
        found = differences(*trees, limit=3)
        if found:
            raise Wrong("; ".join(found))
        return
    wanted, got = (_count(tree) for tree in (source, copy))
    if wanted != got:
        raise Wrong(f"(files, bytes) are {got} instead of {wanted}")


def require_same(contender: Contender, source: Path, copy: Path) -> None:
    """A copy has the same files and contents; secure_sync's also has the same directories, modes and times."""
    trees = [tree_digest(tree) for tree in (source, copy)]
    found = differences(*(trees if contender.kind == OURS else map(_contents, trees)), limit=3)
    if found:
        raise Wrong("; ".join(found))


def snapshot(tree: Path) -> Snapshot:
    """Inode, size and modification time of each file: they change if a file is stored again."""
    return {
        path: (status.st_ino, status.st_size, status.st_mtime_ns)
        for path, status in ((path, os.lstat(path)) for path in _files(tree))
    }


def require_untouched(before: Snapshot, tree: Path) -> None:
    """There was nothing to do, and nothing was done."""
    after = snapshot(tree)
    changed = [path for path in {**before, **after} if before.get(path) != after.get(path)]
    if changed:
        raise Wrong(f"{len(changed)} files were changed or moved, such as {os.path.relpath(changed[0], tree)}")


def _without_manifests(tree: dict[bytes, Seen]) -> dict[bytes, Seen]:
    return {path: seen for path, seen in tree.items() if path.split(b"/")[0] != b"MANIFEST"}


def _contents(tree: dict[bytes, Seen]) -> dict[bytes, Seen]:
    return {path: seen._replace(mode=0, mtime=0) for path, seen in tree.items() if seen.kind == "f"}


def _count(tree: Path) -> tuple[int, int]:
    sizes = [os.lstat(path).st_size for path in _files(tree)]
    return len(sizes), sum(sizes)


def _files(tree: Path) -> Iterator[str]:
    for place, _directories, names in os.walk(tree):
        for name in names:
            yield os.path.join(place, name)


@functools.cache
def _digest(tree: Path) -> dict[bytes, Seen]:
    return tree_digest(tree)
