# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tree of any depth, walked and removed with two descriptors and without recursion.

An account may nest thousands of directories in its jail: no path reaches them (PATH_MAX), and neither the interpreter's
stack nor the limit of descriptors is that deep. So the walk takes one step at a time, down by name and up by "..",
which must be the directory of the step down. Links are never followed.
"""

from __future__ import annotations

import os
from typing import Iterator, List, NamedTuple, Tuple

from ..errors import UnsafePath

__all__ = ["Folder", "remove_below", "walk"]

_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Folder(NamedTuple):
    """A directory of the tree: its path below the top, "" for the top; the names in it, sorted; its descriptor, which
    lasts until the next step."""

    path: str
    folders: List[str]
    others: List[str]
    descriptor: int


class _Level:
    """A directory on the way down. left: the names of folders that are still to be entered."""

    def __init__(self, path: str, identity: Tuple[int, int], left: List[str]) -> None:
        self.path = path
        self.identity = identity
        self.left = left


class _Descent:
    """A place in the tree below the directory `top`, a descriptor. descriptor: of the present directory."""

    def __init__(self, top: int) -> None:
        self.descriptor = os.open(".", _OPEN, dir_fd=top)
        self.levels: List[_Level] = []

    def look(self, path: str) -> Folder:
        """Read the present directory and make it the lowest level."""
        folders: List[str] = []
        others: List[str] = []
        with os.scandir(self.descriptor) as entries:
            for entry in entries:
                (folders if entry.is_dir(follow_symlinks=False) else others).append(entry.name)
        found = Folder(path, sorted(folders), sorted(others), self.descriptor)
        self.levels.append(_Level(path, _identity(self.descriptor), found.folders[::-1]))
        return found

    def enter(self, name: str) -> str:
        """Go down into the folder `name`; its path."""
        self._go(os.open(name, _OPEN, dir_fd=self.descriptor))
        return os.path.join(self.levels[-1].path, name)

    def leave(self) -> None:
        """Go up to the level above."""
        self.levels.pop()
        if self.levels:
            self._go(os.open("..", _OPEN, dir_fd=self.descriptor))
            if _identity(self.descriptor) != self.levels[-1].identity:
                raise UnsafePath("directories are moved during the change", cure="Find the program that moves them.")

    def _go(self, descriptor: int) -> None:
        os.close(self.descriptor)
        self.descriptor = descriptor

    def close(self) -> None:
        os.close(self.descriptor)


def walk(top: int) -> Iterator[Folder]:
    """Yield every directory from `top` down, parents first."""
    descent = _Descent(top)
    try:
        yield descent.look("")
        while descent.levels:
            left = descent.levels[-1].left
            if left:
                yield descent.look(descent.enter(left.pop()))
            else:
                descent.leave()
    finally:
        descent.close()


def remove_below(top: int) -> None:
    """Remove all that is in the directory `top`."""
    descent = _Descent(top)
    try:
        _remove_others(descent.look(""))
        while descent.levels:
            left = descent.levels[-1].left
            if left:
                _remove_others(descent.look(descent.enter(left[-1])))
                continue
            descent.leave()
            if descent.levels:
                os.rmdir(descent.levels[-1].left.pop(), dir_fd=descent.descriptor)
    finally:
        descent.close()


def _remove_others(folder: Folder) -> None:
    for name in folder.others:
        os.unlink(name, dir_fd=folder.descriptor)


def _identity(descriptor: int) -> Tuple[int, int]:
    found = os.fstat(descriptor)
    return found.st_dev, found.st_ino
