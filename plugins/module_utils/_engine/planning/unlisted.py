# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries that the destination may have although its listing lacks them: the listing of a directory failed, or is not
whole. Storing such an entry could replace an unknown file, which would be neither counted nor kept in the trash.

Entries that an incomplete listing shows are known, and get their actions; so does the directory itself. Loaded only if
there is such a directory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, AbstractSet

from ..model.relpath import RelPath
from ..model.tree import Tree

if TYPE_CHECKING:
    from .planner import Draft

__all__ = ["may_be_there", "withhold"]


def withhold(draft: Draft, unlisted: AbstractSet[RelPath]) -> None:
    """Drop the actions for entries that may be there, and count them."""

    def stays(path: RelPath) -> bool:
        return not may_be_there(path, draft.destination, unlisted)

    before = _actions(draft)
    draft.actions = [action for action in draft.actions if stays(action.path)]
    if draft.stores is not None:
        draft.stores.keep(stays)
    draft.withheld = before - _actions(draft)


def _actions(draft: Draft) -> int:
    return len(draft.actions) + len(draft.stores or ())


def may_be_there(path: RelPath, destination: Tree, unlisted: AbstractSet[RelPath]) -> bool:
    """Return whether the destination may have this entry, or one of the directories above it, although its tree lacks
    it. Filters can hide an unlisted directory from the tree."""
    while path and path not in destination:
        if path in unlisted or path.parent in unlisted:
            return True
        path = path.parent
    return False
