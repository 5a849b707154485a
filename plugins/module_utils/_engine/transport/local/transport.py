# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""LocalTransport: a directory of this machine, descriptor-relative throughout, no link ever followed below its root.

Moving to a new name and keeping in the trash never replace a file. Mode and mtime are set by name, safely even if the
name is replaced meanwhile. On some file systems, change times and inode numbers do not distinguish the states of a
file.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from functools import cached_property, partial
from typing import Callable, Dict, Iterable, Iterator, Optional, Sequence, Tuple, TypeVar

from ...errors import SyncError
from ...model.relpath import ROOT, RelPath
from ...model.tree import PERMISSION_BITS, STAMP, Attributes, Entry, Stamps
from ...system.os_errors import from_os_error
from ..base import Capabilities, Digested, Done, Kept, LocalSide, Page, Rename, SourceFile, StageFile
from .directories import CREATE, HANDLE, Directories, attempt, entry_of, scan_tree

T = TypeVar("T")
_NO_HARD_LINK = (errno.EPERM, errno.EMLINK, errno.ENOTSUP, errno.ENOSYS)
"""link(2): the file system has none, this file has too many, or the kernel protects files of others."""
_DESCRIPTORS = b"/proc/self/fd/"
"""A name here stands for the file of an O_PATH descriptor itself (proc(5)), also where it may not be opened."""
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
                yield path, self._directories.at(path, _entry), None
            except (FileNotFoundError, NotADirectoryError):
                yield path, None, None
            except OSError as error:
                yield path, None, from_os_error(error, path=path)

    def digest(self, sizes: Iterable[RelPath]) -> Iterator[Digested]:
        from .digest import digest_files  # pylint: disable=import-outside-toplevel

        try:
            yield from digest_files(self._directories, sizes, self._meanwhile)
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
        from .files import create  # pylint: disable=import-outside-toplevel

        attempt(path, self._at, path, partial(create, content))

    def rename_new(self, old: RelPath, new: RelPath) -> None:
        attempt(new, move_new, self._directories, old, new)

    def sync_directories(self, paths: Sequence[RelPath]) -> Iterator[Done]:
        for path in paths:
            yield _done(path, self._at, path, _sync)

    def create_stage(self, path: RelPath, kept: Optional[Kept] = None) -> StageFile:
        from .files import LocalStage  # pylint: disable=import-outside-toplevel

        return LocalStage(self._directories, path, durable=self._durable, kept=kept)

    def reopen_stage(self, path: RelPath) -> StageFile:
        from .files import ReopenedStage  # pylint: disable=import-outside-toplevel

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

    def open_source(self, path: RelPath) -> SourceFile:
        from .files import LocalSource  # pylint: disable=import-outside-toplevel

        return LocalSource(self._directories, path, stamped=self.stamped)


def _done(path: RelPath, act: Callable[..., object], *arguments: object) -> Done:
    """Carry one item out; its result."""
    try:
        act(*arguments)
    except OSError as error:
        return Done(path, from_os_error(error, path=path))
    return Done(path)


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


def move_new(directories: Directories, old: RelPath, new: RelPath) -> None:
    """Rename a file or link; FileExistsError where `new` is there.

    The hard link gives the new name its whole content at once, even if the process is killed before the old name goes.
    Of two processes that rename the same file, the slower can remove an old name that was made again meanwhile.
    """
    directories.at(old, _status)
    try:
        _link(directories, old, new)
    except OSError as error:
        if error.errno not in _NO_HARD_LINK:
            raise
        _reserve_and_rename(directories, old, new)
        return
    _remove_or_undo(directories, old, new)


def _remove_or_undo(directories: Directories, old: RelPath, new: RelPath) -> None:
    try:
        directories.at(old, _unlink)
    except OSError:
        directories.at(new, _unlink)
        raise


def _reserve_and_rename(directories: Directories, old: RelPath, new: RelPath) -> None:
    """Reserve the new name with an empty file, which rename(2) then replaces."""
    directories.at(new, lambda parent, name: os.close(os.open(name, CREATE, 0o600, dir_fd=parent)))
    try:
        rename(directories, old, new)
    except OSError:
        directories.at(new, _unlink)
        raise


def rename(directories: Directories, old: RelPath, new: RelPath) -> None:
    """rename(2): replaces a file or link, never a directory by a file."""

    def to_new(parent: int, name: bytes) -> None:
        if parent_of_new == parent_of_old:
            os.rename(name, new_name, src_dir_fd=parent, dst_dir_fd=parent)
        else:
            directories.at(new, lambda at, to: os.rename(name, to, src_dir_fd=parent, dst_dir_fd=at))

    parent_of_new, _separator, new_name = new.rpartition(b"/")
    parent_of_old = old.rpartition(b"/")[0]
    directories.at(old, to_new)


def keep(directories: Directories, trash: RelPath, path: RelPath, *, remove: bool) -> None:
    """Implement `Transport.keep_in` for one path. A name that exists in the trash gets the suffix ".1", ".2", ...
    unless it is the same file, kept by an interrupted attempt. If no hard link can be made the file is moved."""
    from ..trash_names import kept_names  # pylint: disable=import-outside-toplevel

    status = directories.at(path, _status)
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    kept = RelPath(trash + b"/" + path)
    _make_directories(directories, kept.parent)
    for candidate in kept_names(kept):
        try:
            _link(directories, path, candidate)
        except FileExistsError:
            if not os.path.samestat(directories.at(candidate, _status), status):
                continue
        except OSError as error:
            if error.errno not in _NO_HARD_LINK:
                raise
            if _moved(directories, path, candidate):
                return
            continue
        if remove:
            directories.at(path, _unlink)
        return
    raise FileExistsError(errno.EEXIST, "too many files of this name are kept")


def _moved(directories: Directories, path: RelPath, kept: RelPath) -> bool:
    try:
        _reserve_and_rename(directories, path, kept)
    except FileExistsError:
        return False
    return True


def _link(directories: Directories, old: RelPath, new: RelPath) -> None:
    def to_new(parent: int, name: bytes) -> None:
        directories.at(new, lambda at, to: os.link(name, to, src_dir_fd=parent, dst_dir_fd=at, follow_symlinks=False))

    directories.at(old, to_new)


def _make_directories(directories: Directories, path: RelPath) -> None:
    missing = []
    while path and not _is_there(directories, path):
        missing.append(path)
        path = path.parent
    for each in reversed(missing):
        with suppress(FileExistsError):  # made by another process just now; the next step detects other kinds
            directories.at(each, lambda parent, name: os.mkdir(name, 0o700, dir_fd=parent))


def _is_there(directories: Directories, path: RelPath) -> bool:
    try:
        directories.get(path)
    except FileNotFoundError:
        return False
    return True


def set_attributes(attributes: Attributes, parent: int, name: bytes) -> None:
    """Set only attributes that differ. Set-user-ID, set-group-ID and sticky are kept."""
    fd = os.open(name, HANDLE | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
    try:
        status = os.fstat(fd)
        _demand_settable(status)
        try:
            _set(_DESCRIPTORS + b"%d" % fd if hasattr(os, "O_PATH") else fd, status, attributes)
        except FileNotFoundError:
            _set_opened(parent, name, status, attributes)
    finally:
        os.close(fd)


def _demand_settable(status: os.stat_result) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise OSError(errno.ELOOP, "it is a symbolic link")
    if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
        raise OSError(errno.EINVAL, "neither a regular file nor a directory")


def _set(place: bytes | int, status: os.stat_result, attributes: Attributes) -> None:
    if attributes.mtime is not None and attributes.mtime != status.st_mtime_ns:
        os.utime(place, ns=(status.st_atime_ns, attributes.mtime))
    if attributes.mode is not None:
        mode = status.st_mode & 0o7000 | attributes.mode & PERMISSION_BITS
        if mode != stat.S_IMODE(status.st_mode):
            os.chmod(place, mode)


def _set_opened(parent: int, name: bytes, status: os.stat_result, attributes: Attributes) -> None:
    """Without /proc, as in a bare chroot: through a descriptor that may read."""
    fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC, dir_fd=parent)
    try:
        if not os.path.samestat(os.fstat(fd), status):
            raise OSError(errno.ESTALE, "another file took its place")
        _set(fd, status, attributes)
    finally:
        os.close(fd)


def _status(parent: int, name: bytes) -> os.stat_result:
    return os.stat(name, dir_fd=parent, follow_symlinks=False)


def _entry(parent: int, name: bytes) -> Entry:
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
