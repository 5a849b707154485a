# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Relocations: files to store whose content the destination has under another name. Pure: no side is asked.

A new file is moved if a twin of it is removed in the same run; else it is copied if the destination can do that. A twin
has the same size and the same digest. Files that the filters exclude are not in the tree, and are no twins. Neither is
a file that another kind of entry replaces: it is gone before anything is moved.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import DefaultDict, Dict, Iterable, Iterator, List, Optional, Set, Tuple

from ..model import plan
from ..model.plan import Write
from ..model.relpath import RelPath
from ..model.tree import FILE, Digests, Entry
from .planner import SMALLEST_COPY, Draft
from .removals import inside

SAMPLE = 64
SAMPLE_BYTES = 256 << 20
_SECOND = 10**9
_Content = Tuple[int, bytes]
"""Size and digest."""


class Twins:
    """The stores of a draft, and the files of the destination that may have their content, by their sizes.

    stores: the actions that may become moves or copies
    extra: files that are removed
    staying: files that stay, or are stored over; only if the destination copies files
    """

    def __init__(self, draft: Draft, *, copies: bool) -> None:
        self._draft = draft
        self._copies = copies
        self.stores = [action for action in draft.stores or () if action.wanted.size > 0]
        sizes = {action.wanted.size for action in self.stores}
        self.extra: Dict[RelPath, Entry] = {}
        self.staying: Dict[RelPath, Entry] = {}
        if not self.stores:
            return
        self.extra = {
            action.path: action.present
            for action in draft.removals
            if action.reason == plan.EXTRA and action.present.kind == FILE and action.present.size in sizes
        }
        large = {size for size in sizes if size >= SMALLEST_COPY}
        if copies and large:
            gone = {action.path for action in draft.removals}
            self.staying = {
                path: entry
                for path, entry in draft.destination.items()
                if entry[1] in large and entry[0] == FILE and path not in gone and not inside(path, draft.held)
            }

    def unknown_extra(self, known: Digests) -> List[RelPath]:
        """Return the extra files without a known digest."""
        return [path for path in self.extra if path not in known]

    def unknown_stores(self, source: Digests, known: Digests) -> List[RelPath]:
        """Return the files to store without a digest in `source`, if a file of their size has a known digest. A file
        that is seen to differ is no twin of the file that it replaces."""
        sizes = Counter(
            entry.size for files in (self.extra, self.staying) for path, entry in files.items() if path in known
        )
        replaced = {path for path in self._draft.differing if path in self.staying and path in known}
        return [
            each.path
            for each in self.stores
            if each.path not in source and sizes[each.wanted.size] > (each.path in replaced)
        ]

    def likely(self) -> Set[RelPath]:
        """Return the files to hash first, on both sides: files of equal size and mtime, as a rename leaves them, and a
        sample of the others. Where many files have one size, and none was renamed, the others are not worth it."""
        files = {**self.staying, **self.extra}
        hints = _hints(files.items())
        stores = {each.path: each.wanted for each in self.stores}
        hints &= _hints(stores.items())
        names = {(path.name, entry.size) for path, entry in files.items()}
        others = [each for each in stores.items() if _hint(each[1]) not in hints]
        others.sort(key=lambda each: (each[0].name, each[1].size) not in names)
        sample = _sample(others)
        sizes = {entry.size for _path, entry in sample}
        names = {(path.name, entry.size) for path, entry in sample}
        twins = [each for each in files.items() if each[1].size in sizes and _hint(each[1]) not in hints]
        twins.sort(key=lambda each: (each[0].name, each[1].size) not in names)
        hinted = [each for tree in (files, stores) for each in tree.items() if _hint(each[1]) in hints]
        return {path for path, _entry in [*hinted, *sample, *_sample(twins)]}

    def found(self, source: Digests, known: Digests) -> bool:
        """Return whether the digests show any twin."""
        contents = {
            content for files in (self.extra, self.staying) for content, _path in _by_content(files.items(), known)
        }
        return any((each.wanted.size, source[each.path]) in contents for each in self.stores if each.path in source)

    def relocate(self, source: Digests, known: Digests) -> None:
        """Turn the draft's stores into moves and copies, as far as the digests show twins.

        source, known: the known digests of the files at the source and at the destination
        """
        wanted = {each.path: source[each.path] for each in self.stores if each.path in source}
        moves = _moves(self, wanted, known)
        copies = _copies(self, wanted, known, moves) if self._copies else {}
        if moves or copies:
            origins = set(moves.values())
            draft = self._draft
            draft.removals = [action for action in draft.removals if action.path not in origins]
            draft.actions += [
                _relocated(action, moves, copies)
                for action in self.stores
                if action.path in moves or action.path in copies
            ]
            if draft.stores is not None:
                draft.stores.keep(lambda path: path not in moves and path not in copies)


def _hint(entry: Entry) -> Tuple[int, int]:
    return entry.size, entry.mtime // _SECOND


def _hints(files: Iterable[Tuple[RelPath, Entry]]) -> Set[Tuple[int, int]]:
    return {_hint(entry) for _path, entry in files}


def _sample(files: Iterable[Tuple[RelPath, Entry]]) -> List[Tuple[RelPath, Entry]]:
    """Return the first of the files, bounded in number and bytes."""
    sample: List[Tuple[RelPath, Entry]] = []
    size = 0
    for each in files:
        size += each[1].size
        if sample and (len(sample) == SAMPLE or size > SAMPLE_BYTES):
            break
        sample.append(each)
    return sample


def _relocated(action: Write, moves: Dict[RelPath, RelPath], copies: Dict[RelPath, RelPath]) -> Write:
    if action.path in moves:
        return action._replace(action=plan.MOVE, origin=moves[action.path])
    return action._replace(action=plan.COPY, origin=copies[action.path])


def _moves(twins: Twins, wanted: Dict[RelPath, bytes], known: Digests) -> Dict[RelPath, RelPath]:
    """Return the old name of each file that is moved. Only a free name is moved to, because many servers cannot replace
    a file in one step. A twin of the same last name is preferred."""
    pool = _Pool(_by_content(sorted(twins.extra.items(), reverse=True), known))
    targets = sorted(each for each in twins.stores if each.path in wanted and each.present is None)
    moves: Dict[RelPath, RelPath] = {}
    for same_name in (True, False):
        for each in targets:
            if each.path not in moves:
                content = (each.wanted.size, wanted[each.path])
                old = pool.take_namesake(content, each.path.name) if same_name else pool.take(content)
                if old is not None:
                    moves[each.path] = old
    return moves


class _Pool:
    """Extra files, each of which is moved once at most."""

    def __init__(self, files: Iterable[Tuple[_Content, RelPath]]) -> None:
        self._any: DefaultDict[_Content, List[RelPath]] = defaultdict(list)
        self._named: DefaultDict[Tuple[_Content, bytes], List[RelPath]] = defaultdict(list)
        self._taken: Set[RelPath] = set()
        for content, path in files:
            self._any[content].append(path)
            self._named[content, path.name].append(path)

    def take_namesake(self, content: _Content, name: bytes) -> Optional[RelPath]:
        """Return a file with this content and this last name."""
        return self._take(self._named.get((content, name)))

    def take(self, content: _Content) -> Optional[RelPath]:
        return self._take(self._any.get(content))

    def _take(self, paths: Optional[List[RelPath]]) -> Optional[RelPath]:
        while paths:
            path = paths.pop()
            if path not in self._taken:
                self._taken.add(path)
                return path
        return None


def _copies(
    twins: Twins, wanted: Dict[RelPath, bytes], known: Digests, moves: Dict[RelPath, RelPath]
) -> Dict[RelPath, RelPath]:
    """Return the file from which each other file is copied. Copies are made before anything is moved or replaced."""
    present = {**twins.staying, **twins.extra}
    first = dict(_by_content(sorted(present.items(), reverse=True), known))
    copies: Dict[RelPath, RelPath] = {}
    for each in twins.stores:
        if each.path in wanted and each.path not in moves and each.wanted.size >= SMALLEST_COPY:
            origin = first.get((each.wanted.size, wanted[each.path]))
            if origin is not None:
                copies[each.path] = origin
    return copies


def _by_content(files: Iterable[Tuple[RelPath, Entry]], known: Digests) -> Iterator[Tuple[_Content, RelPath]]:
    for path, entry in files:
        if path in known:
            yield (entry.size, known[path]), path
