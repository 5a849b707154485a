# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DoubtfulDirectories: find the directory at whose listing sessions end, while many are listed at the same time.

Like narrowing.py for items: after the first lost session everything is listed again. After the next, the directories
that can have been under way are held back until the rest is listed; then they are listed singly.
"""

from __future__ import annotations

from collections import deque
from typing import Callable, Deque, Dict, List, Optional, Set

from ..errors import Stalled, SyncError
from ..model.relpath import ROOT, RelPath
from .backoff import MOST_IN_A_ROW

UNDER_WAY = 64
"""Largest number of directories that are listed at once, by any transport."""
MOST_RESTARTS = 32
"""How often the whole listing begins again. Each time fewer directories are left in it."""


class DoubtfulDirectories:
    """enters: whether to list a directory; None: list all."""

    def __init__(self, enters: Optional[Callable[[RelPath], bool]]) -> None:
        self._enters = enters
        self._below = ROOT
        self._begun: Dict[RelPath, None] = {}
        self._held: Set[RelPath] = set()
        self._waiting: Deque[RelPath] = deque()
        self._losses = 0
        self._failed_in_a_row = 0

    def next(self) -> RelPath:
        """Begin with the first directory that is held back; ROOT if there is none."""
        self._below = self._waiting.popleft() if self._waiting else ROOT
        self._losses = 0
        return self._below

    def begin(self) -> None:
        """Take note that a listing begins."""
        self._begun = {self._below: None}

    def enter(self, path: RelPath) -> bool:
        """Return whether the listing goes into `path` now; asked once it was found."""
        if path != self._below and not self._is_inside(path):
            return (self._below + b"/").startswith(path + b"/")
        if (self._enters and not self._enters(path)) or (path in self._held and path != self._below):
            return False
        self._begun[path] = None
        return True

    def takes(self, directory: RelPath) -> bool:
        """Take note that `directory` was listed; return whether it belongs to this listing, and is not above it."""
        self._begun.pop(directory, None)
        return directory == self._below or self._is_inside(directory)

    def _is_inside(self, path: RelPath) -> bool:
        return not self._below or path.startswith(self._below + b"/")

    def listed(self) -> bool:
        """Take note that the listing came to its end; return whether the directory was found."""
        self._failed_in_a_row = 0
        return self._below not in self._begun

    def failed(self, error: SyncError, *, attempts: int) -> bool:
        """Take note of a lost session; return whether the directory that was listed alone has failed with it. Raise
        `error` if the root cannot be listed, or one directory after another cannot."""
        alone = self._below != ROOT
        own = self._below in self._begun or not self._begun
        if own or not alone:
            self._losses += 1
        if not own and (alone or self._losses > 1 or isinstance(error, Stalled)):
            self._hold()
        if not alone and self._losses > MOST_RESTARTS:
            raise error
        if not own or self._losses < (1 if self._failed_in_a_row else attempts):
            return False
        self._failed_in_a_row += 1
        if not alone or self._failed_in_a_row > MOST_IN_A_ROW:
            raise error
        return True

    def _hold(self) -> None:
        doubtful: List[RelPath] = list(self._begun)[:UNDER_WAY]
        self._held.update(doubtful)
        self._waiting.extend(doubtful)
