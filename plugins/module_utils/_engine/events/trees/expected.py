# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Expected: the files that a tree should have, as events change them.

Directories are dictionaries, so that the rename of a directory does not depend on the number of
files below it: a client can rename faster than a walk over all files.
"""

from __future__ import annotations

import sys
from typing import Any, Dict, Iterator, NamedTuple, Optional, Tuple

from ...integrity.manifest import Recorded
from ...model.relpath import RelPath


class Held(NamedTuple):
    """The expected content of one path.

    known: the file of the first manifest whose content it is; None after an upload
    least, most: its size
    is_touched: its time may differ
    """

    known: Optional[Recorded]
    least: int
    most: int
    is_touched: bool = False


ANYTHING = Held(None, 0, sys.maxsize)
"""A file or a directory of unknown content."""


class Expected:
    """A tree without files at the beginning. A node is a Held, or a directory that was taken from the tree."""

    def __init__(self) -> None:
        self._root: Dict[bytes, Any] = {}

    def put(self, path: bytes, node: Any) -> None:
        """Put a node at a path, in the place of any other. Below ANYTHING, all is there already."""
        *above, name = path.split(b"/")
        directory = self._root
        for each in above:
            below = directory.get(each)
            if below is ANYTHING:
                return
            if not isinstance(below, dict):
                below = directory[each] = {}
            directory = below
        directory[name] = node

    def find(self, path: bytes) -> Any:
        """Return the node at a path; None if there is none. All below ANYTHING is ANYTHING."""
        node: Any = self._root
        for name in path.split(b"/"):
            node = node.get(name) if isinstance(node, dict) else node if node is ANYTHING else None
        return node

    def take(self, path: bytes) -> Any:
        """Remove the node at a path and return it; None if there is none."""
        above, _separator, name = path.rpartition(b"/")
        directory = self.find(above) if above else self._root
        return directory.pop(name, None) if isinstance(directory, dict) else self.find(path)

    def remove(self, path: bytes) -> None:
        """Remove the file at a path. A directory is empty when it is removed: files that it should have remain."""
        if isinstance(self.find(path), Held):
            self.take(path)

    def files(self) -> Iterator[Tuple[RelPath, Held]]:
        """Yield all files."""
        waiting = [(b"", self._root)]
        while waiting:
            prefix, directory = waiting.pop()
            for name, node in directory.items():
                if isinstance(node, Held):
                    yield RelPath(prefix + name), node
                else:
                    waiting.append((b"%s%s/" % (prefix, name), node))
