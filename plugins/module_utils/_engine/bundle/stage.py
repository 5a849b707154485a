# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stage: a new file that gets its name when it is complete and on the disk.

Only one run at a time writes bundles in a directory: the directory is locked by flock(2). A stage that is there when
the lock is taken was left by a killed run.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
from contextlib import suppress
from typing import IO, Optional

from ..integrity.digest import sha256
from ..system.durable_files import LEFT_BEHIND, keep_status

_CREATE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def lock_directory(directory: int) -> bool:
    """Wait for other runs in a directory, a descriptor; return False on a file system without such locks."""
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
    except OSError:
        return False
    return True


def sweep(directory: int, name: bytes) -> None:
    """Remove the stages of a file in a locked directory."""
    form = re.compile(re.escape(_prefix(name)) + rb"[0-9a-f]{16}" + re.escape(LEFT_BEHIND.encode()) + rb"\Z")
    for found in map(os.fsencode, os.listdir(directory)):
        if form.match(found):
            with suppress(OSError):
                os.unlink(found, dir_fd=directory)


class Stage:
    """A new file with mode 0600. directory: a descriptor. name: its later name."""

    def __init__(self, directory: int, name: bytes) -> None:
        self._directory, self._name = directory, name
        self._temporary = _prefix(name) + secrets.token_hex(8).encode() + LEFT_BEHIND.encode()
        self._file = os.fdopen(os.open(self._temporary, _CREATE, 0o600, dir_fd=directory), "w+b")
        self._published = False
        self.size = 0
        self.digest = sha256()

    def tell(self) -> int:
        return self.size

    def write(self, data: bytes) -> int:
        self._file.write(data)
        self.digest.update(data)
        self.size += len(data)
        return len(data)

    def settle(self, like: Optional[os.stat_result]) -> IO[bytes]:
        """Put the content on the disk, and return the file. like: of the file that it replaces, for owner and mode."""
        self._file.flush()
        if like is not None:
            keep_status(self._file.fileno(), like)
        os.fsync(self._file.fileno())
        return self._file

    def publish(self) -> None:
        """Give the file its name."""
        os.rename(self._temporary, self._name, src_dir_fd=self._directory, dst_dir_fd=self._directory)
        self._published = True
        os.fsync(self._directory)

    def close(self) -> None:
        """Remove the file, unless it has its name."""
        if not self._published:
            with suppress(OSError):
                os.unlink(self._temporary, dir_fd=self._directory)
        with suppress(OSError):  # a full disk: nothing of it is wanted
            self._file.close()


def _prefix(name: bytes) -> bytes:
    return b".%s." % name
