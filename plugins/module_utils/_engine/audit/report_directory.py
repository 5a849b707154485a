# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory of reports: one subdirectory a report, whole or not there, and the link `latest`.

- One run works on a directory at a time, by a lock that ends with its process.
- A report is written under a temporary name, synced, and renamed. A run that was killed leaves only that name, which
  the next run removes.
- `latest` is replaced last. It names the report before.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from typing import Iterator, Mapping

from ..errors import OperationFailed
from ..model.utc import in_a_name
from ..system.durable_files import LEFT_BEHIND, replace
from ..system.root_owned_path import Walker, closing
from ..system.run_lock import wait_for_lock

DATA, LATEST = "audit.json", "latest"
_NEXT = LATEST + LEFT_BEHIND
_UNFINISHED = re.compile(rf"[0-9]{{8}}T[0-9]{{6}}Z(?:-[0-9]+)?{re.escape(LEFT_BEHIND)}\Z", re.ASCII)
_LARGEST = 256 << 20
_DIRECTORY_MODE, _FILE_MODE = 0o750, 0o640
_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_PATIENCE = 60.0


@contextlib.contextmanager
def opened(path: str) -> Iterator[ReportDirectory]:
    """Yield the directory, locked; make it if its parent exists. Raises Locked, OperationFailed, UnsafePath."""
    try:
        with contextlib.suppress(FileExistsError):
            os.mkdir(path, _DIRECTORY_MODE)
        with closing(Walker(owner=os.geteuid(), shared=True).open(path)) as directory:
            wait_for_lock(directory, f"path: another run writes to {path}", _PATIENCE)
            yield ReportDirectory(path, directory)
    except OSError as error:
        raise OperationFailed(
            f"path: {path}: {error.strerror}",
            cure="Set path to a directory that this user may write, with space.",
        ) from None


def latest_data(path: str) -> bytes:
    """Return audit.json of the newest report. Raises FileNotFoundError if there is none, and OSError."""
    with open(os.path.join(path, LATEST, DATA), "rb") as file:
        return file.read(_LARGEST)


class ReportDirectory:
    """Use `opened`."""

    def __init__(self, path: str, directory: int) -> None:
        self._path, self._directory = path, directory

    def write(self, made: float, files: Mapping[str, bytes]) -> str:
        """Write a report, and return its path. made: its time. Raises OSError; then there is no report."""
        name = self._free_name(in_a_name(made))
        self._remove_leftovers()
        temporary = name + LEFT_BEHIND
        try:
            self._fill(temporary, files)
            self._link(name)
            self._rename(temporary, name)
        except BaseException:
            self._remove_leftovers()
            raise
        self._rename(_NEXT, LATEST)
        os.fsync(self._directory)
        return os.path.join(self._path, name)

    def _free_name(self, name: str) -> str:
        """Return the name, or with a number if a report of that second exists."""
        taken = set(os.listdir(self._directory))
        names = [name, *(f"{name}-{number}" for number in range(2, len(taken) + 3))]
        return next(each for each in names if each not in taken)

    def _fill(self, name: str, files: Mapping[str, bytes]) -> None:
        os.mkdir(name, _DIRECTORY_MODE, dir_fd=self._directory)
        with closing(os.open(name, _OPEN | os.O_NOFOLLOW, dir_fd=self._directory)) as report:
            for file, content in files.items():
                replace(file, content, directory=report, settle=_readable)
            os.fsync(report)

    def _link(self, name: str) -> None:
        """Make the next `latest`, which needs space, before the report has its name."""
        os.symlink(name, _NEXT, dir_fd=self._directory)

    def _rename(self, old: str, new: str) -> None:
        os.rename(old, new, src_dir_fd=self._directory, dst_dir_fd=self._directory)

    def _remove_leftovers(self) -> None:
        """Remove unfinished reports; under the lock no other run works on them."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(_NEXT, dir_fd=self._directory)
        for name in os.listdir(self._directory):
            if _UNFINISHED.match(name):  # others may have put directories of their own here
                shutil.rmtree(os.path.join(self._path, name), ignore_errors=True)


def _readable(descriptor: int) -> None:
    os.fchmod(descriptor, _FILE_MODE)
