# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tree of any depth, walked and removed with two descriptors and without recursion.

An account may nest thousands of directories in its jail, and a partner in a set: no path reaches them (PATH_MAX), and
neither the interpreter's stack nor the limit of descriptors is that deep. So the walk takes one step at a time, down by
name and up by "..", which must be the directory of the step down. Links are never followed.
"""

from __future__ import annotations

import os
from typing import Callable, Iterator, List, NamedTuple, Tuple

from ..errors import UnsafePath

_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


Open = Callable[[str, int], int]
"""Opens a directory by its name in another, a descriptor."""
Remove = Callable[[str, str, int, bool], bool]
"""Removes an entry: its path, its name in a directory, a descriptor, whether it is a directory. Whether it is gone."""


def _opened(name: str, parent: int) -> int:
    return os.open(name, _OPEN, dir_fd=parent)


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

    def __init__(self, top: int, opened: Open) -> None:
        self._opened = opened
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
        self._go(self._opened(name, self.descriptor))
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
    descent = _Descent(top, _opened)
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


def _remove(path: str, name: str, parent: int, directory: bool) -> bool:
    (os.rmdir if directory else os.unlink)(name, dir_fd=parent)
    return True


def remove_below(top: int, remove: Remove = _remove, opened: Open = _opened) -> List[str]:
    """Remove all that is in the directory `top`, children first; return the paths that `remove` left."""
    kept: List[str] = []
    descent = _Descent(top, opened)

    def others(folder: Folder) -> None:
        paths = ((os.path.join(folder.path, name), name) for name in folder.others)
        kept.extend(path for path, name in paths if not remove(path, name, folder.descriptor, False))

    try:
        others(descent.look(""))
        while descent.levels:
            left, path = descent.levels[-1].left, descent.levels[-1].path
            if left:
                others(descent.look(descent.enter(left[-1])))
                continue
            descent.leave()
            if descent.levels and not remove(path, descent.levels[-1].left.pop(), descent.descriptor, True):
                kept.append(path)
    finally:
        descent.close()
    return kept


def _identity(descriptor: int) -> Tuple[int, int]:
    found = os.fstat(descriptor)
    return found.st_dev, found.st_ino
