# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TreeFile: the content of a file of the tree, as an archive takes it, with its digest."""

from __future__ import annotations

from ..errors import SourceChanged
from ..integrity.digest import sha256
from ..model.relpath import RelPath
from ..model.tree import Entry
from ..transport.base import SourceFile


class TreeFile:
    """Reads a file once. entry: its entry in the list; a file of other size or time has changed since."""

    def __init__(self, source: SourceFile, path: RelPath, entry: Entry) -> None:
        self._source, self._path = source, path
        self._digest = sha256()
        if (source.size, source.mtime) != (entry.size, entry.mtime):
            self.close()
            raise self._changed()

    def read(self, size: int) -> bytes:
        """Return the next `size` bytes, all of them. Raises SourceChanged, ItemError."""
        parts = []
        while size > 0:
            part = self._source.read(size)
            if not part:
                raise self._changed()
            parts.append(part)
            size -= len(part)
        data = b"".join(parts)
        self._digest.update(data)
        return data

    def finish(self) -> bytes:
        """Return the digest of the content. Raises SourceChanged if it may be of two versions."""
        if self._source.changed(self._digest.digest):
            raise self._changed()
        return self._digest.digest()

    def close(self) -> None:
        """Close the file of the tree."""
        self._source.close()

    def _changed(self) -> SourceChanged:
        return SourceChanged(
            "src: the file changed while it was archived", path=self._path, cure="Run the task when src is at rest."
        )
