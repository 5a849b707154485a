# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lock for the runs that change the same files on the controller. It ends with the process."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from typing import Iterator

from ..errors import Locked
from .lock_file import opened_lock_file
from .safe_path import closing

__all__ = ["locked_directory", "locked_file"]

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_PATIENCE, _PAUSE = 60.0, 0.1


@contextmanager
def locked_directory(path: bytes, words: str, *, patience: float = _PATIENCE) -> Iterator[int]:
    """Yield the directory with its lock, which needs no further file. Raises Locked, OSError.

    words: the object of the other run, for the message
    """
    with closing(os.open(path, _DIRECTORY)) as directory:
        _wait(directory, words, patience)
        yield directory


@contextmanager
def locked_file(path: str, words: str, *, patience: float = _PATIENCE) -> Iterator[None]:
    """Hold the lock of a file next to this file, which only its owner can open. Raises Locked, OSError."""
    directory, name = os.path.split(os.path.abspath(path))
    with closing(opened_lock_file(os.path.join(directory, ".%s.lock" % name))) as lock:
        _wait(lock, words, patience)
        yield


def _wait(descriptor: int, words: str, patience: float) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise Locked("path: another run works on %s" % words, cure="Wait for its end.") from None
            time.sleep(_PAUSE)
