# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One loop for all pipes of a program, so that no pipe can block another."""

from __future__ import annotations

import os
import selectors
from typing import IO, Callable, List, Tuple

from .provider import BLOCK, Read, Write

_MOST_TEXT = 1 << 16


class Feed:
    """One input of the program. whole: whether the program took all bytes"""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._pending = memoryview(b"")
        self.whole = False

    def move(self, end: int) -> bool:
        """Write as much as the pipe takes; return whether to go on."""
        if not self._pending:
            self._pending = memoryview(self._read(BLOCK))
            self.whole = not self._pending
        try:
            self._pending = self._pending[os.write(end, self._pending) :]
        except BlockingIOError:
            return True
        except BrokenPipeError:  # the program ended early
            self.whole = False
            return False
        return not self.whole


class Text:
    """One output of the program as text, of which the first 64 KiB are kept."""

    def __init__(self) -> None:
        self._kept = b""

    def take(self, data: bytes) -> None:
        self._kept += data[: _MOST_TEXT - len(self._kept)]

    def __str__(self) -> str:
        return self._kept.decode("utf-8", "replace")


class Pump:
    """Moves bytes until all pipes are closed. Each pipe is closed at its end."""

    def __init__(self) -> None:
        self._pipes: List[Tuple[IO[bytes], int, Callable[[int], bool]]] = []

    def feed(self, pipe: IO[bytes], read: Read) -> Feed:
        """Fill a pipe from `read`."""
        feed = Feed(read)
        os.set_blocking(pipe.fileno(), False)
        self._pipes.append((pipe, selectors.EVENT_WRITE, feed.move))
        return feed

    def drain(self, pipe: IO[bytes], write: Write) -> None:
        """Pass everything from a pipe to `write`."""

        def move(end: int) -> bool:
            data = os.read(end, BLOCK)
            if data:
                write(data)
            return bool(data)

        self._pipes.append((pipe, selectors.EVENT_READ, move))

    def run(self) -> None:
        """Raises the errors of all `read` and `write`."""
        with selectors.DefaultSelector() as selector:
            for pipe in self._pipes:
                selector.register(*pipe)
            while selector.get_map():
                for key, _events in selector.select():
                    if not key.data(key.fd):
                        selector.unregister(key.fileobj)
                        key.fileobj.close()  # type: ignore[union-attr]
