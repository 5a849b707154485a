# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sequences whose items are made when they are asked for, so that a plan for very many files needs little memory.

FileStores: the files that a plan stores, a path each. PlannedActions: all actions of such a plan, sorted by path.
OrderedOutcomes: the outcomes of the run in the plan's order.
"""

from __future__ import annotations

from abc import abstractmethod
from bisect import bisect_left
from itertools import chain
from typing import Callable, Dict, Iterator, List, Optional, Sequence, Tuple, TypeVar, overload

from ..errors import SyncError
from .plan import MISSING, RELOCATIONS, STORE, Action, Write
from .relpath import RelPath
from .report import Outcome
from .tree import Attributes, Entry, Tree

T = TypeVar("T")


class OnDemand(Sequence[T]):
    """Equal to the tuple of the same items. Made to be passed through: a single item costs as much as all of them."""

    @abstractmethod
    def __iter__(self) -> Iterator[T]: ...

    def __len__(self) -> int:
        return sum(1 for _item in self)

    def __bool__(self) -> bool:
        return any(True for _item in self)

    @overload
    def __getitem__(self, position: int) -> T: ...

    @overload
    def __getitem__(self, position: slice) -> Tuple[T, ...]: ...

    def __getitem__(self, position: int | slice) -> T | Tuple[T, ...]:
        return tuple(self)[position]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (OnDemand, tuple)) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # equal to a tuple, whose hash would need all items

    def __repr__(self) -> str:
        return repr(tuple(self))


class FileStores(OnDemand[Write]):
    """The new files, and the files that replace a file.

    source, destination: the trees of the plan; they stay as they are
    attributes: returns the attributes to set, for the entries of the source and of the destination
    paths: sorted, after `sort`
    replacing: the reasons for files that replace a file
    """

    def __init__(
        self, source: Tree, destination: Tree, attributes: Callable[[Entry, Optional[Entry]], Attributes]
    ) -> None:
        self._source = source
        self._destination = destination
        self._attributes = attributes
        self.paths: List[RelPath] = []
        self.replacing: Dict[RelPath, str] = {}

    def add(self, path: RelPath, reason: str) -> None:
        """Add a file. If the reason is not MISSING, the destination has a file of this name."""
        self.paths.append(path)
        if reason != MISSING:
            self.replacing[path] = reason

    def keep(self, keeps: Callable[[RelPath], bool]) -> None:
        """Drop the files for which `keeps` returns False."""
        self.paths = [path for path in self.paths if keeps(path)]
        self.replacing = {path: reason for path, reason in self.replacing.items() if keeps(path)}

    def sort(self) -> None:
        self.paths.sort()

    def has(self, path: bytes) -> bool:
        """Return whether the file is among them, after `sort`."""
        at = bisect_left(self.paths, path)
        return at < len(self.paths) and self.paths[at] == path

    def write(self, path: RelPath) -> Write:
        wanted = self._source[path]
        reason = self.replacing.get(path, MISSING)
        present = None if reason == MISSING else self._destination[path]
        return Write(path, STORE, reason, wanted, present, self._attributes(wanted, present))

    def wanted(self, path: RelPath) -> Entry:
        """Return the source's entry for one of the files."""
        return self._source[path]

    @property
    def sizes(self) -> Iterator[int]:
        source = self._source
        return (source[path][1] for path in self.paths)

    def between(self, first: int, last: int) -> Iterator[Write]:
        """Return the actions for the files of these positions."""
        return map(self.write, self.paths[first:last])

    def __iter__(self) -> Iterator[Write]:
        return map(self.write, self.paths)

    def __len__(self) -> int:
        return len(self.paths)

    def __bool__(self) -> bool:
        return bool(self.paths)


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


class OrderedOutcomes(OnDemand[Outcome]):
    """actions: of the plan, and beyond it
    proof_as_planned: returns the proof of a file that was stored as planned
    by_item: the outcomes of all other actions, by path and kind
    """

    def __init__(
        self,
        actions: Sequence[Sequence[Action]],
        by_item: Dict[Tuple[RelPath, str], Outcome],
        proof_as_planned: Callable[[RelPath], Optional[str]],
    ) -> None:
        self._actions = actions
        self._by_item = by_item
        self._proof_as_planned = proof_as_planned

    def errors(self) -> Iterator[SyncError]:
        """Return the errors, in order. No outcome is made."""
        if all(outcome.error is None for outcome in self._by_item.values()):
            return
        for path, kind in chain.from_iterable(map(_keys, self._actions)):
            outcome = self._find(path, kind)
            if outcome is not None and outcome.error is not None:
                yield outcome.error

    def __iter__(self) -> Iterator[Outcome]:
        find, proof_of = self._find, self._proof_as_planned
        for action in chain.from_iterable(self._actions):
            path, kind = action.path, action.action
            outcome = find(path, kind)
            if outcome is None and kind == STORE:
                proof = proof_of(path)
                outcome = None if proof is None else Outcome(action, proof)
            if outcome is not None:
                yield outcome

    def _find(self, path: RelPath, kind: str) -> Optional[Outcome]:
        outcome = self._by_item.get((path, kind))
        if outcome is None and kind in RELOCATIONS:
            outcome = self._by_item.get((path, STORE))  # It was stored instead.
        return outcome


def _keys(actions: Sequence[Action]) -> Iterator[Tuple[RelPath, str]]:
    if isinstance(actions, PlannedActions):
        return actions.keys()
    return ((action.path, action.action) for action in actions)
