# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PlannedActions: the actions of a plan, sorted by path, where most of them are files to store."""

from __future__ import annotations

from bisect import bisect_left
from typing import Iterator, Sequence, Tuple

from .file_stores import FileStores
from .on_demand import OnDemand
from .plan import STORE, Action
from .relpath import RelPath


class PlannedActions(OnDemand[Action]):
    """stores: the files that need only a path each. others: all other actions, sorted by path. last: how many of these
    come after all other actions."""

    def __init__(self, stores: FileStores, others: Sequence[Action], *, last: int = 0) -> None:
        self.stores = stores
        self.others = others
        self._last = last

    def with_more(self, first: Sequence[Action], last: Sequence[Action]) -> PlannedActions:
        """Return the actions with more of them. first: for paths before all others."""
        return PlannedActions(self.stores, (*first, *self.others, *last), last=self._last + len(last))

    def __iter__(self) -> Iterator[Action]:
        for start, end, others in self._runs():
            yield from self.stores.between(start, end)
            yield from others

    def keys(self) -> Iterator[Tuple[RelPath, str]]:
        """Return path and kind of each action, in order. No action is made."""
        paths = self.stores.paths
        for start, end, others in self._runs():
            yield from ((path, STORE) for path in paths[start:end])
            yield from ((other.path, other.action) for other in others)

    def _runs(self) -> Iterator[Tuple[int, int, Sequence[Action]]]:
        """Return positions of stores, from and to, with the other actions that come after them."""
        paths, start = self.stores.paths, 0
        end_of_sorted = len(self.others) - self._last
        for other in self.others[:end_of_sorted]:
            end = bisect_left(paths, other.path, start)
            yield start, end, (other,)
            start = end
        yield start, len(paths), self.others[end_of_sorted:]

    def __len__(self) -> int:
        return len(self.stores) + len(self.others)

    def __bool__(self) -> bool:
        return len(self) > 0
