# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Marker: a file in the destination's root with this run's own text, by which overlapping roots are found
(overlap.py).

The lock file is used if it exists, else a temporary file that is removed after the scan.
"""

from __future__ import annotations

import os
from typing import Callable, List

from ..errors import ItemError
from ..model.relpath import ROOT, RelPath
from .lock import LOCK_NAME
from .lock_holder import LockHolder
from .overlap import inside_destination, inside_source, like_source, peer_inside_local, refusal
from .roots import Opened
from .scan import Scanned

__all__ = ["Marker"]


class Marker:
    """A marker file.

    path: relative to the destination
    content: text that only this run wrote there
    """

    def __init__(self, path: RelPath, content: bytes, remove: Callable[[], None] = lambda: None) -> None:
        self._path = path
        self._content = content
        self.remove = remove

    @classmethod
    def of_lock(cls, holder: LockHolder) -> Marker:
        return cls(RelPath(LOCK_NAME), holder.text())

    @classmethod
    def temporary(cls, opened: Opened, holder: LockHolder) -> Marker:
        """Make a marker that `remove` removes. If it cannot be made, nothing can be stored in the root either."""
        path, destination = opened.names.in_root(), opened.sides.destination

        def remove() -> None:
            for _done in destination.remove_files([path]):
                opened.names.release(path)

        try:
            destination.create_file(path, holder.text())
        except ItemError:
            opened.names.release(path)
            return cls(path, holder.text())
        return cls(path, holder.text(), remove)

    def _candidates(self, opened: Opened, source: Scanned) -> List[RelPath]:
        """Paths in the source that may be the marker. The scan of a local source began before the marker was made, so
        each of its directories is looked into; and the destination's root may be as new as the marker."""
        if not opened.sides.push:
            return source.ours
        directories = [ROOT, *source.directories]
        if opened.destination_missing:
            root = os.path.basename(opened.destination_root)
            directories += filter(source.enters, [directory.child(root) for directory in directories])
        looked = opened.sides.source.look([directory.child(self._path) for directory in directories])
        return [path for path, entry, error in looked if entry is not None or error is not None]

    def refuse_overlap(self, opened: Opened, source: Scanned, destination: Scanned) -> None:
        """Raise OverlappingRoots where source and destination share a directory."""
        sides = opened.sides
        candidates = self._candidates(opened, source)
        if inside_source(sides, candidates, self._path, self._content, opened.names):
            raise refusal()
        if sides.push:
            overlaps = inside_destination(opened.source_root, self._path, self._content, sides, opened.names)
        else:
            overlaps = peer_inside_local(opened.source_root, sides, destination.tree, opened.names)
        overlaps = overlaps or like_source(sides, source.tree, destination.tree, opened.names)
        self.remove()
        if overlaps:
            raise refusal()
