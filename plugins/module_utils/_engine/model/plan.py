# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan, Action, Reason: the changes to make and their reasons, as a value. PlanPolicy: the options that affect them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Optional, Sequence, Tuple, Union

from .relpath import RelPath
from .request import RECORDED, SKIP, DeleteLimit, SyncRequest
from .tree import Attributes, Entry

if TYPE_CHECKING:
    from ..errors import SyncError
    from .on_demand import FileStores, PlannedActions

CREATE_DIRECTORY = "create_directory"
STORE = "store"
LINK = "link"
SET_ATTRIBUTES = "set_attributes"
REMOVE = "remove"
ACTIONS = (CREATE_DIRECTORY, STORE, LINK, SET_ATTRIBUTES, REMOVE)
MOVE = "move"
COPY = "copy"
RELOCATIONS = (MOVE, COPY)
"""A STORE whose content is at the destination already, under another name."""
PUBLISH = "publish"
"""Of a signed set only: its manifest."""
ARCHIVE_SOURCE = "archive_source"
DELETE_SOURCE = "delete_source"
"""Of a run with `after_transfer` only: a file at the source."""
EXPIRE_TRASH = "expire_trash"
"""Of a run with `trash_max_age` only: an entry of the trash."""
MARK = "mark"
"""Of a push with `marker` only: an empty file that announces others."""
MORE_ACTIONS = (PUBLISH, ARCHIVE_SOURCE, DELETE_SOURCE, EXPIRE_TRASH, MARK)
"""The planner makes no such action."""

MISSING = "missing"
SIZE = "size"
MTIME = "mtime"
DIGEST = "digest"
KIND = "kind"
MODE = "mode"
EXTRA = "extra"
FORCED = "forced"
REASONS = (MISSING, SIZE, MTIME, DIGEST, KIND, MODE, EXTRA, FORCED)
"""FORCED: the destination's content could not be read, so it is written again."""
RECIPIENTS = "recipients"
"""Of a sealed file only: it was sealed for others."""
DELIVERED = "delivered"
"""Of ARCHIVE_SOURCE, DELETE_SOURCE and MARK."""
EXPIRED = "expired"
"""Of EXPIRE_TRASH."""
CHANGED = "changed"
RENEWAL = "renewal"
"""Of the publication of a set. RENEWAL: it is as it was, and half of the manifest's validity is over."""
SPECIAL_FILE = "fifo, socket or device"
VANISHED = "it vanished from the source after it was listed"
"""Reasons of skipped entries. VANISHED has a note of its own: see Account."""


class Write(NamedTuple):
    """Create or change one entry of the destination.

    action: one of ACTIONS, except REMOVE; or one of RELOCATIONS; or PUBLISH or MARK
    wanted: the source's entry
    present: the destination's entry before; None if it is missing
    attributes: the attributes to set
    origin: of RELOCATIONS only: the destination's file with the content. MOVE takes that name away. With `present` it
    is another spelling of the name of this entry, of any kind, at a destination for which both are the same
    """

    path: RelPath
    action: str
    reason: str
    wanted: Entry
    present: Optional[Entry]
    attributes: Attributes = Attributes()
    origin: Optional[RelPath] = None

    @property
    def respells(self) -> bool:
        """Return whether the name alone is changed, to a spelling that is the same for the destination."""
        return self.action == MOVE and self.present is not None


class Remove(NamedTuple):
    """Remove one entry of the destination; or of the source, for ARCHIVE_SOURCE and DELETE_SOURCE; or
    of the trash, for EXPIRE_TRASH.

    present: the entry before
    """

    path: RelPath
    reason: str
    present: Entry
    action: str = REMOVE


Action = Union[Write, Remove]


class Skipped(NamedTuple):
    """An entry that is left alone, and why, in words (for example "fifo, socket or device")."""

    path: RelPath
    reason: str


class Plan(NamedTuple):
    """All actions, sorted by path, parents before children.

    restamp: directories whose mtime must be set again at the end because something in them changes; not a change in
    itself
    deletions: files and links that the plan removes or turns into another kind; a moved file is none
    withheld: entries without an action, because the destination may have them although its listing lacks them
    conflicts: errors of entries that a directory of the destination is in the way of
    """

    actions: Tuple[Action, ...] | PlannedActions = ()
    restamp: Tuple[Tuple[RelPath, Attributes], ...] = ()
    skipped: Tuple[Skipped, ...] = ()
    deletions: int = 0
    withheld: int = 0
    conflicts: Tuple[SyncError, ...] = ()

    @property
    def stores(self) -> Optional[FileStores]:
        """Return the files to store that need only a path each, if there are any."""
        return None if isinstance(self.actions, tuple) else self.actions.stores

    @property
    def others(self) -> Sequence[Action]:
        """Return all actions but `stores`, in the plan's order."""
        return self.actions if isinstance(self.actions, tuple) else self.actions.others

    def with_actions(self, first: Sequence[Action] = (), last: Sequence[Action] = ()) -> Plan:
        """Return the plan with more actions. first: for paths before all others."""
        actions = self.actions
        if isinstance(actions, tuple):
            return self._replace(actions=(*first, *actions, *last))
        return self._replace(actions=actions.with_more(first, last))


class PlanPolicy(NamedTuple):
    """The options of a request that affect its plan."""

    compare: str = RECORDED
    delete: bool = False
    max_delete: DeleteLimit = DeleteLimit(10, True)
    allow_empty_source: bool = False
    links: str = SKIP
    preserve_mode: bool = True
    preserve_mtime: bool = True
    modes_kept: bool = True
    """False if the destination does not keep modes: they are set on stored content, and not compared."""
    directory_modes_kept: bool = True
    directory_mtimes_kept: bool = True

    @classmethod
    def of(cls, request: SyncRequest, *, mtimes_kept: bool = True, **kept: bool) -> PlanPolicy:
        """Return the policy of a request, for a destination that may not keep mtimes or modes."""
        return cls(
            compare=request.compare,
            delete=request.delete,
            max_delete=request.max_delete,
            allow_empty_source=request.allow_empty_source,
            links=request.links,
            preserve_mode=request.preserve_mode,
            preserve_mtime=request.preserve_mtime and mtimes_kept,
            **kept,
        )
