# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scanning both sides at the same time, and sorting what is found: the tree, what is hidden from it, and what is
ours."""

from __future__ import annotations

import time
from itertools import chain
from typing import Callable, Iterator, List, Optional, Set

from ..errors import NotFound, SyncError
from ..model.relpath import ROOT, RelPath
from ..model.tree import DIRECTORY, FILE, LINK, Stamps, Tree
from ..transport.base import Page, Transport
from .doubtful_directories import DoubtfulDirectories
from .lock import LOCK_NAME
from .selection import Sieve
from .stage_names import OURS

__all__ = ["Scanned", "SideScan", "scan_both"]

_ENDED = object()


class Scanned:
    """What one side holds.

    tree: what belongs to the run; stamps: of its files, where the side has them; problems: directories that could not
    be listed; vanished: directories that went away while the scan went on; holding: directories that hold something
    the tree does not show; locks: lock files, at any depth, which are never part of a tree; stages: files and links
    with a name that runs on this destination give. Whatever the filters take of what is in them: ours: all paths with a
    name that the engine gives; directories: those that were entered; enters: whether a directory is.
    """

    def __init__(self, enters: Optional[Callable[[RelPath], bool]] = None) -> None:
        self.enters = enters or _always
        self.tree: Tree = {}
        self.stamps: Stamps = {}
        self.problems: List[SyncError] = []
        self.vanished: Set[RelPath] = set()
        self.holding: Set[RelPath] = set()
        self.locks: List[RelPath] = []
        self.stages: Tree = {}
        self.ours: List[RelPath] = []
        self.directories: List[RelPath] = []

    @property
    def complete(self) -> bool:
        return not self.problems


class SideScan:
    """The scan of one side, page by page, as `steps` is advanced.

    is_stage: whether a name is one that runs on this destination give. read_links: whether targets are needed.
    started: nanoseconds since 1970, our clock.
    """

    def __init__(
        self, transport: Transport, sieve: Sieve, *, is_stage: Callable[[RelPath], bool], read_links: bool
    ) -> None:
        self._transport = transport
        self._sieve = sieve
        self._is_stage = is_stage
        self._read_links = read_links
        self.result = Scanned(sieve.enter)
        self.started = time.time_ns()
        self.steps: Iterator[None] = self._steps()

    def ready(self) -> bool:
        """Whether the next step need not wait, as far as can be told."""
        return self._transport.advance()

    def then(self, steps: Iterator[None]) -> None:
        """What is to be done once this side is listed, while the other's listing goes on."""
        self.steps = chain(self.steps, steps)

    def _steps(self) -> Iterator[None]:
        """Take in one page a step."""
        doubts = DoubtfulDirectories(self._sieve.enter)
        yield from self._list(ROOT, doubts)
        directory = doubts.next()
        while directory != ROOT:
            yield from self._list(directory, doubts)
            directory = doubts.next()
        self._sort_out()

    def _list(self, below: RelPath, doubts: DoubtfulDirectories) -> Iterator[None]:
        """List one directory with all below it. A lost session that can be made anew begins this anew; a directory at
        which sessions end is a problem of the listing."""
        while True:
            doubts.begin()
            try:
                for page in self._transport.scan(enter=doubts.enter, read_links=self._read_links):
                    if doubts.takes(page.directory):
                        self._take(page)
                        yield
                if not doubts.listed():
                    self._note(below, NotFound("it vanished while the session was lost"))
                return
            except SyncError as error:
                recover = getattr(self._transport, "recover", None)
                if recover is None:
                    raise
                recover(error)
                if below == ROOT:
                    self.result = Scanned(self._sieve.enter)
                if doubts.failed(error, attempts=self._transport.item_attempts):
                    self._note(below, self._transport.blamed(error, below))
                    return

    def _take(self, page: Page) -> None:
        if page.problem is not None:
            self._note(page.directory, page.problem)
        result = self.result
        result.tree.update(page.entries)
        if page.stamps:
            result.stamps.update(page.stamps)
        result.ours += [path for path, _entry in page.entries if OURS in path]
        result.directories += [path for path, entry in page.entries if entry[0] is DIRECTORY]

    def _note(self, directory: RelPath, problem: SyncError) -> None:
        if isinstance(problem, NotFound) and directory != ROOT:
            self.result.vanished.add(directory)
            return
        if problem.path is None:
            problem.path = bytes(directory)
        self.result.problems.append(problem)

    def _sort_out(self) -> None:
        """Take out of the tree what the engine put there, what is there no more, and what the sieve holds back."""
        result, tree = self.result, self.result.tree
        result.ours = list(dict.fromkeys(result.ours))  # a directory that changes meanwhile may show a name twice
        for path in result.ours:
            if path.name == LOCK_NAME:
                result.locks.append(path)
                result.holding.add(path.parent)
                del tree[path]
            elif tree[path].kind in (FILE, LINK) and self._is_stage(path):
                result.stages[path] = tree.pop(path)
        for path in result.vanished:
            tree.pop(path, None)
        found = [path for path in dict.fromkeys(result.directories) if path in tree]
        result.directories = [path for path in found if tree[path].kind == DIRECTORY and result.enters(path)]
        result.tree, hiding = self._sieve.select(tree)
        result.holding |= hiding


def _always(_path: RelPath) -> bool:
    return True


def scan_both(source: SideScan, destination: Optional[SideScan]) -> None:
    """Run both scans to their ends, page by page in turn; while one has no page yet, the other goes on. The
    destination's is None where its root is missing."""
    going = [source] if destination is None else [source, destination]
    while going:
        for scan in tuple(going):
            if (scan.ready() or len(going) == 1) and next(scan.steps, _ENDED) is _ENDED:
                going.remove(scan)
