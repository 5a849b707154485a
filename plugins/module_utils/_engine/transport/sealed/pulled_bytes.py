# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PulledBytes: the output of a function that writes, as bytes that can be read. The function runs in a thread.

A few blocks at most wait between the two. A reader that gives up ends the function at its next write.
"""

from __future__ import annotations

import queue
from contextlib import suppress
from typing import Callable, Optional

from ...system.background import in_background

_WAITING = 8
"""Blocks."""
_MOMENT = 1.0
"""Seconds between two calls of `meanwhile`, at most."""


class _GivenUp(Exception):
    """The reader wants no more."""


class PulledBytes:
    """The bytes that `produce` writes. produce: gets a function that takes bytes."""

    def __init__(self, produce: Callable[[Callable[[bytes], None]], None]) -> None:
        self._produce = produce
        self._blocks: queue.Queue[bytes | BaseException] = queue.Queue(_WAITING)
        self._rest = memoryview(b"")
        self._ended = self._given_up = False
        self._thread = in_background(self._run, name="sealing")

    def _run(self) -> None:
        try:
            self._produce(self._put)
        except _GivenUp:
            return
        except BaseException as error:  # pylint: disable=broad-exception-caught  # raised in the reader's thread
            self._end(error)
        else:
            self._end(b"")

    def _put(self, data: bytes) -> None:
        if self._given_up:
            raise _GivenUp
        if data:
            self._blocks.put(bytes(data))

    def _end(self, last: bytes | BaseException) -> None:
        if not self._given_up:
            self._blocks.put(last)

    def read_into(self, buffer: memoryview, meanwhile: Optional[Callable[[], None]] = None) -> int:
        """Fill the buffer; return how many bytes, fewer only at the end. Raises the error of `produce`.

        meanwhile: called before each wait and during it
        """
        at = 0
        while at < len(buffer):
            if not self._rest and not self._next(meanwhile):
                break
            part = self._rest[: len(buffer) - at]
            buffer[at : at + len(part)] = part
            self._rest = self._rest[len(part) :]
            at += len(part)
        return at

    def _next(self, meanwhile: Optional[Callable[[], None]]) -> bool:
        """Take the next block; return False at the end."""
        if self._ended:
            return False
        block = self._blocks.get() if meanwhile is None else self._awaited(meanwhile)
        if isinstance(block, BaseException):
            self._ended = True
            raise block
        self._ended = not block
        self._rest = memoryview(block)
        return not self._ended

    def _awaited(self, meanwhile: Callable[[], None]) -> bytes | BaseException:
        while True:
            meanwhile()
            with suppress(queue.Empty):
                return self._blocks.get(timeout=_MOMENT)

    def close(self) -> None:
        """End the thread. May be called twice."""
        self._given_up = self._ended = True
        while self._thread.is_alive():
            self._drain()
            self._thread.join(0.01)

    def _drain(self) -> None:
        try:
            while True:
                self._blocks.get_nowait()
        except queue.Empty:
            pass
