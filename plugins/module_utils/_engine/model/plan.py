# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan, Action, Reason: the changes to make and their reasons, as a value."""

from __future__ import annotations

from typing import NamedTuple, Optional, Tuple

from .relpath import RelPath
from .tree import Attributes, Entry

__all__ = ["ACTIONS", "REASONS", "Action", "Plan", "Skipped"]

CREATE_DIRECTORY = "create_directory"
STORE = "store"
LINK = "link"
SET_ATTRIBUTES = "set_attributes"
REMOVE = "remove"
ACTIONS = (CREATE_DIRECTORY, STORE, LINK, SET_ATTRIBUTES, REMOVE)

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


class Action(NamedTuple):
    """One change at the destination.

    wanted: the source's entry (None for REMOVE)
    present: the destination's entry before (None if missing)
    attributes: to set, for every action but REMOVE
    """

    path: RelPath
    action: str
    reason: str
    wanted: Optional[Entry]
    present: Optional[Entry]
    attributes: Attributes = Attributes()


class Skipped(NamedTuple):
    """An entry that is left alone, and why, in words (for example "fifo, socket or device")."""

    path: RelPath
    reason: str


class Plan(NamedTuple):
    """All actions, sorted by path, parents before children.

    restamp: directories whose mtime must be set again at the end because something in them changes; not a change in
    itself. deletions: files and links that the plan removes or turns into another kind.
    """

    actions: Tuple[Action, ...] = ()
    restamp: Tuple[Tuple[RelPath, Attributes], ...] = ()
    skipped: Tuple[Skipped, ...] = ()
    deletions: int = 0
