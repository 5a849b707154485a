# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manifest of a tree on this host: its files with size, time and SHA-256.

A file with the size, times and inode of the last manifest is not read again. The change time of the inode cannot
be set back, unlike the time of the content. A file that was changed a moment before the manifest has no stamp, so that
it is read again.
"""

from __future__ import annotations

from contextlib import closing
from typing import AbstractSet, Callable, Dict, List, Mapping, NamedTuple, Tuple

from ...errors import NotFound, SyncError
from ...integrity.manifest import Recorded, recorded_digests
from ...model.relpath import RelPath
from ...model.tree import FILE, STAMP, Stamps, Tree
from ...transport.base import Page
from ...transport.local.transport import LocalTransport

_SECOND = 1000000000
_FRESH = 2.0
"""Seconds before a manifest in which a second change may leave the same change time."""
_RECENT = 600.0
"""Seconds after the last change of a file in which its upload may still go on."""

Files = Mapping[RelPath, Recorded]


class Scan(NamedTuple):
    """began, ended: seconds since 1970
    files: each with its digest
    tree, stamps: all entries
    recent: files that were changed in the last ten minutes
    unread: files that could not be read, and why
    """

    began: float
    ended: float
    files: Dict[RelPath, Recorded]
    tree: Tree
    stamps: Stamps
    recent: AbstractSet[RelPath]
    unread: Mapping[RelPath, SyncError]


def scan_files(root: str, known: Files, clock: Callable[[], float]) -> Scan:
    """Return the files of a tree. Links are not followed. Raises SyncError if a directory cannot be listed.

    known: files of the last manifest
    """
    began = clock()
    with closing(LocalTransport(root.encode())) as side:
        tree, stamps = _listed(side)
        digests, unread = _digested(side, tree, stamps, known)
    recent = {path for path in digests if _changed(tree, path, stamps) > began - _RECENT}
    for path in recent:
        if _changed(tree, path, stamps) >= began - _FRESH:
            stamps.pop(path, None)
    files = {
        path: Recorded(tree[path].size, tree[path].mtime, digest, stamps.get(path, b""))
        for path, digest in digests.items()
    }
    return Scan(began, clock(), files, tree, stamps, recent, unread)


def _listed(side: LocalTransport) -> Tuple[Tree, Dict[bytes, bytes]]:
    tree: Tree = {}
    stamps: Dict[bytes, bytes] = {}
    for page in side.scan():
        _check(page)
        tree.update(page.entries)
        stamps.update(page.stamps or {})
    return tree, stamps


def _check(page: Page) -> None:
    """Refuse a listing that is not whole; a directory may be removed while the tree is read."""
    if page.problem is not None and not (page.directory and isinstance(page.problem, NotFound)):
        raise page.problem


def _digested(
    side: LocalTransport, tree: Tree, stamps: Stamps, known: Files
) -> Tuple[Dict[RelPath, bytes], Dict[RelPath, SyncError]]:
    digests = {RelPath(path): digest for path, digest in recorded_digests(known.items(), tree, stamps).items()}
    unread: Dict[RelPath, SyncError] = {}
    wanted: List[RelPath] = [path for path, entry in tree.items() if entry.kind == FILE and path not in digests]
    for found in side.digest(wanted):
        if found.digest is not None:
            digests[found.path] = found.digest
        elif found.error is not None:
            unread[found.path] = found.error
    return digests, unread


def _changed(tree: Tree, path: RelPath, stamps: Stamps) -> float:
    stamp = stamps.get(path)
    return float(STAMP.unpack(stamp)[0] if stamp else tree[path].mtime) / _SECOND
