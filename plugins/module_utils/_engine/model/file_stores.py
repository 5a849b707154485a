# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""FileStores: the files that a plan stores, in little memory: a path each. A Write is made when it is asked for."""

from __future__ import annotations

from bisect import bisect_left
from typing import Callable, Dict, Iterator, List, Optional

from .on_demand import OnDemand
from .plan import MISSING, STORE, Write
from .relpath import RelPath
from .tree import Attributes, Entry, Tree


class FileStores(OnDemand[Write]):
    """The new files, and the files that replace a file.

    source, destination: the trees of the plan; they stay as they are
    attributes: returns the attributes to set, for the entries of the source and of the destination
    paths: sorted, after `sort`
    replacing: the reasons for files that replace a file
    """

    def __init__(
        self, source: Tree, destination: Tree, attributes: Callable[[Entry, Optional[Entry]], Attributes]
    ) -> None:
        self._source = source
        self._destination = destination
        self._attributes = attributes
        self.paths: List[RelPath] = []
        self.replacing: Dict[RelPath, str] = {}

    def add(self, path: RelPath, reason: str) -> None:
        """Add a file. If the reason is not MISSING, the destination has a file of this name."""
        self.paths.append(path)
        if reason != MISSING:
            self.replacing[path] = reason

    def keep(self, keeps: Callable[[RelPath], bool]) -> None:
        """Drop the files for which `keeps` returns False."""
        self.paths = [path for path in self.paths if keeps(path)]
        self.replacing = {path: reason for path, reason in self.replacing.items() if keeps(path)}

    def sort(self) -> None:
        self.paths.sort()

    def has(self, path: bytes) -> bool:
        """Return whether the file is among them, after `sort`."""
        at = bisect_left(self.paths, path)
        return at < len(self.paths) and self.paths[at] == path

    def write(self, path: RelPath) -> Write:
        """Return the action for one of the files."""
        wanted = self._source[path]
        reason = self.replacing.get(path, MISSING)
        present = None if reason == MISSING else self._destination[path]
        return Write(path, STORE, reason, wanted, present, self._attributes(wanted, present))

    def wanted(self, path: RelPath) -> Entry:
        """Return the source's entry for one of the files."""
        return self._source[path]

    @property
    def sizes(self) -> Iterator[int]:
        """Return the size of each file."""
        source = self._source
        return (source[path][1] for path in self.paths)

    def between(self, first: int, last: int) -> Iterator[Write]:
        """Return the actions for the files of these positions."""
        return map(self.write, self.paths[first:last])

    def __iter__(self) -> Iterator[Write]:
        return map(self.write, self.paths)

    def __len__(self) -> int:
        return len(self.paths)

    def __bool__(self) -> bool:
        return bool(self.paths)
