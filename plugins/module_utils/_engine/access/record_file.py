# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of records: one for each account or job, in a directory that only root may enter, replaced as a whole."""

from __future__ import annotations

from ..system.entries import read_file
from ..system.kept_files import FilesRequest, KeptDirectory, KeptFile, keep_files
from ..system.root_owned_path import Walker, closing

__all__ = ["RecordFile"]

_ABOVE, _DIRECTORY, _FILE = 0o755, 0o700, 0o600


class RecordFile:
    """The file of one record. owner: the user id of root. start: where absolute paths begin"""

    def __init__(self, directory: str, name: str, *, owner: int = 0, start: str = "/") -> None:
        self._directory, self._name, self._owner, self._start = directory, name + ".json", owner, start

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
        above = self._directory.rpartition("/")[0]
        directories = [KeptDirectory(above, _ABOVE), KeptDirectory(self._directory, _DIRECTORY)]
        files = [KeptFile(self.path, text, _FILE)]
        keep_files(FilesRequest(directories, files, check_mode=False, owner=self._owner, start=self._start))
