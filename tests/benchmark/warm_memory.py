# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory that a hypervisor does not take back while the benchmark goes on.

It takes back free memory in large pieces (Linux: free page reporting, from 2 MiB on), within seconds. The next user of
such memory waits for each page: a run of 1.8 s then took 4.3, which makes programs incomparable."""

from __future__ import annotations

__all__ = ["WarmMemory"]

import mmap
from types import TracebackType
from typing import Self

_PAGE = mmap.PAGESIZE


class WarmMemory:
    """That many bytes of free memory in single pages, each between two used pages: the kernel uses single pages first
    and cannot join them, and they are single again when they are freed."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._held: mmap.mmap | None = None

    def __enter__(self) -> Self:
        if self._size:
            self._held = _every_other_page(self._size)
        return self

    def __exit__(self, *_exception: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._held is not None:
            self._held.close()


def _every_other_page(size: int) -> mmap.mmap:
    held = mmap.mmap(-1, 2 * size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    held.madvise(mmap.MADV_NOHUGEPAGE)
    held[::_PAGE] = bytes(b"\1" * (2 * size // _PAGE))
    for start in range(0, 2 * size, 2 * _PAGE):
        held.madvise(mmap.MADV_DONTNEED, start, _PAGE)
    return held
