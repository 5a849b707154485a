# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LocalChanges: all that changes a tree of this machine. Loaded by the first change only."""

from __future__ import annotations

import os
import stat
from functools import partial
from typing import Callable, Iterator, Sequence, Tuple, TypeVar

from ...model.relpath import ROOT, RelPath
from ...model.tree import Attributes
from ...system.os_errors import from_os_error
from ..base import Done, Rename, StageFile
from .directories import Directories
from .files import LocalStage, ReopenedStage, attempt, create
from .keep import keep, move_new, rename, set_attributes

T = TypeVar("T")


class LocalChanges:
    """The methods of LocalTransport that change its tree. durable: fsync each stored file."""

    def __init__(self, root: bytes, directories: Directories, *, durable: bool) -> None:
        self._root = root
        self._directories = directories
        self._durable = durable

    def create_root(self) -> None:
        attempt(ROOT, os.mkdir, self._root, 0o755)

    def make_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        for path in paths:
            yield _done(path, self._at, path, _make_directory)

    def make_links(self, links: Sequence[Tuple[RelPath, bytes]]) -> Iterator[Done]:
        for path, target in links:
            yield _done(path, self._at, path, partial(_make_link, target))

    def set_attributes(self, changes: Sequence[Tuple[RelPath, Attributes]]) -> Iterator[Done]:
        for path, attributes in changes:
            yield _done(path, self._at, path, partial(set_attributes, attributes))

    def rename(self, moves: Sequence[Rename]) -> Iterator[Done]:
        for move in moves:
            yield _done(move.path, rename, self._directories, move.stage, move.path)

    def keep_in(self, trash: RelPath, paths: Sequence[RelPath], *, remove: bool) -> Iterator[Done]:
        for path in paths:
            yield _done(path, partial(keep, remove=remove), self._directories, trash, path)

    def remove_files(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        for path in paths:
            yield _done(path, self._remove, path, _unlink)

    def remove_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        for path in paths:
            yield _done(path, self._remove, path, _rmdir)
            self._directories.forget(path)

    def create_file(self, path: RelPath, content: bytes) -> None:
        attempt(path, self._at, path, partial(create, content))

    def rename_new(self, old: RelPath, new: RelPath) -> None:
        attempt(new, move_new, self._directories, old, new)

    def sync_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        for path in paths:
            yield _done(path, self._at, path, _sync)

    def create_stage(self, path: RelPath) -> StageFile:
        return LocalStage(self._directories, path, durable=self._durable)

    def reopen_stage(self, path: RelPath) -> StageFile:
        return ReopenedStage(self._directories, path, durable=self._durable)

    def _at(self, path: RelPath, act: Callable[[int, bytes], T]) -> T:
        return self._directories.at(path, act)

    def _remove(self, path: RelPath, act: Callable[[int, bytes], None]) -> None:
        try:
            self._at(path, act)
        except FileNotFoundError:
            pass
        except NotADirectoryError:
            if self._stands(path):
                raise

    def _stands(self, path: RelPath) -> bool:
        try:
            self._at(path, _status)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True


def _done(path: RelPath, act: Callable[..., object], *arguments: object) -> Done:
    """Carry one item out; its result."""
    try:
        act(*arguments)
    except OSError as error:
        return Done(path, from_os_error(error, path=path))
    return Done(path)


def _status(parent: int, name: bytes) -> os.stat_result:
    return os.stat(name, dir_fd=parent, follow_symlinks=False)


def _make_directory(parent: int, name: bytes) -> None:
    try:
        os.mkdir(name, 0o700, dir_fd=parent)
    except FileExistsError:
        if not stat.S_ISDIR(_status(parent, name).st_mode):
            raise


def _make_link(target: bytes, parent: int, name: bytes) -> None:
    os.symlink(target, name, dir_fd=parent)


def _unlink(parent: int, name: bytes) -> None:
    os.unlink(name, dir_fd=parent)


def _rmdir(parent: int, name: bytes) -> None:
    os.rmdir(name, dir_fd=parent)


def _sync(parent: int, name: bytes) -> None:
    fd = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
