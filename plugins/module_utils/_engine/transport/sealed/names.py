# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of sealed files: `a` is stored as `a.age`. Directories and links keep their names, as do files of the engine.

Only one side has contents under plain names. It is shown with the stored names, so that the rest of a run compares,
transports and proves sealed files like any other files.
"""

from __future__ import annotations

from typing import Callable, Set

from ...model.relpath import RelPath
from ...sealing.stored_names import has_form, stored_of


class SealedNames:
    """extension: end of the names of sealed files. is_own: whether a file of this name belongs to the engine."""

    def __init__(self, extension: bytes, is_own: Callable[[RelPath], bool]) -> None:
        self.extension = extension
        self._is_own = is_own
        self._others: Set[bytes] = set()
        """Directories, links and special entries whose name has the extension."""

    def stored(self, plain: RelPath) -> RelPath:
        """Return the stored name of the file `plain`."""
        return plain if self._is_own(plain) else stored_of(plain, self.extension)

    def is_stored(self, path: RelPath) -> bool:
        """Return whether a shown name stands for a sealed file."""
        return has_form(path, self.extension) and path not in self._others

    def plain(self, path: RelPath) -> RelPath:
        """Return the name here of a shown entry."""
        return RelPath(path[: -len(self.extension)]) if self.is_stored(path) else path

    def keep(self, path: RelPath) -> bool:
        """Note an entry of another kind. Return whether a stored name could be the same."""
        if not has_form(path, self.extension):
            return False
        self._others.add(path)
        return True

    def forget(self, path: RelPath) -> None:
        """Note that an entry is gone."""
        self._others.discard(path)
