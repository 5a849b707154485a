# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of records: one for each account or job, in a directory that only root may enter, replaced as a whole."""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from typing import Iterator, Sequence

from ..system.entries import read_file
from ..system.kept_files import FilesRequest, KeptDirectory, KeptFile, keep_files
from ..system.lock_file import opened_lock_file
from ..system.os_errors import from_os_error
from ..system.root_owned_path import Walker, closing
from ..system.run_lock import wait_for_lock

_ABOVE, _DIRECTORY, _FILE = 0o755, 0o700, 0o600


class RecordFile:
    """The file of one record. owner: the user id of root. start: where absolute paths begin"""

    def __init__(self, directory: str, name: str, *, owner: int = 0, start: str = "/") -> None:
        self._directory, self._name, self._owner, self._start = directory, name + ".json", owner, start
        self._lock = ".%s.lock" % name

    @property
    def path(self) -> str:
        return "%s/%s" % (self._directory, self._name)

    def text(self) -> str:
        """Return the text; "" for no file. Raises UnsafePath."""
        found = Walker(owner=self._owner, start=self._start).open_existing(self._directory)
        if found is None:
            return ""
        with closing(found):
            content = read_file(self._name, parent=found, shown=self.path, owner=self._owner)
        return (content or b"").decode("utf-8", "surrogateescape")

    def write(self, text: str) -> None:
        """Write the text, on the disk when this returns. Raises UnsafePath, NotFound."""
        self._keep([KeptFile(self.path, text, _FILE)])

    @contextmanager
    def locked(self, fact: str, patience: float) -> Iterator[None]:
        """Hold the lock of the record, a file next to it. Makes the directory.

        fact: the message if another run holds it for longer than the patience, in seconds
        Raises Locked, UnsafePath, NotFound, and the errors of the file system.
        """
        self._keep([])
        with closing(Walker(owner=self._owner, start=self._start).open(self._directory)) as directory:
            try:
                lock = opened_lock_file(self._lock, directory=directory)
            except OSError as error:
                raise from_os_error(error, path=("%s/%s" % (self._directory, self._lock)).encode()) from None
        with closing(lock):
            wait_for_lock(lock, fact, patience)
            try:
                yield
            finally:
                # A child that waits for a dead file system has the descriptor too, and would keep the lock.
                fcntl.flock(lock, fcntl.LOCK_UN)

    def _keep(self, files: Sequence[KeptFile]) -> None:
        above = self._directory.rpartition("/")[0]
        directories = [KeptDirectory(above, _ABOVE), KeptDirectory(self._directory, _DIRECTORY)]
        keep_files(FilesRequest(directories, files, check_mode=False, owner=self._owner, start=self._start))
