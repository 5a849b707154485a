# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The features of a run, in their order. A new feature is a module and a line here."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, AbstractSet, Callable, List, Optional, Set, Tuple

from ..model.relpath import RelPath
from ..model.request import FileLimits
from ..model.tree import FILE, Entry, Tree
from .feature import Feature, RunParts
from .scan import Scanned

if TYPE_CHECKING:
    from .sessions import Sessions


# A feature is loaded for the runs that have it only.
# pylint: disable=import-outside-toplevel
_SECOND = 1_000_000_000


class Limits(Feature):
    """Files outside the limits of size and age are left alone. sizes: returns the source with the sizes of contents."""

    def __init__(self, limits: FileLimits, sizes: Optional[Callable[[Tree], Tree]]) -> None:
        super().__init__()
        self._limits, self._sizes = limits, sizes

    def hide(self, source: Scanned, now: int) -> AbstractSet[RelPath]:
        hidden = self._outside(source.tree if self._sizes is None else self._sizes(source.tree), now)
        for path in hidden:
            del source.tree[path]
        self.stats["files_filtered"] = len(hidden)
        return hidden

    def left_alone(self, source: Scanned, destination: Scanned, now: int) -> AbstractSet[RelPath]:
        extra = {path: entry for path, entry in destination.tree.items() if path not in source.tree}
        return self._outside(extra, now)

    def _outside(self, tree: Tree, now: int) -> AbstractSet[RelPath]:
        return outside(tree, self._limits, now)


def features_of(parts: RunParts, sessions: Sessions, stack: ExitStack) -> Tuple[Feature, ...]:
    """Return the features of a run. stack: removes private files at the end."""
    request, sealed = parts.request, sessions.sealed
    found: List[Feature] = []
    signed = sizes = None
    if request.verify is not None:
        from .signed_source import SignedSource

        signed = SignedSource(parts, request.verify, sessions, stack)
        found.append(signed)
    if sealed is not None:
        from .sealed_listing import SealedListing

        sealed.attach(parts.record, parts.opened.file)
        listing = SealedListing(sealed, parts.outcomes, signed)
        sizes = listing.contents
        found.append(listing)
    if request.limits is not None:
        found.append(Limits(request.limits, sizes))
    if request.sign is not None:
        from .publish import Publication

        found.append(Publication(parts, request.sign, sealed))
    if request.drop_box is not None:
        from .drop_box import DropBox

        found.append(DropBox(parts, request.drop_box, sealed))
    if request.partial is not None:
        from .partials import Partials

        found.append(Partials(parts, request.partial))
    if request.trash_max_age is not None and parts.selection.trash is not None:
        from .trash_retention import TrashRetention

        found.append(TrashRetention(parts, parts.selection.trash, request.trash_max_age))
    return tuple(found)


def outside(tree: Tree, limits: FileLimits, now: int) -> Set[RelPath]:
    """Return the regular files outside the limits. now: nanoseconds since 1970, to which ages refer."""
    youngest = None if limits.min_age is None else now - limits.min_age * _SECOND
    oldest = None if limits.max_age is None else now - limits.max_age * _SECOND

    def is_outside(entry: Entry) -> bool:
        return (
            (youngest is not None and entry.mtime > youngest)
            or (oldest is not None and entry.mtime < oldest)
            or (limits.min_size is not None and entry.size < limits.min_size)
            or (limits.max_size is not None and entry.size > limits.max_size)
        )

    return {path for path, entry in tree.items() if entry.kind == FILE and is_outside(entry)}
