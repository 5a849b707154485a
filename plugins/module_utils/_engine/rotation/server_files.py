# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of keys on a server, changed as a whole and one writer at a time: several clients may be delegated to it."""

from __future__ import annotations

import pwd
from contextlib import contextmanager
from typing import Callable, Iterator, NamedTuple, Optional, Tuple

from ..errors import AccountMissing, NotFound
from ..system.changes import Change, Changes
from ..system.entries import Attributes, Words, keep_file, read_file, text_of
from ..system.lock_file import existing_lock_file, opened_lock_file
from ..system.root_owned_path import Walker, closing
from ..system.run_lock import wait_for_lock

LOCK = ".secure_ftp_synchronize.lock"
"""The file in a directory whose lock counts for all of its files."""
_PATIENCE = 30.0


class KeyFile(NamedTuple):
    """An absolute path, and the owner of the file; None for a group that does not exist yet.

    guarded: whether a file that another account owns or may write is refused.
    """

    path: str
    wanted: Attributes
    walker: Walker = Walker()
    guarded: bool = False


def group_of(account: str, *, check_mode: bool) -> Optional[int]:
    """Return the group by which sshd, as the account, reads the account's keys. Raises AccountMissing."""
    try:
        return pwd.getpwnam(account).pw_gid
    except KeyError:
        if check_mode:
            return None
        raise AccountMissing(
            f"account: {account} does not exist", cure="Create it first, for example with the role chroot_jail."
        ) from None


def change_file(file: KeyFile, change: Callable[[bytes], bytes], *, check_mode: bool) -> Tuple[Change, ...]:
    """Put `change(content)` in place of the content; no file is empty content. Raises UnsafePath, NotFound, Locked."""
    changes = Changes(check_mode=check_mode)
    with locked_directory(file, changes) as directory:
        _path, _slash, name = file.path.rpartition("/")
        directory.keep(name, change(directory.read(name) or b""))
    return changes.report().changes


class KeyDirectory:
    """The directory of a file of keys, under a lock. It is missing only in check mode."""

    def __init__(self, file: KeyFile, parent: Optional[int], changes: Changes) -> None:
        self._file, self._parent, self._changes = file, parent, changes

    def read(self, name: str) -> Optional[bytes]:
        """Return the content of a file; None if there is none. Raises UnsafePath."""
        if self._parent is None:
            return None
        owner = self._file.wanted.user if self._file.guarded else None
        return read_file(name, parent=self._parent, shown=self._path(name), owner=owner)

    def keep(self, name: str, content: bytes, *, words: Words = text_of) -> None:
        """Keep a file with this content. Raises UnsafePath."""
        wanted, shown = self._file.wanted, self._path(name)
        keep_file(name, content, wanted, self._changes, parent=self._parent, shown=shown, words=words)

    def _path(self, name: str) -> str:
        return f"{self._file.path.rpartition('/')[0]}/{name}"


@contextmanager
def locked_directory(file: KeyFile, changes: Changes) -> Iterator[KeyDirectory]:
    """Yield the directory of a file, locked against other writers. Raises UnsafePath, NotFound, Locked."""
    directory, _slash, _name = file.path.rpartition("/")
    parent = file.walker.open_existing(directory)
    if parent is None:
        if not changes.check_mode:
            raise NotFound(f"{directory}: the directory does not exist", cure="Create it, owned by root.")
        yield KeyDirectory(file, None, changes)
        return
    with closing(parent), _locked(parent, file.path, check_mode=changes.check_mode):
        yield KeyDirectory(file, parent, changes)


@contextmanager
def _locked(directory: int, shown: str, *, check_mode: bool) -> Iterator[None]:
    """Hold the lock of a directory. It ends with the descriptor, also when this process is killed.

    Check mode makes no file. Without the file, nothing was ever written here under a lock.
    """
    lock = (existing_lock_file if check_mode else opened_lock_file)(LOCK, directory=directory)
    if lock is None:
        yield
        return
    with closing(lock):
        wait_for_lock(lock, f"{shown}: another program holds the lock of its directory", _PATIENCE)
        yield
