# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LocalTransport: a directory of this machine, descriptor-relative throughout, no link ever followed below its root."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from functools import cached_property, partial
from typing import Callable, Iterable, Iterator, Optional, Sequence, Tuple, TypeVar

from ...errors import SyncError
from ...model.relpath import ROOT, RelPath
from ...model.tree import STAMP, Attributes, Entry, Stamps
from ...system.os_errors import from_os_error
from ..base import Capabilities, Digested, Done, LocalSide, Page, Rename, SourceFile, StageFile
from .attributes import set_attributes
from .digest import digest_files
from .directories import Directories
from .files import LocalSource, LocalStage, attempt, create
from .filesystem import no_stamps
from .keep import keep, move_new, rename
from .scan import entry_of, scan_tree

__all__ = ["LocalTransport"]

T = TypeVar("T")


class LocalTransport(LocalSide):
    """The tree below `root`, an absolute path that may itself lead through links. durable: fsync each stored file."""

    def __init__(self, root: bytes, *, durable: bool = False) -> None:
        self.capabilities = Capabilities()
        self._root = root
        self._durable = durable
        self._directories = Directories(root)

    def root_entry(self) -> Optional[Entry]:
        try:
            return entry_of(os.stat(self._root))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise from_os_error(error, path=ROOT) from error

    def create_root(self) -> None:
        attempt(ROOT, os.mkdir, self._root, 0o755)

    def real_root(self) -> bytes:
        return os.path.realpath(self._root)

    def scan(self, *, enter: Optional[Callable[[RelPath], bool]] = None, read_links: bool = False) -> Iterator[Page]:
        return scan_tree(self._directories, enter=enter, read_links=read_links, stamped=self.stamped)

    @cached_property
    def _why_unstamped(self) -> str:
        return no_stamps(self._root)

    @property
    def stamped(self) -> bool:  # type: ignore[override]
        return not self._why_unstamped

    @property
    def notes(self) -> Sequence[str]:  # type: ignore[override]
        return [self._why_unstamped] if self._why_unstamped else []

    def stamps(self, paths: Iterable[RelPath]) -> Stamps:
        found: Stamps = {}
        for path in paths if self.stamped else ():
            with suppress(OSError):
                status = self._directories.at(path, _status)
                if stat.S_ISREG(status.st_mode):
                    found[path] = STAMP.pack(status.st_ctime_ns, status.st_ino)
        return found

    def look(self, paths: Iterable[RelPath]) -> Iterator[Tuple[RelPath, Optional[Entry], Optional[SyncError]]]:
        for path in paths:
            try:
                yield path, self._directories.at(path, _look), None
            except (FileNotFoundError, NotADirectoryError):
                yield path, None, None
            except OSError as error:
                yield path, None, from_os_error(error, path=path)

    def digest(self, paths: Iterable[RelPath]) -> Iterator[Digested]:
        return digest_files(self._directories, paths)

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

    def read_file(self, path: RelPath, *, limit: int = 65536) -> bytes:
        source = LocalSource(self._directories, path, stamped=False)
        try:
            return source.read(limit)
        finally:
            source.close()

    def rename_new(self, old: RelPath, new: RelPath) -> None:
        attempt(new, move_new, self._directories, old, new)

    def sync_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        for path in paths:
            yield _done(path, self._at, path, _sync)

    def close(self) -> None:
        self._directories.close()

    def open_source(self, path: RelPath) -> SourceFile:
        return LocalSource(self._directories, path, stamped=self.stamped)

    def create_stage(self, path: RelPath) -> StageFile:
        return LocalStage(self._directories, path, durable=self._durable)

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
            self._at(path, _look)
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


def _look(parent: int, name: bytes) -> Entry:
    status = _status(parent, name)
    return entry_of(status, os.readlink(name, dir_fd=parent) if stat.S_ISLNK(status.st_mode) else None)


def _make_directory(parent: int, name: bytes) -> None:
    try:
        os.mkdir(name, 0o700, dir_fd=parent)
    except FileExistsError:
        if not stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
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
