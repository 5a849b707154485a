# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hash a large file while it is being written: SHA-256 (FIPS 180-4) of the bytes read back from it, in a thread behind
the writer. With hashing afterwards, the network would wait meanwhile."""

from __future__ import annotations

import os
import threading
from typing import Optional

from ...integrity.digest import sha256
from ...system.background import in_background

_BLOCK = 1 << 20


class Follower:
    """Reads `fd` from its beginning up to the position that `advance` reports as written.

    `digest` or `stop` ends it; `fd` stays open until then.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._hash = sha256()
        self._hashed = 0
        self._written = 0
        self._stopped = False
        self._complete = False
        self._error: Optional[OSError] = None
        self._news = threading.Condition()
        self._thread = in_background(self._follow, name="digest of a stage")

    def advance(self, written: int) -> None:
        """So many bytes are written, without a gap."""
        if written - self._written >= _BLOCK:
            with self._news:
                self._written = written
                self._news.notify()

    def digest(self, size: int) -> Optional[bytes]:
        """Return the digest of the file, which is written whole; None if it does not hold exactly `size` bytes. Raises
        OSError."""
        with self._news:
            self._written, self._complete = size, True
            self._news.notify()
        self._thread.join()
        if self._error is not None:
            raise self._error
        whole = self._hashed == size and not os.pread(self._fd, 1, size)
        return self._hash.digest() if whole else None

    def stop(self) -> None:
        """Stop hashing and discard the digest."""
        with self._news:
            self._stopped = True
            self._news.notify()
        self._thread.join()

    def _follow(self) -> None:
        buffer = memoryview(bytearray(_BLOCK))
        try:
            while self._wait():
                count = os.preadv(self._fd, [buffer[: self._written - self._hashed]], self._hashed)
                if not count:
                    return  # the file became shorter
                self._hash.update(buffer[:count])
                self._hashed += count
        except OSError as error:
            self._error = error

    def _wait(self) -> bool:
        """Wait for more to hash; False if there will be none."""
        with self._news:
            self._news.wait_for(lambda: self._stopped or self._complete or self._written > self._hashed)
            return not self._stopped and self._written > self._hashed
