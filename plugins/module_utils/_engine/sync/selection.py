# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SideSelection: the entries of a side that belong to the run, by the filters and without the trash."""

from __future__ import annotations

from typing import Callable, Optional

from ..errors import InvalidRequest, UnsafeName
from ..model.relpath import RelPath
from ..model.request import SyncRequest
from ..model.tree import Tree
from ..planning.filters import Filters, Selection

__all__ = ["SideSelection"]


class SideSelection:
    """The filters of both sides. Excluded entries of the destination are left alone.

    trash: its path
    manifests: path of the directory of the manifests of a signed set, which is listed and never part of a tree
    """

    def __init__(self, filters: Filters, trash: Optional[RelPath], manifests: Optional[RelPath] = None) -> None:
        self._filters = filters
        self.trash = trash
        self.manifests = manifests

    @classmethod
    def of(cls, request: SyncRequest) -> SideSelection:
        """Return the selection of a request. Raises InvalidPattern, InvalidRequest."""
        try:
            trash = None if request.trash is None else RelPath.checked(request.trash)
        except UnsafeName as error:
            raise InvalidRequest(
                "trash: must be a path below the destination: %s" % error.message, cure="Set trash to a relative path."
            ) from error
        manifests = None if request.verify is None else RelPath(request.verify.directory)
        return cls(Filters(request.include, request.exclude), trash, manifests)

    @property
    def enter(self) -> Optional[Callable[[RelPath], bool]]:
        """Return a filter for Transport.scan: None if every directory is entered."""
        if self.trash is not None or self.manifests is not None:
            return self._enters
        return None if self._filters.trivial else self._filters.enter

    def _enters(self, directory: RelPath) -> bool:
        if directory == self.manifests:
            return True
        return directory != self.trash and self._filters.enter(directory)

    def take_manifests(self, tree: Tree) -> Tree:
        """Remove the directory of the manifests from a scanned tree, and return its entries."""
        if self.manifests is None or tree.pop(self.manifests, None) is None:
            return {}
        below = self.manifests + b"/"
        return {path: tree.pop(path) for path in [path for path in tree if path.startswith(below)]}

    def select(self, tree: Tree) -> Selection:
        """Return the selected part of a scanned tree, which may be changed."""
        hiding = set()
        if self.trash is not None and tree.pop(self.trash, None) is not None:
            hiding.add(self.trash.parent)
        if self._filters.trivial:
            return Selection(tree, hiding)
        left = self._filters.select(tree)
        return Selection(left.tree, left.hiding | hiding)
