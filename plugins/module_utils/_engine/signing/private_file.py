# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small file of this user in a directory of `state_dir`, replaced as a whole. A file that others can write is not
believed, and neither is a file in a directory that others can write."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import Iterator

from ..integrity.digest import sha256
from ..system.durable_files import replace
from ..system.root_owned_path import closing

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_LIMIT = 1 << 20


class PrivateFile:
    """state_dir: see SyncRequest. kind: name of the directory. parts: stand for the file."""

    def __init__(self, state_dir: bytes, kind: bytes, *parts: bytes) -> None:
        self._parent = state_dir
        self._directory = os.path.join(state_dir, kind)
        self._name = sha256(b"\0".join(parts)).hexdigest() + ".json"

    def read(self) -> bytes:
        """Return the content. Raises OSError, ValueError."""
        with closing(os.open(self._directory, _DIRECTORY)) as directory:
            _require_private(os.fstat(directory))
            return _content(self._name, directory)

    def every(self) -> Iterator[bytes]:
        """Yield the content of each file of the kind that can be believed. Raises OSError, ValueError."""
        with closing(os.open(self._directory, _DIRECTORY)) as directory:
            _require_private(os.fstat(directory))
            for name in sorted(os.listdir(directory)):
                with suppress(OSError, ValueError):
                    yield _content(name, directory)

    def remove(self) -> None:
        """Remove the file. Raises OSError."""
        os.unlink(os.path.join(self._directory, os.fsencode(self._name)))

    def write(self, content: bytes) -> None:
        """Replace the file; it is on the disk at the return. Raises OSError, ValueError."""
        for each in (self._parent, self._directory):
            os.makedirs(each, 0o700, exist_ok=True)
        with closing(os.open(self._directory, _DIRECTORY)) as directory:
            _require_private(os.fstat(directory))
            replace(self._name, content, directory=directory, settle=lambda descriptor: None)


def _content(name: str, directory: int) -> bytes:
    with closing(os.open(name, _FILE, dir_fd=directory)) as descriptor:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("it is not a regular file")
        _require_private(status)
        return os.read(descriptor, _LIMIT)


def _require_private(status: os.stat_result) -> None:
    if status.st_uid not in (0, os.geteuid()) or status.st_mode & 0o022:
        raise ValueError("others can write to it")
