# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lock of a directory for the runs that change its files, which ends with the process. It needs no further file."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from typing import Iterator

from ..errors import Locked
from .safe_path import closing

__all__ = ["locked"]

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_PATIENCE, _PAUSE = 60.0, 0.1


@contextmanager
def locked(path: bytes, words: str, *, patience: float = _PATIENCE) -> Iterator[int]:
    """Yield the directory with the lock. words: the object, for the message. Raises Locked, OSError."""
    with closing(os.open(path, _DIRECTORY)) as directory:
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Locked("path: another run works on %s" % words, cure="Wait for its end.") from None
                time.sleep(_PAUSE)
        yield directory
