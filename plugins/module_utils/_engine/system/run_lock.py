# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lock for the runs that change the same files. It ends with the process. A run waits for it for a time.

The lock is a file that only its owner can open: any account that may read a directory could lock the directory.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import ExitStack, contextmanager
from typing import Iterator

from ..errors import Locked
from .lock_file import existing_lock_file, opened_lock_file
from .safe_path import closing

__all__ = ["locked_directory", "locked_file", "wait_for_lock"]

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_PATIENCE, _PAUSE = 60.0, 0.1


@contextmanager
def locked_directory(
    path: bytes, name: str, words: str, *, check_mode: bool = False, patience: float = _PATIENCE
) -> Iterator[int]:
    """Yield the directory, with the lock of a file in it. Raises Locked, OSError.

    name: of the file. words: the object of the other run, for the message. check_mode: whether no file may be made
    """
    with ExitStack() as stack:
        directory = stack.enter_context(closing(os.open(path, _DIRECTORY)))
        lock = (existing_lock_file if check_mode else opened_lock_file)(name, directory=directory)
        if lock is not None:
            stack.enter_context(closing(lock))
            wait_for_lock(lock, _fact(words), patience)
        yield directory


@contextmanager
def locked_file(path: str, words: str, *, patience: float = _PATIENCE) -> Iterator[None]:
    """Hold the lock of a file next to this file, which only its owner can open. Raises Locked, OSError."""
    directory, name = os.path.split(os.path.abspath(path))
    with closing(opened_lock_file(os.path.join(directory, ".%s.lock" % name))) as lock:
        wait_for_lock(lock, _fact(words), patience)
        yield


def _fact(words: str) -> str:
    return "path: another run works on %s" % words


def wait_for_lock(descriptor: int, fact: str, patience: float = _PATIENCE) -> None:
    """Take a lock of flock(2). Raises Locked with the fact after the patience, in seconds."""
    deadline = time.monotonic() + patience
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise Locked(fact, cure="Wait for its end.") from None
            time.sleep(_PAUSE)
