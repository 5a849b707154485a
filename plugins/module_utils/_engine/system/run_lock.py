# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lock for the runs that change the same files. It ends with the process. A run waits for it for a time.

The lock is a file that only accounts that may write to its directory can open (`lock_file`): any account that may read
the directory could lock the directory itself.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shlex
import time
from contextlib import ExitStack, contextmanager
from typing import Callable, Iterator, Optional

from ..errors import Locked, OperationFailed
from ..model.display import display
from .lock_file import existing_lock_file, shared_lock_file
from .root_owned_path import closing

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_PATIENCE, _PAUSE = 60.0, 0.1


@contextmanager
def locked_directory(
    path: bytes, name: str, words: str, *, check_mode: bool = False, patience: float = _PATIENCE
) -> Iterator[int]:
    """Yield the directory, with the lock of a file in it. Raises Locked, OperationFailed, OSError.

    name: of the file. words: the object of the other run, for the message. check_mode: whether no file may be made; a
    lock of others is not waited for then
    """
    with ExitStack() as stack:
        directory = stack.enter_context(closing(os.open(path, _DIRECTORY)))
        lock = _opened(name, directory, path, check_mode=check_mode)
        if lock is not None:
            stack.enter_context(closing(lock))
            wait_for_lock(lock, f"path: another run works on {words}", patience)
        yield directory


@contextmanager
def locked_file(path: str, words: str, *, patience: float = _PATIENCE) -> Iterator[None]:
    """Hold the lock of a file next to this file. Raises Locked, OperationFailed, OSError."""
    directory, name = os.path.split(os.path.abspath(path))
    with locked_directory(os.fsencode(directory), f".{name}.lock", words, patience=patience):
        yield


def _opened(name: str, directory: int, path: bytes, *, check_mode: bool) -> Optional[int]:
    """Return the file of a lock; None if check mode finds none that it can open."""
    try:
        return (existing_lock_file if check_mode else shared_lock_file)(name, directory=directory)
    except PermissionError:
        owner = _owner(name, directory)
        if not owner:
            raise
        if check_mode:
            return None
        lock = os.path.join(path, os.fsencode(name))
        raise OperationFailed(
            f"path: {display(lock)} belongs to {owner}, and this user cannot open it",
            cure=f"End other runs, then remove the file: rm {shlex.quote(display(lock))}",
        ) from None


def _owner(name: str, directory: int) -> str:
    """Return the owner of a file; "" if there is none."""
    try:
        number = os.stat(name, dir_fd=directory, follow_symlinks=False).st_uid
    except OSError:
        return ""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"uid {number}"


def wait_for_lock(
    descriptor: int, fact: str, patience: float = _PATIENCE, *, meanwhile: Callable[[], object] = bool
) -> None:
    """Take a lock of flock(2). Raises Locked with the fact after the patience, in seconds. meanwhile: called while the
    lock is waited for, as a sign of life."""
    deadline = time.monotonic() + patience
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise Locked(fact, cure="Wait for its end.") from None
            meanwhile()
            time.sleep(_PAUSE)
