# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LocalTransport: a directory of this machine, descriptor-relative throughout, no link ever followed below its root.

On some file systems, change times and inode numbers do not distinguish the states of a file.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Callable, Dict, Iterable, Iterator, Optional, Sequence, Tuple

from ...errors import SyncError
from ...model.relpath import ROOT, RelPath
from ...model.tree import STAMP, Attributes, Entry, Stamps
from ...system.os_errors import from_os_error
from ..base import Capabilities, Digested, Done, Kept, LocalSide, Page, Rename, SourceFile, StageFile
from .directories import Directories
from .scan import entry_of, scan_tree

if TYPE_CHECKING:
    from .changes import LocalChanges
_MOUNTS = "/proc/self/mountinfo"
_WITHOUT = ("9p", "cifs", "exfat", "fuse", "fuseblk", "msdos", "smb3", "smbfs", "vfat")
"""They take the change time from another clock, invent it, or number inodes again at each mount."""


class LocalTransport(LocalSide):
    """The tree below `root`, an absolute path that may itself lead through links. durable: fsync each stored file."""

    def __init__(self, root: bytes, *, durable: bool = False) -> None:
        self.capabilities = Capabilities()
        self._root = root
        self._durable = durable
        self._directories = Directories(root)
        self._meanwhile: Callable[[], None] = _nothing

    def call_meanwhile(self, action: Callable[[], None]) -> None:
        self._meanwhile = action

    def root_entry(self) -> Optional[Entry]:
        try:
            return entry_of(os.stat(self._root))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise from_os_error(error, path=ROOT) from error

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
        found: Dict[bytes, bytes] = {}
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
        from .digest import digest_files  # pylint: disable=import-outside-toplevel

        try:
            yield from digest_files(self._directories, paths, self._meanwhile)
        finally:
            # Hashing takes long: a file that is stored next must not land in a directory that was moved away since.
            self._directories.forget(ROOT)

    def read_file(self, path: RelPath, *, limit: int = 65536) -> bytes:
        from .files import LocalSource  # pylint: disable=import-outside-toplevel

        source = LocalSource(self._directories, path, stamped=False)
        try:
            return source.read(limit)
        finally:
            source.close()

    def close(self) -> None:
        self._directories.close()

    # changing

    @cached_property
    def _changes(self) -> LocalChanges:
        """The modules that change the tree are loaded by the first change: the source of a push sees none."""
        from .changes import LocalChanges  # pylint: disable=import-outside-toplevel

        return LocalChanges(self._root, self._directories, durable=self._durable)

    def create_root(self) -> None:
        self._changes.create_root()

    def make_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        return self._changes.make_directories(paths)

    def make_links(self, links: Sequence[Tuple[RelPath, bytes]]) -> Iterator[Done]:
        return self._changes.make_links(links)

    def set_attributes(self, changes: Sequence[Tuple[RelPath, Attributes]]) -> Iterator[Done]:
        return self._changes.set_attributes(changes)

    def rename(self, moves: Sequence[Rename]) -> Iterator[Done]:
        return self._changes.rename(moves)

    def keep_in(self, trash: RelPath, paths: Sequence[RelPath], *, remove: bool) -> Iterator[Done]:
        return self._changes.keep_in(trash, paths, remove=remove)

    def remove_files(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        return self._changes.remove_files(paths)

    def remove_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        return self._changes.remove_directories(paths)

    def create_file(self, path: RelPath, content: bytes) -> None:
        self._changes.create_file(path, content)

    def rename_new(self, old: RelPath, new: RelPath) -> None:
        self._changes.rename_new(old, new)

    def sync_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        return self._changes.sync_directories(paths)

    def create_stage(self, path: RelPath, kept: Optional[Kept] = None) -> StageFile:
        return self._changes.create_stage(path, kept)

    def reopen_stage(self, path: RelPath) -> StageFile:
        return self._changes.reopen_stage(path)

    def open_source(self, path: RelPath) -> SourceFile:
        from .files import LocalSource  # pylint: disable=import-outside-toplevel

        return LocalSource(self._directories, path, stamped=self.stamped)


def _status(parent: int, name: bytes) -> os.stat_result:
    return os.stat(name, dir_fd=parent, follow_symlinks=False)


def _look(parent: int, name: bytes) -> Entry:
    status = _status(parent, name)
    return entry_of(status, os.readlink(name, dir_fd=parent) if stat.S_ISLNK(status.st_mode) else None)


def _nothing() -> None:
    """Do nothing while a file is read."""


def no_stamps(root: bytes, *, mounts: str = _MOUNTS) -> str:
    """Return why change times and inode numbers below `root` do not count, as a note; "" if they do."""
    try:
        kind = _kind_of(os.stat(root).st_dev, mounts)
    except OSError:
        return ""
    if kind is None or (kind not in _WITHOUT and not kind.startswith("fuse.")):
        return ""
    return f"this host's file system ({kind}) does not keep change times: only size and time show that a file changed"


def _kind_of(device: int, mounts: str) -> Optional[str]:
    """Return the type of the file system on `device`. See proc_pid_mountinfo(5)."""
    wanted = f"{os.major(device)}:{os.minor(device)}"
    with open(mounts, encoding="utf-8", errors="surrogateescape") as lines:
        for line in lines:
            fields = line.split(" ")
            if len(fields) > 8 and fields[2] == wanted and "-" in fields:
                return fields[fields.index("-") + 1]
    return None
