# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of keys on a server, changed as a whole and one writer at a time: several clients may be delegated to it."""

from __future__ import annotations

import fcntl
import os
import pwd
import time
from contextlib import contextmanager
from typing import Callable, Iterator, NamedTuple, Optional, Tuple

from ..errors import AccountMissing, Locked, NotFound
from ..system.changes import Change, Changes
from ..system.entries import Attributes, keep_file, read_file
from ..system.safe_path import Walker

__all__ = ["KeyFile", "change_file", "group_of"]

_PATIENCE = 30.0
_PAUSE = 0.05


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
            "account: %s does not exist" % account, cure="Create it first, for example with the role chroot_jail."
        ) from None


def change_file(file: KeyFile, change: Callable[[bytes], bytes], *, check_mode: bool) -> Tuple[Change, ...]:
    """Put `change(content)` in place of the content; no file is empty content. Raises UnsafePath, NotFound, Locked."""
    changes = Changes(check_mode=check_mode)
    directory, _slash, name = file.path.rpartition("/")
    parent = file.walker.open_existing(directory)
    if parent is None:
        if not check_mode:
            raise NotFound("%s: the directory does not exist" % directory, cure="Create it, owned by root.")
        keep_file(name, change(b""), file.wanted, changes, parent=None, shown=file.path)
        return changes.report().changes
    try:
        with _locked(parent, file.path):
            owner = file.wanted.user if file.guarded else None
            before = read_file(name, parent=parent, shown=file.path, owner=owner)
            keep_file(name, change(before or b""), file.wanted, changes, parent=parent, shown=file.path)
    finally:
        os.close(parent)
    return changes.report().changes


@contextmanager
def _locked(directory: int, shown: str) -> Iterator[None]:
    """Hold a lock. It ends with the descriptor, also when this process is killed."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise Locked("%s: another program holds the lock of its directory" % shown) from None
            time.sleep(_PAUSE)
    yield
