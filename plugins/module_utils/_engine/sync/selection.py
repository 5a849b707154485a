# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SideSelection: the entries of a side that belong to the run, by the filters and without the trash."""

from __future__ import annotations

from functools import partial
from typing import Callable, Iterable, List, Optional, Sequence, Set

from ..errors import EmptySource, InvalidRequest, UnsafeName
from ..model.relpath import RelPath
from ..model.request import SyncRequest
from ..model.tree import FILE, Entry, Tree
from ..planning.filters import Filters, Selection


class SideSelection:
    """The filters of both sides. Excluded entries of the destination are left alone.

    trash: its path
    archive: path of the archive of the source
    manifests: the directory of manifests; it is listed, and apart from the tree, as are `other_files` of a signed set
    """

    name_of: Optional[Callable[[RelPath, Entry], RelPath]] = None
    """Of sealed files, the name of the content, by which patterns select them."""

    def __init__(
        self,
        filters: Filters,
        trash: Optional[RelPath],
        manifests: Optional[RelPath] = None,
        other_files: Sequence[RelPath] = (),
        *,
        archive: Optional[RelPath] = None,
    ) -> None:
        self._filters = filters
        self.trash = trash
        self.archive = archive
        self._aside = tuple(path for path in (trash, archive) if path is not None)
        self.manifests = manifests
        self._other_files = other_files

    @classmethod
    def of(cls, request: SyncRequest) -> SideSelection:
        """Return the selection of a request. Raises InvalidPattern, InvalidRequest."""
        try:
            trash = None if request.trash is None else RelPath.checked(request.trash)
        except UnsafeName as error:
            raise InvalidRequest(
                f"trash: must be a path below the destination: {error.message}", cure="Set trash to a relative path."
            ) from error
        signed, box = request.verify or request.sign, request.drop_box
        selection = cls(
            Filters(request.include, request.exclude),
            trash,
            None if signed is None else RelPath(signed.path),
            _other_files(request),
            archive=None if box is None or box.archive is None else RelPath(box.archive),
        )
        if request.sealed:
            from ..sealing.pairs import plain_of  # pylint: disable=import-outside-toplevel

            selection.name_of = partial(plain_of, extension=request.extension)
        return selection

    def own(self, *, made: bool) -> Set[RelPath]:
        """Return the names that the run may make besides the tree. made: whether it makes the files of a signed set."""
        signed = (self.manifests, *self._other_files) if made else ()
        return {path for path in (self.trash, *signed) if path is not None}

    def exposes(self, old: RelPath, new: RelPath) -> bool:
        """Return whether an entry that is no part of the tree by its name `old` is a part of it by the name `new`."""
        return any(self._hides(old, kind) and not self._hides(new, kind) for kind in (True, False))

    def _hides(self, path: RelPath, is_directory: bool) -> bool:
        apart = (*self._aside, self.manifests, *self._other_files)
        if path in apart or path.parent in apart:
            return True
        if self.name_of is not None and not is_directory:
            path = self.name_of(path, Entry(FILE, 0, 0, 0))
        return not self._filters.accepts(path, is_directory)

    @property
    def enter(self) -> Optional[Callable[[RelPath], bool]]:
        """Return a filter for Transport.scan: None if every directory is entered."""
        if self._aside or self.manifests is not None:
            return self._enters
        return None if self._filters.trivial else self._filters.enter

    def _enters(self, directory: RelPath) -> bool:
        if self.manifests in (directory, directory.parent):
            return directory == self.manifests
        return directory not in self._aside and self._filters.enter(directory)

    def take_apart(self, tree: Tree, in_manifests: Iterable[RelPath]) -> Tree:
        """Remove the files of signed sets from a scanned tree, and return them."""
        if self.manifests is None:
            return {}
        paths = [self.manifests, *in_manifests, *self._other_files]
        return {path: tree.pop(path) for path in dict.fromkeys(paths) if path in tree}

    def select(self, tree: Tree) -> Selection:
        """Return the selected part of a scanned tree, which may be changed."""
        hidden = {path for path in self._aside if tree.pop(path, None) is not None}
        hiding = {path.parent for path in hidden}
        if self._filters.trivial:
            return Selection(tree, hiding, hidden)
        left = self._filters.select(tree, self.name_of)
        return Selection(left.tree, left.hiding | hiding, left.hidden | hidden)


class EnteredOnly(SideSelection):
    """All entries of the directories that `enter` takes."""

    def __init__(self, enter: Callable[[RelPath], bool]) -> None:
        super().__init__(Filters((), ()), None)
        self._only = enter

    @property
    def enter(self) -> Callable[[RelPath], bool]:
        return self._only


def unmatched(request: SyncRequest, others: int) -> Optional[str]:
    """Return what to say about a source from which the filters select nothing, None if that is no surprise. others: its
    files, and its directories that were not entered. Raises EmptySource."""
    from ..model.human import counted  # pylint: disable=import-outside-toplevel

    fact = f"the source has {counted(others, 'other entry', 'other entries')}" if others else "the source is empty"
    if request.include:
        patterns = [f"'{pattern}'" for pattern in request.include[:3]]
        patterns += [f"{len(request.include) - 3} more"] if len(request.include) > 3 else []
        fact = f"include ({', '.join(patterns)}) selects nothing: {fact}"
    if request.require_match:
        raise EmptySource(f"require_match: {fact}", cure="Correct src, include or exclude, or leave require_match out.")
    return fact if request.include and others else None


def _other_files(request: SyncRequest) -> List[RelPath]:
    """Return the files of a signed set outside its directory."""
    if request.sign is None or not request.sign.sums:
        return []
    from ..integrity.published_manifest import SUMS  # pylint: disable=import-outside-toplevel

    return [SUMS]
