# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hash files of the local tree: SHA-256 (FIPS 180-4), small files at once, large files two at a time."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Callable, Deque, Iterable, Iterator, Optional

from ...integrity.digest import sha256
from ...model.relpath import RelPath
from ...system.os_errors import from_os_error
from ..base import Digested
from .directories import Directories
from .files import open_regular

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

_BLOCK = 1 << 20
_LARGE = 1 << 20
"""From this size on hashing takes longer than handing over to a thread; hashlib lets other threads run meanwhile."""

_THREADS = 2
_UNDER_WAY = 4
"""Large files open at once: two are read, and two wait, so that no thread does."""


_MOMENT = 1.0
"""Seconds between two calls of `meanwhile`."""


def digest_files(
    directories: Directories, paths: Iterable[RelPath], meanwhile: Callable[[], None]
) -> Iterator[Digested]:
    """Implement `Transport.digest` and `LocalSide.call_meanwhile`. A caller that stops reading ends the work."""
    due = time.monotonic() + _MOMENT
    stopped = threading.Event()
    buffer = memoryview(bytearray(_BLOCK))
    pool: Optional[ThreadPoolExecutor] = None
    running: Deque[Future[Digested]] = deque()
    try:
        for path in paths:
            if time.monotonic() >= due:
                meanwhile()
                due = time.monotonic() + _MOMENT
            try:
                fd, status = directories.at(path, open_regular)
            except OSError as error:
                yield Digested(path, None, 0, from_os_error(error, path=path))
                continue
            if status.st_size < _LARGE:
                yield _digest(path, fd, buffer, stopped, end=status.st_size)
                continue
            pool = pool or _threads()
            running.append(pool.submit(_digest_large, path, fd, stopped, end=status.st_size))
            if len(running) >= _UNDER_WAY:
                yield _result(running.popleft(), meanwhile)
        while running:
            yield _result(running.popleft(), meanwhile)
    finally:
        stopped.set()
        if pool is not None:
            pool.shutdown()


def _threads() -> ThreadPoolExecutor:
    """Loaded when it is first wanted: that takes as long as all of this package."""
    from concurrent.futures import ThreadPoolExecutor  # pylint: disable=import-outside-toplevel

    return ThreadPoolExecutor(_THREADS)


def _result(future: Future[Digested], meanwhile: Callable[[], None]) -> Digested:
    from concurrent.futures import wait  # pylint: disable=import-outside-toplevel

    while not wait([future], _MOMENT).done:
        meanwhile()
    return future.result()


def _digest_large(path: RelPath, fd: int, stopped: threading.Event, *, end: int) -> Digested:
    return _digest(path, fd, memoryview(bytearray(_BLOCK)), stopped, end=end)


def _digest(path: RelPath, fd: int, buffer: memoryview, stopped: threading.Event, *, end: int) -> Digested:
    """Hash the open file of `end` bytes to its end and close it. One that grows meanwhile is not followed: it is seen
    to be longer."""
    digest, size = sha256(), 0
    try:
        while not stopped.is_set():
            count = os.readv(fd, (buffer,))
            digest.update(buffer[:count])
            size += count
            # A regular file gives less than was asked for only at its end.
            if count < _BLOCK or size > end:
                return Digested(path, digest.digest(), size)
        return Digested(path, None, size)
    except OSError as error:
        return Digested(path, None, size, from_os_error(error, path=path))
    finally:
        os.close(fd)
